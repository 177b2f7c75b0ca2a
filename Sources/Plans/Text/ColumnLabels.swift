/// What an operator's columns are called in EXPLAIN.
struct ColumnLabels {
  private struct Label {
    /// Nil for a column that is only known by its number.
    var name: String?
    /// The table it comes from, to tell equal names apart.
    var table: String?
  }

  private var labels: [Label]
  /// Names that more than one column has.
  private var ambiguous: Set<String> = []

  private init(_ labels: [Label]) {
    self.labels = labels
    var seen: Set<String> = []
    for label in labels {
      if let name = label.name, !seen.insert(name).inserted { ambiguous.insert(name) }
    }
  }

  init(names: [String], table: String? = nil) {
    self.init(names.map { Label(name: $0, table: table) })
  }

  init(_ columns: [PlanColumn], table: String? = nil) {
    self.init(names: columns.map(\.name), table: table)
  }

  /// Columns without names.
  init(count: Int) { self.init([Label](repeating: Label(), count: count)) }

  static func + (left: ColumnLabels, right: ColumnLabels) -> ColumnLabels {
    ColumnLabels(left.labels + right.labels)
  }

  var count: Int { labels.count }

  func isNamed(_ index: Int) -> Bool { label(index).name != nil }

  func isSameName(_ index: Int, _ other: ColumnLabels, _ otherIndex: Int) -> Bool {
    label(index).name == other.label(otherIndex).name && isNamed(index)
  }

  /// The labels of the columns at `positions`.
  func picking(_ positions: [Int]) -> ColumnLabels { ColumnLabels(positions.map(label)) }

  /// Without the last `dropped` columns.
  func dropping(_ dropped: Int) -> ColumnLabels { picking(Array(0..<max(0, count - dropped))) }

  /// The labels of expressions over these columns: a bare column keeps its own.
  func following(_ expressions: [ScalarExpression]) -> ColumnLabels {
    ColumnLabels(
      expressions.map { expression in
        if case .column(let index, _) = expression { return label(index) }
        return Label()
      })
  }

  func text(of index: Int) -> String {
    let label = label(index)
    guard let name = label.name else { return "#\(index)" }
    if let table = label.table, ambiguous.contains(name) {
      return Self.name(table) + "." + Self.name(name)
    }
    return Self.name(name)
  }

  private func label(_ index: Int) -> Label {
    labels.indices.contains(index) ? labels[index] : Label()
  }

  /// A name as SQL writes it: in quotes unless it is of lower-case letters, digits and `_`.
  static func name(_ name: String) -> String {
    let isPlain = name.utf8.enumerated().allSatisfy { offset, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): offset > 0
      default: byte >= 0x80
      }
    }
    if isPlain, !name.isEmpty { return name }
    return "\"" + ExpressionText.doubling("\"", in: name) + "\""
  }
}
