import Base
import Vectors

/// What rows are read into: a column type, with what schema resolution must know of it besides.
///
/// Shapes come from schemas, or from the types of columns that are there already. Every value may be
/// NULL.
public struct AvroShape: Sendable {
  public var type: LogicalType
  /// As `type.childTypes` has them; of a map, the shape of its values.
  var children: [AvroShape] = []
  /// Other names of each field of a structure; of a union, the full names of the branches that each
  /// field stands for.
  var aliases: [[String]] = []
  /// Descriptions of the fields.
  var documentation: [String?] = []
  /// What fields that the writer does not have are filled with; NULL without one.
  var defaults: [AvroDefault?] = []
  /// The fields stand for the branches of a union: at most one of them has a value.
  var isUnion = false
  /// Nothing but NULL has been seen: any other type fits.
  var isNullOnly = false

  /// A default, as the bytes that a writer of `schema` would have written.
  struct AvroDefault: Sendable {
    var schema: AvroSchema
    var bytes: [UInt8]
  }

  init(_ type: LogicalType, children: [AvroShape] = []) {
    self.type = type
    self.children = children
  }
}

// MARK: - From a schema

extension AvroShape {
  /// The shape that holds every value of `schema`. With `keepingDefaults`, fields that a writer does
  /// not have get the default of the schema in place of NULL.
  public init(_ schema: AvroSchema, keepingDefaults: Bool = false) throws(SQLError) {
    self = try Self.shape(of: schema, keepingDefaults)
    guard type.depth <= LogicalType.maximumDepth else {
      throw SQLError(
        .statementTooComplex, "types are nested deeper than \(LogicalType.maximumDepth)")
    }
  }

  private static func shape(
    of schema: AvroSchema, _ keeps: Bool
  ) throws(SQLError) -> AvroShape {
    switch schema {
    case .null:
      var shape = AvroShape(LogicalType.text)
      shape.isNullOnly = true
      return shape
    case .boolean: return AvroShape(LogicalType.boolean)
    case .int: return AvroShape(LogicalType.int32)
    case .long: return AvroShape(LogicalType.int64)
    case .float: return AvroShape(LogicalType.float32)
    case .double: return AvroShape(LogicalType.float64)
    case .bytes, .fixed: return AvroShape(LogicalType.binary)
    case .string, .enumeration: return AvroShape(LogicalType.text)
    case .logical(let meaning, _): return AvroShape(type(of: meaning))
    case .array(let element):
      let shape = try shape(of: element, keeps)
      return AvroShape(.list(shape.type), children: [shape])
    case .map(let value):
      let shape = try shape(of: value, keeps)
      return AvroShape(.map(key: .text, value: shape.type), children: [shape])
    case .record(let record): return try structure(record, keeps)
    case .union(let branches): return try union(branches, keeps)
    }
  }

  private static func type(of meaning: AvroLogicalType) -> LogicalType {
    switch meaning {
    case .date: .date
    case .timestamp: .timestamp
    case .decimal(let precision, let scale): .decimal(precision: precision, scale: scale)
    case .uuid: .text
    }
  }

  private static func structure(
    _ record: AvroRecord, _ keeps: Bool
  ) throws(SQLError) -> AvroShape {
    var result = AvroShape(.structure([]))
    var fields: [StructField] = []
    for field in record.fields {
      let shape = try shape(of: field.type, keeps)
      fields.append(StructField(field.name, shape.type))
      result.children.append(shape)
      result.aliases.append(field.aliases)
      result.documentation.append(field.documentation)
      result.defaults.append(try keeps ? standIn(for: field, of: record) : nil)
    }
    result.type = .structure(fields)
    return result
  }

  private static func standIn(
    for field: AvroField, of record: AvroRecord
  ) throws(SQLError) -> AvroDefault? {
    guard let value = field.defaultValue, value != .null else { return nil }
    guard let bytes = AvroEncoding.encoded(value, as: field.type) else {
      throw SQLError(
        .dataCorrupted,
        "the default of field \"\(field.name)\" of \"\(record.name)\" is no \(field.type.name)")
    }
    return AvroDefault(schema: field.type, bytes: bytes)
  }

  /// With NULL: the other type. Of several other types: a structure with a field for each.
  private static func union(
    _ branches: [AvroSchema], _ keeps: Bool
  ) throws(SQLError) -> AvroShape {
    let others = branches.filter { !$0.isNull }
    if others.count <= 1 { return try shape(of: others.first ?? .null, keeps) }
    var result = AvroShape(.structure([]))
    result.isUnion = true
    var fields: [StructField] = []
    for branch in others {
      let shape = try shape(of: branch, keeps)
      // Full names differ within a union; where short ones do not, all of them are full.
      let isShared = others.contains {
        $0.shortName == branch.shortName && $0.name != branch.name
      }
      fields.append(StructField(isShared ? branch.name : branch.shortName, shape.type))
      result.children.append(shape)
    }
    result.type = .structure(fields)
    result.fillIn()
    result.aliases = others.map { [$0.name] }
    return result
  }

  /// One entry for every field in what is known of fields.
  mutating func fillIn() {
    aliases = Array(repeating: [], count: children.count)
    documentation = Array(repeating: nil, count: children.count)
    defaults = Array(repeating: nil, count: children.count)
  }
}

extension AvroShape {
  /// The columns of rows of this shape, with their descriptions; one column `value` if it is no
  /// structure.
  public var columns: [(field: StructField, documentation: String?)] {
    guard case .structure(let fields) = type, !isUnion else {
      return [(StructField("value", type), nil)]
    }
    return fields.indices.map { (fields[$0], documentation[$0]) }
  }
}
