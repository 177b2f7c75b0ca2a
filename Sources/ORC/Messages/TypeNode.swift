import Base

/// The kinds of ORC types, with the format's numbers.
enum TypeKind: Int {
  case boolean = 0
  case byte = 1
  case short = 2
  case int = 3
  case long = 4
  case float = 5
  case double = 6
  case string = 7
  case binary = 8
  case timestamp = 9
  case list = 10
  case map = 11
  case structure = 12
  case union = 13
  case decimal = 14
  case date = 15
  case varchar = 16
  case char = 17
  case timestampInstant = 18
  case geometry = 19
  case geography = 20
}

/// One type of the tree that a footer lists in preorder.
struct TypeNode {
  var kind = TypeKind.boolean
  var subtypes: [Int] = []
  var fieldNames: [String] = []
  var precision = 0
  var scale = 0
  var attributes: [(key: String, value: String)] = []

  init(_ kind: TypeKind) { self.kind = kind }

  init(_ region: ByteRegion) throws(SQLError) {
    var reader = ProtobufReader(region)
    var ids: [UInt64] = []
    while let field = try reader.next() {
      switch field.number {
      case 1:
        guard let known = TypeKind(rawValue: Int(truncatingIfNeeded: field.value)) else {
          throw SQLError(.featureNotSupported, "unknown ORC type kind: \(field.value)")
        }
        kind = known
      case 2: try field.appendNumbers(to: &ids)
      case 3: fieldNames.append(try field.text())
      case 5: precision = try field.count()
      case 6: scale = try field.count()
      case 7: attributes.append(try Self.attribute(field.region()))
      default: break
      }
    }
    for id in ids {
      guard id < 1 << 24 else { throw SQLError(.dataCorrupted, "subtype \(id)") }
      subtypes.append(Int(id))
    }
  }

  private static func attribute(_ region: ByteRegion) throws(SQLError) -> (String, String) {
    var pair = ("", "")
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      switch field.number {
      case 1: pair.0 = try field.text()
      case 2: pair.1 = try field.text()
      default: break
      }
    }
    return pair
  }

  func encoded() -> ProtobufWriter {
    var writer = ProtobufWriter()
    writer.append(1, kind.rawValue)
    if !subtypes.isEmpty { writer.append(2, packed: subtypes.map { UInt64($0) }) }
    for name in fieldNames { writer.append(3, text: name) }
    if kind == .decimal {
      writer.append(5, precision)
      writer.append(6, scale)
    }
    for attribute in attributes {
      var pair = ProtobufWriter()
      pair.append(1, text: attribute.key)
      pair.append(2, text: attribute.value)
      writer.append(7, message: pair)
    }
    return writer
  }
}
