/// Which parts of a nested column somebody reads; the others come as NULLs of their type.
///
/// Parts are children as `LogicalType.childTypes` counts them: the fields of a structure, the only
/// child of a list. A column of a plain type is read whole or not at all.
public indirect enum FieldUse: Hashable, Sendable {
  case whole
  /// What is read of some children; nothing of those that are not here. The column's own NULLs, and
  /// the lengths of lists, are always read.
  case parts([Int: FieldUse])

  /// What is read of child `index`; nil for nothing.
  public func child(_ index: Int) -> FieldUse? {
    switch self {
    case .whole: .whole
    case .parts(let parts): parts[index]
    }
  }

  /// What either of the two reads.
  public func union(_ other: FieldUse) -> FieldUse {
    guard case .parts(var parts) = self, case .parts(let more) = other else { return .whole }
    for (index, use) in more { parts[index] = parts[index].map { $0.union(use) } ?? use }
    return .parts(parts)
  }

  /// `.whole` in place of all parts of a type.
  public func simplified(for type: LogicalType) -> FieldUse {
    guard case .parts(let parts) = self else { return .whole }
    let children = type.childTypes
    if children.isEmpty { return .whole }
    var simple: [Int: FieldUse] = [:]
    for (index, use) in parts where children.indices.contains(index) {
      simple[index] = use.simplified(for: children[index])
    }
    let isWhole = children.indices.allSatisfy { simple[$0] == .whole }
    return isWhole ? .whole : .parts(simple)
  }
}
