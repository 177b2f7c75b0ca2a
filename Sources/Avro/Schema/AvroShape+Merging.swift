import Base
import Vectors

extension AvroShape {
  /// The shape that holds the values of both: fields of either, numbers as wide as needed.
  public func merged(with other: AvroShape) throws(SQLError) -> AvroShape {
    try merged(with: other, path: [])
  }

  private func merged(with other: AvroShape, path: [String]) throws(SQLError) -> AvroShape {
    if isNullOnly { return other }
    if other.isNullOnly { return self }
    switch (type, other.type) {
    case (.structure(let own), .structure(let others)) where isUnion == other.isUnion:
      let index = AvroFieldIndex(own, aliases)
      let places = isUnion ? alternatives(of: other.aliases)
        : others.indices.map { index.position(of: others[$0].name, aliases: other.aliases[$0]) }
      return try merged(own, with: other, others, at: places, path)
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

  /// Each of the others' fields goes to the field at its place, or behind all of them.
  private func merged(
    _ own: [StructField], with other: AvroShape, _ others: [StructField], at places: [Int?],
    _ path: [String]
  ) throws(SQLError) -> AvroShape {
    var result = self
    var fields = own
    var names = Set(own.map(\.name))
    for (index, field) in others.enumerated() {
      guard let place = places[index] else {
        fields.append(StructField(Self.unusedName(field.name, &names), field.type))
        result.append(other.children[index])
        result.aliases[fields.count - 1] = other.aliases[index]
        result.documentation[fields.count - 1] = other.documentation[index]
        result.defaults[fields.count - 1] = other.defaults[index]
        continue
      }
      let child = try children[place].merged(
        with: other.children[index], path: path + [field.name])
      result.children[place] = child
      for name in other.aliases[index] + (isUnion ? [] : [field.name])
      where !result.aliases[place].contains(name) {
        result.aliases[place].append(name)
      }
      result.documentation[place] = documentation[place] ?? other.documentation[index]
      fields[place].type = child.type
    }
    result.type = .structure(fields)
    return result
  }

  private static func unusedName(_ name: String, _ used: inout Set<String>) -> String {
    var other = name
    var number = 1
    while !used.insert(other).inserted {
      other = "\(name)_\(number)"
      number += 1
    }
    return other
  }

  /// The alternatives of a union that branches with these full names go to: those that stand for
  /// them, then those left over whose branch has the name in another namespace.
  func alternatives(of branches: [[String]]) -> [Int?] {
    var places = branches.map { names in
      aliases.firstIndex { $0.contains(where: names.contains) }
    }
    var taken = Set(places.compactMap { $0 })
    for (index, names) in branches.enumerated() where places[index] == nil {
      let short = names.map { AvroSchema.shortName(of: $0) }
      places[index] = aliases.indices.first { place in
        !taken.contains(place)
          && aliases[place].contains { short.contains(AvroSchema.shortName(of: $0)) }
      }
      if let place = places[index] { taken.insert(place) }
    }
    return places
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
