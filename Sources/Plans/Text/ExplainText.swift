import Vectors

/// What EXPLAIN prints: a tree, an operator a line, two blanks a level. Lines that say more about
/// an operator stand below it, one level deeper, and before its inputs:
///
///     TopN 10 by dist
///       Project source_id, dist := distance(ra, dec, 56.75, 24.1167)
///         TableScan public.gaia [source_id, ra, dec]
///           Filter: cone(ra, dec; 56.75, 24.1167, 2°)
///           Cells: 31 HEALPix ranges
///
/// Physical plans know columns only by number. One that comes from a table keeps its name there;
/// any other is `#3`, column 3 (counted from 0) of the operator below.
public enum ExplainText {
  public static func lines(of plan: LogicalPlan) -> [String] {
    node(of: plan).lines(annotations: [])
  }

  /// `annotations`: one for each operator, the operator itself first, then its inputs from left to
  /// right; each is put behind the operator's first line. An empty one adds nothing.
  public static func lines(of plan: PhysicalPlan, annotations: [String]?) -> [String] {
    node(of: plan).lines(annotations: annotations ?? [])
  }
}

/// One operator as EXPLAIN shows it.
struct ExplainNode {
  var head: String
  var details: [String] = []
  var inputs: [ExplainNode] = []
  /// What the operators above call its columns.
  var labels: ColumnLabels

  func lines(annotations: [String]) -> [String] {
    var lines: [String] = []
    var rest = annotations[...]
    append(to: &lines, level: 0, &rest)
    return lines
  }

  private func append(
    to lines: inout [String], level: Int, _ annotations: inout ArraySlice<String>
  ) {
    let margin = String(repeating: "  ", count: level)
    let annotation = annotations.popFirst() ?? ""
    // Names of types and functions may hold line breaks, lines may not.
    let first = ExpressionText.visible(head)
    lines.append(margin + first + (annotation.isEmpty ? "" : "  " + annotation))
    for detail in details { lines.append(margin + "  " + ExpressionText.visible(detail)) }
    for input in inputs { input.append(to: &lines, level: level + 1, &annotations) }
  }
}

// MARK: Parts of lines

extension ExplainText {
  /// Longer lists of columns and expressions are cut.
  static let listLimit = 24

  /// `a, b, … (150,000 in all)`.
  static func list(_ count: Int, limit: Int = listLimit, _ item: (Int) -> String) -> String {
    if count <= limit { return (0..<count).map(item).joined(separator: ", ") }
    return (0..<limit).map(item).joined(separator: ", ") + ", " + rest(count)
  }

  static func rest(_ count: Int) -> String { "… (\(grouped(count)) in all)" }

  /// `150,000`.
  static func grouped(_ count: Int) -> String {
    let digits = Array(String(count))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0, digits[index - 1] != "-" { text += "," }
      text.append(digit)
    }
    return text
  }

  /// `1 row`, `1,200 rows`.
  static func counted(_ count: Int, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
  }

  static func scanDetails(
    _ filters: [ScalarExpression], _ labels: ColumnLabels, cellRangeCount: Int?
  ) -> [String] {
    var details: [String] = []
    if !filters.isEmpty { details.append("Filter: " + condition(filters, labels)) }
    if let cellRangeCount {
      details.append("Cells: " + counted(cellRangeCount, "HEALPix range"))
    }
    return details
  }

  static func condition(_ terms: [ScalarExpression], _ labels: ColumnLabels) -> String {
    ExpressionText.text(of: ScalarExpression.conjunction(terms) ?? .and([]), labels)
  }

  static func bracketed(_ labels: ColumnLabels) -> String {
    "[" + list(labels.count) { labels.text(of: $0) } + "]"
  }

  static func sortKeys(_ keys: [SortKey], _ labels: ColumnLabels) -> String {
    list(keys.count) { index in
      let key = keys[index]
      var text = ExpressionText.text(of: key.expression, labels)
      if key.isDescending { text += " DESC" }
      if key.nullsFirst != key.isDescending {
        text += key.nullsFirst ? " NULLS FIRST" : " NULLS LAST"
      }
      return text
    }
  }

  static func limit(_ count: Int?, offset: Int) -> String {
    (count.map { " \($0)" } ?? "") + (offset == 0 ? "" : " offset \(offset)")
  }

  static func aggregate(_ call: AggregateCall, _ labels: ColumnLabels) -> String {
    var text = call.name + "(" + (call.isDistinct ? "DISTINCT " : "")
    text += call.arguments.isEmpty && call.name == "count" ? "*" : ""
    text += list(call.arguments.count) { ExpressionText.text(of: call.arguments[$0], labels) } + ")"
    if let filter = call.filter {
      text += " FILTER (WHERE " + ExpressionText.text(of: filter, labels) + ")"
    }
    return text
  }

  static func tableFunction(_ name: String, _ arguments: [Value]) -> String {
    let texts = list(arguments.count) { ExpressionText.text(ofUntyped: arguments[$0]) }
    return "TableFunction \(name)(\(texts))"
  }

  /// `FileScan 'a.csv' (FORMAT csv, header true)`.
  static func file(_ source: FileSource) -> String {
    var options = source.format.map { ["FORMAT \($0)"] } ?? []
    for (name, value) in source.options.sorted(by: { $0.key < $1.key }) {
      options.append(name + (value.map { " " + ExpressionText.text(ofUntyped: $0) } ?? ""))
    }
    return "FileScan " + ExpressionText.quoted(source.path)
      + (options.isEmpty ? "" : " (\(options.joined(separator: ", ")))")
  }

  /// `Within: (ra, dec), (ra2, dec2) <= 1.0°`.
  static func skyDetail(
    _ sky: SkyJoinCondition, _ left: ColumnLabels, _ right: ColumnLabels
  ) -> String {
    let both = left + right
    let places = [sky.left, sky.right.mapping { $0.mappingColumns { $0 + left.count } }].map {
      "(" + ExpressionText.text(of: $0.lon, both) + ", " + ExpressionText.text(of: $0.lat, both)
        + ")"
    }
    let sign = sky.isInclusive ? "<=" : "<"
    return "Within: " + places.joined(separator: ", ") + " \(sign) \(sky.radiusDeg)°"
  }

  static func joinDetails(
    _ keys: [JoinKey], _ residual: [ScalarExpression], _ left: ColumnLabels, _ right: ColumnLabels
  ) -> [String] {
    var details: [String] = []
    let both = left + right
    if !keys.isEmpty {
      let texts = list(keys.count) { index in
        // Numbered together with the left columns, so that equal names are told apart.
        let rightKey = keys[index].right.mappingColumns { $0 + left.count }
        return ExpressionText.text(of: keys[index].left, both, asOperand: true)
          + (keys[index].matchesNulls ? " IS NOT DISTINCT FROM " : " = ")
          + ExpressionText.text(of: rightKey, both, asOperand: true)
      }
      details.append("Keys: " + texts)
    }
    if !residual.isEmpty { details.append("Filter: " + condition(residual, both)) }
    return details
  }
}
