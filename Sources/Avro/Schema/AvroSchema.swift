import Base

/// A type of Avro 1.11, names resolved: what a writer says about its bytes.
public indirect enum AvroSchema: Sendable {
  case null
  case boolean
  case int
  case long
  case float
  case double
  case bytes
  case string
  case fixed(name: String, sizeBytes: Int)
  case enumeration(AvroEnumeration)
  case array(AvroSchema)
  case map(AvroSchema)
  case union([AvroSchema])
  case record(AvroRecord)
  /// A type with a meaning that Zij knows; the meaning never changes the bytes.
  case logical(AvroLogicalType, AvroSchema)

  /// Without its meaning.
  var plain: AvroSchema {
    if case .logical(_, let base) = self { return base }
    return self
  }

  var isNull: Bool {
    if case .null = self { return true }
    return false
  }
}

public enum AvroLogicalType: Hashable, Sendable {
  case date
  /// Nanoseconds in one of the numbers.
  case timestamp(unitNS: Int64)
  case decimal(precision: Int, scale: Int)
  case uuid
}

public struct AvroEnumeration: Hashable, Sendable {
  public var name: String
  public var symbols: [String]
}

public struct AvroRecord: Sendable {
  /// With its namespace.
  public var name: String
  public var fields: [AvroField]
}

public struct AvroField: Sendable {
  public var name: String
  public var aliases: [String]
  public var type: AvroSchema
  public var defaultValue: JSONValue?
  public var documentation: String?
}

extension AvroSchema {
  /// A type as messages show it, and the name of a union's branch.
  public var name: String {
    switch self {
    case .null: "null"
    case .boolean: "boolean"
    case .int: "int"
    case .long: "long"
    case .float: "float"
    case .double: "double"
    case .bytes: "bytes"
    case .string: "string"
    case .fixed(let name, _): name
    case .enumeration(let enumeration): enumeration.name
    case .array: "array"
    case .map: "map"
    case .union: "union"
    case .record(let record): record.name
    case .logical(_, let base): base.name
    }
  }

  /// The name without its namespace.
  var shortName: String { Self.shortName(of: name) }

  static func shortName(of name: String) -> String {
    name.split(separator: ".").last.map(String.init) ?? name
  }

  /// True if every value takes no bytes at all; otherwise every value takes at least one.
  var isEmpty: Bool {
    switch self {
    case .null: true
    case .fixed(_, let sizeBytes): sizeBytes == 0
    case .record(let record): record.fields.allSatisfy(\.type.isEmpty)
    case .logical(_, let base): base.isEmpty
    default: false
    }
  }
}
