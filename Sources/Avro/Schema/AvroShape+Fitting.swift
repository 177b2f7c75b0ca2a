import Base
import Vectors

extension AvroShape {
  /// The shape in which columns of these names have these types where both are nested, with columns
  /// that it lacks behind its own. A column that has no place for the values stays as it is.
  public func fitted(to columns: [StructField]) -> AvroShape {
    guard case .structure(var fields) = type, !isUnion else { return self }
    let known = Dictionary(
      zip(fields.map { $0.name.lowercased() }, fields.indices), uniquingKeysWith: { first, _ in first })
    var result = self
    for column in columns {
      guard let place = known[column.name.lowercased()] else {
        fields.append(column)
        result.append(Self.shape(of: column.type))
        continue
      }
      guard !column.type.childTypes.isEmpty, !fields[place].type.childTypes.isEmpty,
        let child = children[place].fitted(to: column.type)
      else { continue }
      fields[place].type = column.type
      result.children[place] = child
    }
    result.type = .structure(fields)
    return result
  }

  /// A field more, of which nothing is known but its shape.
  mutating func append(_ child: AvroShape) {
    children.append(child)
    aliases.append([])
    documentation.append(nil)
    defaults.append(nil)
  }

  /// This shape with values of `type`: what is known of parts that both have stays known. Nil if
  /// values would be lost there.
  private func fitted(to type: LogicalType) -> AvroShape? {
    if type == self.type { return self }
    switch (self.type, type) {
    case (.list, .list(let part)), (.map, .map(.text, let part)):
      return children[0].fitted(to: part).map { AvroShape(type, children: [$0]) }
    case (.structure(let own), .structure(let wanted)): return fitted(own, to: wanted)
    default:
      let isPlain = self.type.childTypes.isEmpty && type.childTypes.isEmpty
      return isPlain || isNullOnly ? Self.shape(of: type) : nil
    }
  }

  private func fitted(_ own: [StructField], to wanted: [StructField]) -> AvroShape? {
    let places = isUnion ? alternatives(named: wanted.map(\.name), own)
      : places(of: wanted.map(\.name), own)
    guard wanted.isEmpty || places.contains(where: { $0 != nil }) else { return nil }
    var result = AvroShape(.structure(wanted))
    result.isUnion = isUnion
    for (index, field) in wanted.enumerated() {
      guard let place = places[index] else {
        result.append(Self.shape(of: field.type))
        continue
      }
      guard let child = children[place].fitted(to: field.type) else { return nil }
      result.append(child)
      result.aliases[index] = aliases[place] + (isUnion ? [] : [own[place].name])
      result.documentation[index] = documentation[place]
      result.defaults[index] = defaults[place]
    }
    return result
  }

  /// The fields that have these names; then, of those left over, the ones that had them once.
  private func places(of names: [String], _ own: [StructField]) -> [Int?] {
    let index = AvroFieldIndex(own, aliases)
    var places = names.map { index.exact($0) }
    var taken = Set(places.compactMap { $0 })
    for (position, name) in names.enumerated() where places[position] == nil {
      guard let place = index.position(of: name, aliases: []), taken.insert(place).inserted else {
        continue
      }
      places[position] = place
    }
    return places
  }

  /// The alternatives of a union that columns call by these names: by their own name or that of a
  /// branch, then by a branch's name without namespace where only one is left over that has it.
  private func alternatives(named names: [String], _ own: [StructField]) -> [Int?] {
    var places = names.map { name in
      own.indices.first { own[$0].name == name || aliases[$0].contains(name) }
    }
    let taken = Set(places.compactMap { $0 })
    for (position, name) in names.enumerated() where places[position] == nil {
      let left = own.indices.filter { place in
        !taken.contains(place) && aliases[place].contains { AvroSchema.shortName(of: $0) == name }
      }
      if left.count == 1 { places[position] = left[0] }
    }
    return places
  }

  private static func shape(of type: LogicalType) -> AvroShape {
    var types = type.childTypes
    if case .map(_, let value) = type { types = [value] }
    var result = AvroShape(type, children: types.map { shape(of: $0) })
    if case .structure = type { result.fillIn() }
    return result
  }
}
