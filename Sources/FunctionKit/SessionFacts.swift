import Base
import Vectors

/// What functions and the binder may ask of the session that runs a statement, and of the catalogue
/// that it sees: the one way by which `current_setting`, `'gaia'::regclass` or `obj_description`
/// learn their answer. The engine implements it; the binder uses it for constants, kernels find it
/// in their `FunctionContext`.
public protocol SessionFacts: AnyObject, Sendable {
  var userName: String { get }
  var databaseName: String { get }
  /// Tells the session from others on the same server.
  var processID: Int32 { get }
  var isReadOnly: Bool { get }
  /// A setting's text; nil for an unknown one.
  func setting(_ name: String) -> String?
  func changeSetting(_ name: String, to value: String) throws(SQLError)
  /// Every setting with its summary.
  var settings: [(name: String, value: String, summary: String)] { get }
  var names: any ObjectNames { get }
}

/// The objects of a catalogue by number and by name.
public protocol ObjectNames: Sendable {
  /// The name, with its schema where that is needed to find it, quoted where it must be; nil if there
  /// is no such object.
  func name(of oid: Int64, _ kind: ObjectKind) -> String?
  /// The number of what a text names: a possibly qualified name or a number; nil if nothing does.
  func oid(of text: String, _ kind: ObjectKind) throws(SQLError) -> Int64?
  /// Whether the object is found without its schema; nil if there is none.
  func isVisible(_ oid: Int64, _ kind: ObjectKind) -> Bool?
  /// What the catalogue says of an object, or of column `column` (from 1) of a table. `catalog` is the
  /// table of pg_catalog that has the object; nil for any.
  func comment(on oid: Int64, column: Int, in catalog: String?) -> String?
  /// A type's name in SQL with its modifier; nil if there is no such type.
  func typeText(_ oid: Int64, modifier: Int64?) -> String?
  /// Bytes of a table's rows as they are stored; nil if there is no such table.
  func sizeBytes(ofTable oid: Int64) -> Int64?
  /// Bytes of all tables.
  var sizeBytes: Int64 { get }
  /// Arguments and result of a function; nil if there is none.
  func signature(of oid: Int64) -> (arguments: String, result: String)?
}

extension ObjectKind {
  /// The error for a name that nothing has.
  public func missing(_ text: String) -> SQLError {
    switch self {
    case .relation:
      SQLError(
        .undefinedTable, "table does not exist: \"\(text)\"", hint: "zij.tables lists all tables.")
    case .type: SQLError(.undefinedObject, "type does not exist: \"\(text)\"")
    case .function: SQLError(.undefinedFunction, "function does not exist: \"\(text)\"")
    case .schema: SQLError(.undefinedObject, "schema does not exist: \"\(text)\"")
    case .role: SQLError(.undefinedObject, "role does not exist: \"\(text)\"")
    }
  }
}

extension FunctionContext {
  public func requireFacts() throws(SQLError) -> any SessionFacts {
    guard let facts else {
      throw SQLError(.featureNotSupported, "there is no session to ask", at: range)
    }
    return facts
  }
}
