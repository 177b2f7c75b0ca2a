import Glibc

/// One axis of a plot: a range in cells, with ticks at round numbers.
struct PlotAxis: Sendable {
  static let labelWidth = 9

  let lower: Double
  let upper: Double
  let cellCount: Int

  /// Nil unless the range is finite and its length fits a Double.
  init?(_ range: ClosedRange<Double>, cellCount: Int) {
    let isPoint = range.lowerBound == range.upperBound
    let margin = isPoint ? max(abs(range.lowerBound) * 0.01, 0.5) : 0
    lower = range.lowerBound - margin
    upper = range.upperBound + margin
    self.cellCount = cellCount
    guard lower.isFinite, upper.isFinite, (upper - lower).isFinite else { return nil }
  }

  /// From 0; nil for values outside, NaN included.
  func cell(of value: Double) -> Int? {
    guard value >= lower, value <= upper else { return nil }
    return min(cellCount - 1, Int((value - lower) / (upper - lower) * Double(cellCount)))
  }

  /// The distance of ticks: 1, 2 or 5 times a power of ten.
  private func step(atMost count: Int) -> Double {
    let rough = (upper - lower) / Double(max(1, count))
    let power = pow(10, floor(log10(rough)))
    return ([1, 2, 5].first { $0 * power >= rough } ?? 10) * power
  }

  /// Round numbers within the range, at most `count` + 1.
  func ticks(atMost count: Int) -> [Double] {
    let step = step(atMost: count)
    guard step > 0, step.isFinite else { return [] }
    let first = (lower / step).rounded(.up)
    return (0...max(1, count)).lazy.map { (first + Double($0)) * step }.filter { $0 <= upper }
  }

  /// At most `labelWidth` characters.
  func label(_ value: Double) -> String {
    // Sums of steps such as 0.1 + 0.2 keep their noise without rounding.
    let unit = pow(10, floor(log10(max(upper - lower, .leastNormalMagnitude))) - 3)
    var shown = (value / unit).rounded() * unit
    if unit < 1, unit > 1e-12 { shown = (value / unit).rounded() / (1 / unit).rounded() }
    if shown == shown.rounded(), abs(shown) < 1e8 { return "\(Int(shown))" }
    let text = "\(shown.isFinite ? shown : value)"
    return String(text.prefix(Self.labelWidth))
  }

  static func right(_ text: String) -> String {
    String(repeating: " ", count: max(0, labelWidth - text.count)) + text
  }
}
