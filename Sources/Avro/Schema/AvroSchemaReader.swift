import Base

/// Reads schemas from JSON. Named types may lie in other texts.
public struct AvroSchemaReader {
  /// Gives the JSON of a named type that the text does not define, by its full name; nil if nobody
  /// knows it.
  public typealias Lookup = (_ name: String) throws(SQLError) -> [UInt8]?

  /// Types nested deeper, and schemas that would have more fields when written out, are refused.
  static let maximumDepth = 48
  static let maximumFieldCount = 50_000

  private let lookup: Lookup
  private var known: [String: Known] = [:]
  /// Names that are being read: a reference to one of them would be recursive.
  private var open: Set<String> = []
  private var fieldCount = 0
  /// The deepest type read so far.
  private var deepest = 0

  private struct Known {
    var schema: AvroSchema
    var fieldCount: Int
    /// How much deeper than itself its parts lie.
    var height: Int
  }

  public static func read(
    _ text: [UInt8], lookup: @escaping Lookup = { _ in nil }
  ) throws(SQLError) -> AvroSchema {
    var reader = AvroSchemaReader(lookup)
    do throws(SQLError) {
      return try reader.schema(JSONValue(text: text), namespace: "", depth: 0)
    } catch {
      var named = error
      named.message = "cannot read Avro schema: \(error.message)"
      throw named
    }
  }

  private init(_ lookup: @escaping Lookup) { self.lookup = lookup }

  private static func refused(_ what: String) -> SQLError { SQLError(.dataCorrupted, what) }

  private mutating func schema(
    _ json: JSONValue, namespace: String, depth: Int
  ) throws(SQLError) -> AvroSchema {
    try reach(depth)
    fieldCount += 1
    guard fieldCount <= Self.maximumFieldCount else {
      throw SQLError(.statementTooComplex, "more than \(Self.maximumFieldCount) fields")
    }
    switch json {
    case .string(let name): return try named(name, namespace, depth)
    case .array(let branches): return try union(branches, namespace, depth)
    case .object: return try complex(json, namespace, depth)
    default: throw Self.refused("a type is a name, a list or an object")
    }
  }

  private mutating func reach(_ depth: Int) throws(SQLError) {
    guard depth < Self.maximumDepth else {
      throw SQLError(.statementTooComplex, "types are nested deeper than \(Self.maximumDepth)")
    }
    deepest = max(deepest, depth)
  }

  // MARK: Names

  private static let primitives: [String: AvroSchema] = [
    "null": .null, "boolean": .boolean, "int": .int, "long": .long, "float": .float,
    "double": .double, "bytes": .bytes, "string": .string,
  ]

  private mutating func named(
    _ name: String, _ namespace: String, _ depth: Int
  ) throws(SQLError) -> AvroSchema {
    if let primitive = Self.primitives[name] { return primitive }
    let full = Self.fullName(name, namespace)
    for candidate in [full, name] {
      guard !open.contains(candidate) else {
        throw SQLError(
          .featureNotSupported, "type \"\(candidate)\" contains itself",
          hint: "Tables have no recursive types: write the values in a list of their own.")
      }
      if let found = known[candidate] {
        fieldCount += found.fieldCount
        try reach(depth + found.height)
        return found.schema
      }
    }
    guard let text = try lookup(full) else { throw Self.refused("unknown type \"\(full)\"") }
    _ = try schema(JSONValue(text: text), namespace: "", depth: depth + 1)
    guard let found = known[full] else {
      throw Self.refused("the text of type \"\(full)\" does not define it")
    }
    return found.schema
  }

  private static func fullName(_ name: String, _ namespace: String) -> String {
    name.utf8.contains(UInt8(ascii: ".")) || namespace.isEmpty ? name : namespace + "." + name
  }

  private static func names(_ json: JSONValue?) -> [String] {
    (json?.elements ?? []).compactMap(\.text)
  }

  // MARK: Kinds

  private mutating func union(
    _ branches: [JSONValue], _ namespace: String, _ depth: Int
  ) throws(SQLError) -> AvroSchema {
    guard branches.count <= 256 else { throw Self.refused("a union of more than 256 types") }
    var types: [AvroSchema] = []
    for branch in branches {
      let type = try schema(branch, namespace: namespace, depth: depth + 1)
      if case .union = type { throw Self.refused("a union directly within a union") }
      guard !types.contains(where: { $0.name == type.name }) else {
        throw Self.refused("a union has two branches of type \(type.name)")
      }
      types.append(type)
    }
    guard !types.isEmpty else { throw Self.refused("a union without types") }
    return .union(types)
  }

  private mutating func complex(
    _ json: JSONValue, _ namespace: String, _ depth: Int
  ) throws(SQLError) -> AvroSchema {
    guard let kind = json["type"] else { throw Self.refused("a type without \"type\"") }
    guard case .string(let kind) = kind else {
      return try schema(kind, namespace: namespace, depth: depth + 1)
    }
    switch kind {
    case "record", "error", "enum", "fixed": return try definition(kind, json, namespace, depth)
    case "array":
      guard let items = json["items"] else { throw Self.refused("an array without \"items\"") }
      return .array(try schema(items, namespace: namespace, depth: depth + 1))
    case "map":
      guard let values = json["values"] else { throw Self.refused("a map without \"values\"") }
      return .map(try schema(values, namespace: namespace, depth: depth + 1))
    default: return Self.meaning(json, of: try named(kind, namespace, depth))
    }
  }

  private mutating func definition(
    _ kind: String, _ json: JSONValue, _ namespace: String, _ depth: Int
  ) throws(SQLError) -> AvroSchema {
    guard let name = json["name"]?.text, !name.isEmpty else {
      throw Self.refused("type \(kind) without a name")
    }
    let full = Self.fullName(name, json["namespace"]?.text ?? namespace)
    guard known[full] == nil, open.insert(full).inserted else {
      throw Self.refused("type \"\(full)\" is defined twice")
    }
    defer { open.remove(full) }
    let inner = full.split(separator: ".").dropLast().joined(separator: ".")
    let (fieldsBefore, deepestBefore) = (fieldCount, deepest)
    deepest = depth
    let schema: AvroSchema
    switch kind {
    case "enum":
      let symbols = Self.names(json["symbols"])
      guard !symbols.isEmpty, symbols.count <= 65_536 else {
        throw Self.refused("enum \"\(full)\" has \(symbols.count) symbols")
      }
      schema = .enumeration(AvroEnumeration(name: full, symbols: symbols))
    case "fixed":
      guard let size = json["size"]?.integer, (0...(64 << 20)).contains(size) else {
        throw Self.refused("type fixed \"\(full)\" has no right size")
      }
      schema = Self.meaning(json, of: .fixed(name: full, sizeBytes: size))
    default: schema = .record(try record(full, json, inner, depth))
    }
    known[full] = Known(
      schema: schema, fieldCount: fieldCount - fieldsBefore, height: deepest - depth)
    deepest = max(deepest, deepestBefore)
    return schema
  }

  private mutating func record(
    _ name: String, _ json: JSONValue, _ namespace: String, _ depth: Int
  ) throws(SQLError) -> AvroRecord {
    guard let list = json["fields"]?.elements else {
      throw Self.refused("record \"\(name)\" without fields")
    }
    var fields: [AvroField] = []
    var places: [String: Int] = [:]
    for field in list {
      guard let fieldName = field["name"]?.text, let type = field["type"] else {
        throw Self.refused("a field of \"\(name)\" has no name or no type")
      }
      // WINTER's alerts have fields twice. The last one has the name, as in all readers that make
      // dictionaries; the values of the others are kept beside it.
      if let earlier = places[fieldName] {
        fields[earlier].name = try Self.unusedName(fieldName, places)
        places[fields[earlier].name] = earlier
      }
      places[fieldName] = fields.count
      // Some writers note the meaning of a field beside its type.
      let schema = try schema(type, namespace: namespace, depth: depth + 1)
      fields.append(
        AvroField(
          name: fieldName, aliases: Self.names(field["aliases"]),
          type: Self.meaning(field, of: schema), defaultValue: field["default"],
          documentation: field["doc"]?.text))
    }
    return AvroRecord(name: name, fields: fields)
  }

  private static func unusedName(
    _ name: String, _ used: [String: Int]
  ) throws(SQLError) -> String {
    for number in 1...16 {
      let other = "\(name)_\(number)"
      if used[other] == nil { return other }
    }
    throw refused("a record has too many fields \"\(name)\"")
  }

  // MARK: Meanings

  /// The type with its `logicalType`; one that is unknown or does not fit is ignored, as the
  /// specification wants it.
  private static func meaning(_ json: JSONValue, of schema: AvroSchema) -> AvroSchema {
    guard let name = json["logicalType"]?.text else { return schema }
    switch (name, schema) {
    case ("date", .int): return .logical(.date, schema)
    case ("timestamp-millis", .long), ("local-timestamp-millis", .long):
      return .logical(.timestamp(unitNS: 1_000_000), schema)
    case ("timestamp-micros", .long), ("local-timestamp-micros", .long):
      return .logical(.timestamp(unitNS: 1_000), schema)
    case ("timestamp-nanos", .long), ("local-timestamp-nanos", .long):
      return .logical(.timestamp(unitNS: 1), schema)
    case ("uuid", .string): return .logical(.uuid, schema)
    case ("uuid", .fixed(_, 16)): return .logical(.uuid, schema)
    case ("decimal", .bytes), ("decimal", .fixed):
      let scale = json["scale"]?.integer ?? 0
      guard let precision = json["precision"]?.integer, (1...38).contains(precision),
        (0...precision).contains(scale)
      else { return schema }
      return .logical(.decimal(precision: precision, scale: scale), schema)
    default: return schema
    }
  }
}
