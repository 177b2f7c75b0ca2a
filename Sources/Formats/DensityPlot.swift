import Glibc

/// How many points lie where in a plane, as lines of text with axes. Ink is logarithmic.
public struct DensityPlot: Sendable {
  public enum Style: Sendable {
    /// Shaded blocks.
    case blocks
    /// Nothing beyond ASCII.
    case ascii
  }

  private let x: PlotAxis
  private let y: PlotAxis
  private let isYReversed: Bool
  private let style: Style
  private var weights: [Double]
  /// Points that are not finite or outside of the axes, or whose weight is not positive and finite.
  public private(set) var skippedCount = 0

  /// `width` is that of the lines in characters, 24…512, and `height` the number of rows of the plot
  /// without the axis, 4…256; other values are moved there. Ranges have to be finite; one of no
  /// length is widened. With `reversesY` small values are at the top, as magnitudes are drawn.
  public init?(
    x: ClosedRange<Double>, y: ClosedRange<Double>, width: Int = 72, height: Int = 20,
    reversesY: Bool = false, style: Style = .blocks
  ) {
    let columnCount = min(512, max(24, width)) - PlotAxis.labelWidth - 2
    guard let x = PlotAxis(x, cellCount: columnCount),
      let y = PlotAxis(y, cellCount: min(256, max(4, height)))
    else { return nil }
    self.x = x
    self.y = y
    isYReversed = reversesY
    self.style = style
    weights = [Double](repeating: 0, count: x.cellCount * y.cellCount)
  }

  public mutating func add(x xValue: Double, y yValue: Double, weight: Double = 1) {
    guard weight > 0, weight.isFinite, let column = x.cell(of: xValue),
      let row = y.cell(of: yValue)
    else {
      skippedCount += 1
      return
    }
    weights[row * x.cellCount + column] += weight
  }

  /// Rows from the top, the axis of x and its labels.
  public func lines() -> [String] {
    let most = weights.max() ?? 0
    let least = weights.lazy.filter { $0 > 0 }.min() ?? 0
    let yTicks = y.ticks(atMost: max(2, y.cellCount / 4))
    let rows = (0..<y.cellCount).map { line -> String in
      let row = isYReversed ? line : y.cellCount - 1 - line
      let label = yTicks.first { y.cell(of: $0) == row }.map { y.label($0) } ?? ""
      let cells = weights[row * x.cellCount..<(row + 1) * x.cellCount]
      let text = String(cells.map { ink($0, least: least, most: most) })
      return PlotAxis.right(label) + " " + edge(label.isEmpty) + text
    }
    return rows.map(Self.trimmed) + xAxis()
  }

  private func edge(_ isPlain: Bool) -> String {
    switch style {
    case .blocks: isPlain ? "│" : "┤"
    case .ascii: isPlain ? "|" : "+"
    }
  }

  private func ink(_ weight: Double, least: Double, most: Double) -> Character {
    let ramp = style == .blocks ? Self.blocks : Self.characters
    guard weight > 0 else { return " " }
    guard most > least else { return ramp[ramp.count - 1] }
    let fraction = (log(weight) - log(least)) / (log(most) - log(least))
    return ramp[min(ramp.count - 1, max(0, Int((fraction * Double(ramp.count - 1)).rounded())))]
  }

  private static let blocks: [Character] = ["·", "░", "▒", "▓", "█"]
  private static let characters = Array(".:-=+*%#@")

  private func xAxis() -> [String] {
    var axis = [Character](repeating: style == .blocks ? "─" : "-", count: x.cellCount)
    var labels = [Character](repeating: " ", count: x.cellCount)
    var freeFrom = 0
    for tick in x.ticks(atMost: max(2, x.cellCount / 12)) {
      guard let column = x.cell(of: tick) else { continue }
      let text = Array(x.label(tick))
      let start = min(max(0, column - text.count / 2), x.cellCount - text.count)
      guard start >= freeFrom else { continue }
      axis[column] = style == .blocks ? "┬" : "+"
      for (index, character) in text.enumerated() { labels[start + index] = character }
      freeFrom = start + text.count + 1
    }
    let indent = String(repeating: " ", count: PlotAxis.labelWidth + 1)
    return [
      indent + (style == .blocks ? "└" : "+") + String(axis),
      Self.trimmed(indent + " " + String(labels)),
    ]
  }

  private static func trimmed(_ line: String) -> String {
    guard let last = line.lastIndex(where: { $0 != " " }) else { return "" }
    return String(line[...last])
  }
}
