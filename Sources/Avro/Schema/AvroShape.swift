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
  /// Other names of each field of a structure.
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
      let isTaken = fields.contains { $0.name == branch.shortName }
      fields.append(StructField(isTaken ? branch.name : branch.shortName, shape.type))
      result.children.append(shape)
    }
    result.type = .structure(fields)
    result.fillIn()
    return result
  }

  /// One entry for every field in what is known of fields.
  mutating func fillIn() {
    aliases = Array(repeating: [], count: children.count)
    documentation = Array(repeating: nil, count: children.count)
    defaults = Array(repeating: nil, count: children.count)
  }
}

// MARK: - From columns

extension AvroShape {
  /// The shape in which columns of these names have these types where both are nested, with columns
  /// that it lacks behind its own.
  public func fitted(to columns: [StructField]) -> AvroShape {
    guard case .structure(var fields) = type, !isUnion else { return self }
    var result = self
    for column in columns {
      let name = column.name.lowercased()
      if let place = fields.firstIndex(where: { $0.name.lowercased() == name }) {
        guard !column.type.childTypes.isEmpty, !fields[place].type.childTypes.isEmpty else {
          continue
        }
        fields[place].type = column.type
        result.children[place] = Self.shape(of: column.type)
      } else {
        fields.append(column)
        result.children.append(Self.shape(of: column.type))
        result.aliases.append([])
        result.documentation.append(nil)
        result.defaults.append(nil)
      }
    }
    result.type = .structure(fields)
    return result
  }

  private static func shape(of type: LogicalType) -> AvroShape {
    var types = type.childTypes
    if case .map(_, let value) = type { types = [value] }
    var result = AvroShape(type, children: types.map { shape(of: $0) })
    if case .structure = type { result.fillIn() }
    return result
  }
}

// MARK: - Several schemas

extension AvroShape {
  /// The shape that holds the values of both: fields of either, numbers as wide as needed.
  public func merged(with other: AvroShape) throws(SQLError) -> AvroShape {
    try merged(with: other, path: [])
  }

  private func merged(with other: AvroShape, path: [String]) throws(SQLError) -> AvroShape {
    if isNullOnly { return other }
    if other.isNullOnly { return self }
    switch (type, other.type) {
    case (.structure, .structure) where isUnion == other.isUnion:
      return try mergedFields(with: other, path)
    case (.list, .list), (.map, .map):
      let child = try children[0].merged(with: other.children[0], path: path)
      var result = self
      result.children = [child]
      result.type =
        if case .list = type { .list(child.type) } else { .map(key: .text, value: child.type) }
      return result
    default:
      guard let wide = Self.common(type, other.type) else { throw differs(other, path) }
      return AvroShape(wide)
    }
  }

  private func mergedFields(with other: AvroShape, _ path: [String]) throws(SQLError) -> AvroShape {
    guard case .structure(var fields) = type, case .structure(let others) = other.type else {
      return self
    }
    var result = self
    for (index, field) in others.enumerated() {
      if let place = position(of: field.name, aliases: other.aliases[index]) {
        let child = try children[place].merged(
          with: other.children[index], path: path + [field.name])
        result.children[place] = child
        result.aliases[place] += other.aliases[index] + [field.name]
        result.documentation[place] = documentation[place] ?? other.documentation[index]
        fields[place].type = child.type
      } else {
        fields.append(field)
        result.children.append(other.children[index])
        result.aliases.append(other.aliases[index])
        result.documentation.append(other.documentation[index])
        result.defaults.append(other.defaults[index])
      }
    }
    result.type = .structure(fields)
    return result
  }

  /// The field that a writer's field goes to: by its name, or by an alias of either.
  func position(of name: String, aliases others: [String]) -> Int? {
    guard case .structure(let fields) = type else { return nil }
    if let exact = fields.firstIndex(where: { $0.name == name }) { return exact }
    return fields.indices.first { index in
      others.contains(fields[index].name) || aliases[index].contains(name)
    }
  }

  private static func common(_ a: LogicalType, _ b: LogicalType) -> LogicalType? {
    if a == b { return a }
    switch (a, b) {
    case (.int32, .int64), (.int64, .int32): return .int64
    case (.int32, _), (.int64, _), (.float32, _), (.float64, _):
      let isNumber = [.int32, .int64, .float32, .float64].contains(b)
      return isNumber ? .float64 : nil
    default: return nil
    }
  }

  private func differs(_ other: AvroShape, _ path: [String]) -> SQLError {
    SQLError(
      .datatypeMismatch,
      "field \"\(path.joined(separator: "."))\" is \(type) in one file and \(other.type) in another",
      hint: "Read the files apart, and cast in the query.")
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
