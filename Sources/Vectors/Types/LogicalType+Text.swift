/// The names of types, PostgreSQL's where it has one. `LogicalType(text: type.description)` gives
/// back every type; the manifest keeps types in this form.
extension LogicalType: CustomStringConvertible {
  public var description: String {
    switch self {
    case .null: "unknown"
    case .boolean: "boolean"
    case .int8: "tinyint"
    case .int16: "smallint"
    case .int32: "integer"
    case .int64: "bigint"
    case .float32: "real"
    case .float64: "double precision"
    case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
    case .text: "text"
    case .binary: "bytea"
    case .date: "date"
    case .timestamp: "timestamp"
    case .list(let element): "\(element)[]"
    case .structure(let fields):
      "struct(" + fields.map { "\(Self.quoted($0.name)) \($0.type)" }.joined(separator: ",") + ")"
    case .map(let key, let value): "map(\(key),\(value))"
    case .point: "point"
    case .circle: "circle"
    case .polygon: "polygon"
    }
  }

  /// In bytes, not characters: a quote with an accent behind it is one `Character`.
  private static func quoted(_ name: String) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    for byte in name.utf8 {
      if byte == UInt8(ascii: "\"") { bytes.append(byte) }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Types by every name that SQL knows for them, without arguments.
  public static let named: [String: LogicalType] = [
    "unknown": .null, "boolean": .boolean, "bool": .boolean, "tinyint": .int8, "int1": .int8,
    "smallint": .int16, "int2": .int16, "short": .int16, "integer": .int32, "int": .int32,
    "int4": .int32, "bigint": .int64, "int8": .int64, "long": .int64, "real": .float32,
    "float4": .float32, "double precision": .float64, "double": .float64, "float8": .float64,
    "float": .float64, "text": .text, "varchar": .text, "char": .text, "character": .text,
    "character varying": .text, "string": .text, "bytea": .binary, "binary": .binary,
    "blob": .binary, "date": .date, "timestamp": .timestamp,
    "timestamp without time zone": .timestamp, "timestamp with time zone": .timestamp,
    "timestamptz": .timestamp, "point": .point, "circle": .circle, "polygon": .polygon,
    "numeric": .decimal(precision: 38, scale: 10), "decimal": .decimal(precision: 38, scale: 10),
  ]

  /// Reads what `description` writes, and the other SQL names. Nil for anything else.
  public init?(text: String) {
    var parser = TypeTextParser(text)
    guard let type = parser.parseType(depth: 0), parser.isAtEnd,
      type.depth <= Self.maximumDepth
    else { return nil }
    self = type
  }
}

/// A small recursive reader of type texts; what nests deeper than types may is refused.
private struct TypeTextParser {
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  var isAtEnd: Bool { position == bytes.count }

  mutating func parseType(depth: Int) -> LogicalType? {
    guard depth < LogicalType.maximumDepth, var type = parseBase(depth: depth) else { return nil }
    var lists = 0
    while accept("[") {
      lists += 1
      guard lists < LogicalType.maximumDepth, accept("]") else { return nil }
      type = .list(type)
    }
    return type
  }

  private mutating func parseBase(depth: Int) -> LogicalType? {
    let name = parseName()
    switch name {
    case "struct":
      guard accept("(") else { return nil }
      var fields: [StructField] = []
      if accept(")") { return .structure([]) }
      repeat {
        guard let field = parseQuoted(), accept(" "), let type = parseType(depth: depth + 1) else {
          return nil
        }
        fields.append(StructField(field, type))
      } while accept(",")
      return accept(")") ? .structure(fields) : nil
    case "map":
      guard accept("("), let key = parseType(depth: depth + 1), accept(","),
        let value = parseType(depth: depth + 1), accept(")")
      else { return nil }
      return .map(key: key, value: value)
    case "decimal", "numeric":
      guard accept("(") else { return LogicalType.named[name] }
      guard let precision = parseNumber(), accept(","), let scale = parseNumber(), accept(")"),
        (1...38).contains(precision), (0...precision).contains(scale)
      else { return nil }
      return .decimal(precision: precision, scale: scale)
    default:
      return LogicalType.named[name]
    }
  }

  private mutating func parseName() -> String {
    let start = position
    while position < bytes.count, isNameByte(bytes[position]) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "_")
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }

  private mutating func parseQuoted() -> String? {
    guard accept("\"") else { return nil }
    var name: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") {
        guard position < bytes.count, bytes[position] == byte else {
          return String(decoding: name, as: UTF8.self)
        }
        position += 1
      }
      name.append(byte)
    }
    return nil
  }

  private mutating func parseNumber() -> Int? {
    var value = 0
    let start = position
    while position < bytes.count, position - start < 4,
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
    {
      value = value * 10 + Int(bytes[position] - UInt8(ascii: "0"))
      position += 1
    }
    return position > start ? value : nil
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }
}
