import Base
import Catalog
import Engine
import Parsing
import Vectors

/// A statement that a client has had parsed.
struct PreparedStatement {
  enum Kind {
    /// Nothing but blanks and comments.
    case empty
    /// Something that the conversation itself does.
    case command(SessionCommand)
    case statement
  }

  let sql: String
  /// Characters before it in what the client has sent.
  var charactersBefore = 0
  let kind: Kind
  /// What clients are told; the type they declared, or the one that was found.
  let parameterOIDs: [UInt32]
  let parameterTypes: [LogicalType?]
  let columns: [ResultColumn]
  /// Its memory, once it is kept.
  var reservation: MemoryReservation?

  /// The types that the statement's parameters have with these values.
  func types(of values: [Value]) throws(SQLError) -> [LogicalType?] {
    try NumericParameter.types(parameterTypes, oids: parameterOIDs, values: values)
  }

  /// For the places of errors.
  var source: Script.Statement { Script.Statement(text: sql, charactersBefore: charactersBefore) }
}

/// A statement with its parameters, and how far its rows have been read.
final class Portal {
  enum State {
    case new
    case open(ResultStream)
    case done
  }

  let name: String
  let statement: PreparedStatement
  let parameters: [Value]
  let parameterTypes: [LogicalType?]
  let resultFormats: [Int16]
  /// The memory of its parameters.
  var reservation: MemoryReservation?
  /// Made by DECLARE: FETCH reads it.
  var isCursor = false
  /// Outlives its transaction.
  var isHeld = false
  var state = State.new
  /// What COPY writes.
  var copy: CopyOut?
  /// The rows of the last batch that were not asked for yet.
  var rest: Batch?
  var tag = "SELECT"
  /// Those of its rows once it has been run, also when all have been read.
  var columns: [ResultColumn]

  init(
    name: String, statement: PreparedStatement, parameters: [Value] = [],
    parameterTypes: [LogicalType?] = [], resultFormats: [Int16] = []
  ) {
    self.name = name
    self.statement = statement
    self.parameters = parameters
    self.parameterTypes = parameterTypes
    self.resultFormats = resultFormats
    columns = statement.columns
  }

  /// Which columns are wanted in binary form.
  func binaryColumns(of count: Int) throws(SQLError) -> [Bool] {
    switch resultFormats.count {
    case 0: return Array(repeating: false, count: count)
    case 1: return Array(repeating: resultFormats[0] == 1, count: count)
    case count: return resultFormats.map { $0 == 1 }
    default:
      throw SQLError.protocolViolation("\(resultFormats.count) formats for \(count) columns")
    }
  }
}

extension ResultColumn {
  /// The number of its type for clients.
  var postgresOID: UInt32 { systemType?.oid ?? PostgresType.oid(of: type) }
}

extension FieldDescription {
  init(_ column: ResultColumn, isBinary: Bool) {
    if let system = column.systemType {
      self.init(
        column.name, typeOID: column.postgresOID, typeSizeBytes: Self.sizeBytes(ofSystemType: system.oid),
        format: isBinary ? 1 : 0)
      return
    }
    self.init(
      column.name, typeOID: column.postgresOID,
      typeSizeBytes: PostgresType.sizeBytes(of: column.type),
      typeModifier: PostgresType.modifier(of: column.type), format: isBinary ? 1 : 0)
  }

  private static func sizeBytes(ofSystemType oid: UInt32) -> Int16 {
    switch oid {
    case 18: 1
    case 19: 64
    case 24, 26, 28, 29, 2202, 2205, 2206, 4089, 4096: 4
    case 1184, 5069: 8
    default: -1
    }
  }
}
