import Vectors

extension ExplainText {
  /// `prv_candidates WITH ORDINALITY, else NULL`.
  static func unnest(_ unnest: UnnestPlan, _ labels: ColumnLabels) -> String {
    var text = list(unnest.lists.count) { ExpressionText.text(of: unnest.lists[$0], labels) }
    if unnest.outputs.contains(.ordinal) { text += " WITH ORDINALITY" }
    return unnest.isOuter ? text + ", else NULL" : text
  }

  /// `Parts: candidate.(ra, dec), prv_candidates.()`, of the columns that are not read whole.
  static func parts(
    _ uses: [FieldUse], _ types: [LogicalType], _ names: [String]
  ) -> [String] {
    let partial = uses.indices.filter { uses[$0] != .whole }
    guard !partial.isEmpty else { return [] }
    return [
      "Parts: " + list(partial.count) { index in
        let column = partial[index]
        return part(uses[column], types[column], ColumnLabels.name(names[column]))
      }
    ]
  }

  private static func part(_ use: FieldUse, _ type: LogicalType, _ name: String) -> String {
    guard case .parts(let parts) = use else { return name }
    if type.physical == .list {
      return parts[0].map { part($0, type.childTypes[0], name) } ?? name + ".()"
    }
    guard case .structure(let fields) = type else { return name }
    let positions = parts.keys.sorted()
    return name + ".("
      + list(positions.count) { index in
        let position = positions[index]
        let field = fields[position]
        return part(parts[position] ?? .whole, field.type, ColumnLabels.name(field.name))
      } + ")"
  }
}
