import Base
import Catalog
import FunctionKit
import Vectors

/// Answers questions about names from a catalogue's image.
struct ImageNames: ObjectNames {
  private let image: CatalogueImage

  init(_ image: CatalogueImage) { self.image = image }

  func name(of oid: Int64, _ kind: ObjectKind) -> String? {
    switch kind {
    case .relation:
      guard let relation = image.relation(oid) else { return nil }
      let name = SQLName.quoted(relation.table.name)
      return image.isVisible(relation)
        ? name : "\(SQLName.quoted(relation.schema.name)).\(name)"
    case .type: return PostgreSQLTypes.text(oid, modifier: nil)
    case .function: return image.function(oid).map { SQLName.quoted($0.name) }
    case .schema: return image.schema(oid).map { SQLName.quoted($0.name) }
    case .role: return oid == ownerOID ? "zij" : nil
    }
  }

  func oid(of text: String, _ kind: ObjectKind) throws(SQLError) -> Int64? {
    if let number = Int64(text), number >= 0, number <= Int64(Int32.max) { return number }
    if text == "-" { return 0 }
    if kind == .type { return PostgreSQLTypes.named(Self.foldedType(text))?.oid }
    // Arguments tell overloads apart, which nobody asks by name.
    let isFunction = kind == .function
    let parts = try Self.parts(
      of: isFunction ? String(text.prefix { $0 != "(" }) : text)
    guard let last = parts.last, parts.count <= 2 else { return nil }
    let schema = parts.count == 2 ? parts[0] : nil
    switch kind {
    case .relation: return image.relation(named: last, schema: schema)?.oid
    case .function: return image.function(named: last)?.oid
    case .schema: return parts.count == 1 ? image.schema(named: last)?.oid : nil
    case .role: return ownerOID
    case .type: return nil
    }
  }

  func isVisible(_ oid: Int64, _ kind: ObjectKind) -> Bool? {
    switch kind {
    case .relation: image.relation(oid).map(image.isVisible)
    case .type: PostgreSQLTypes.byOID[oid].map { _ in true }
    case .function: image.function(oid).map { _ in true }
    case .schema: image.schema(oid).map { _ in true }
    case .role: oid == ownerOID
    }
  }

  func comment(on oid: Int64, column: Int, in catalog: String?) -> String? {
    if catalog == nil || catalog == "pg_class", let relation = image.relation(oid) {
      if column == 0 { return relation.table.description }
      guard column > 0, column <= relation.columns.count else { return nil }
      return AttributeRows.comment(of: relation.columns[column - 1])
    }
    guard column == 0, catalog == nil || catalog == "pg_proc" else { return nil }
    return image.function(oid)?.summary
  }

  func typeText(_ oid: Int64, modifier: Int64?) -> String? {
    PostgreSQLTypes.text(oid, modifier: modifier)
  }

  func sizeBytes(ofTable oid: Int64) -> Int64? {
    image.relation(oid).map(Self.sizeBytes)
  }

  var sizeBytes: Int64 { image.relations.reduce(0) { $0 &+ Self.sizeBytes($1) } }

  func signature(of oid: Int64) -> (arguments: String, result: String)? {
    image.function(oid).map { ($0.arguments, $0.result) }
  }

  private static func sizeBytes(_ relation: CatalogueImage.Relation) -> Int64 {
    if relation.table is VirtualTable { return 0 }
    guard let snapshot = try? relation.table.snapshot() else { return 0 }
    let columns = Array(relation.table.columns.indices)
    var total = 0
    for part in snapshot.parts {
      for group in 0..<part.groupCount { total &+= part.sizeBytes(ofGroup: group, columns: columns) }
    }
    return Int64(total)
  }

  // MARK: text

  /// The parts of a possibly qualified name; those without quotes in lower case.
  static func parts(of text: String) throws(SQLError) -> [String] {
    var parts: [String] = []
    var current = ""
    var isQuoted = false
    var wasQuoted = false
    var rest = text.unicodeScalars[...]
    while let next = rest.popFirst() {
      switch next {
      case "\"" where isQuoted && rest.first == "\"":
        rest.removeFirst()
        current.unicodeScalars.append(next)
      case "\"":
        isQuoted.toggle()
        wasQuoted = true
      case "." where !isQuoted:
        parts.append(current)
        current = ""
      // Drivers write `"public" . "stars"`.
      case " " where !isQuoted: continue
      default: current.unicodeScalars.append(isQuoted ? next : lowered(next))
      }
    }
    parts.append(current)
    if isQuoted || (!wasQuoted && parts.contains("")) {
      throw SQLError(.invalidParameterValue, "invalid name syntax: \"\(text)\"")
    }
    return parts
  }

  private static func lowered(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    ("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) | 32) : scalar
  }

  private static func foldedType(_ text: String) -> String {
    var name = text.lowercased()
    if name == "\"char\"" { return "pg_catalog.char" }
    name.unicodeScalars.removeAll { $0 == "\"" }
    return name
  }
}
