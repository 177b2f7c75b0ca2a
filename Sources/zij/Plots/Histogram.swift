import Base
import Vectors

/// Counts of values in bins of equal width.
struct Histogram {
  let lower: Double
  let upper: Double
  private(set) var counts: [Int]
  private(set) var skippedCount = 0

  /// `binCount` bins from the smallest to the largest finite value; nil without any.
  init?(_ values: [Double], binCount: Int) {
    var lower = Double.infinity
    var upper = -Double.infinity
    for value in values where value.isFinite {
      lower = min(lower, value)
      upper = max(upper, value)
    }
    guard lower <= upper else { return nil }
    self.init(from: lower, to: upper, binCount: binCount)
    for value in values { add(value) }
  }

  init(from lower: Double, to upper: Double, binCount: Int) {
    self.lower = lower
    self.upper = upper
    counts = [Int](repeating: 0, count: lower == upper ? 1 : binCount)
  }

  mutating func add(_ value: Double) {
    guard value.isFinite, value >= lower, value <= upper else {
      skippedCount += 1
      return
    }
    // Halves, because the distance of the largest doubles is no double.
    let part = upper == lower ? 0 : (value / 2 - lower / 2) / (upper / 2 - lower / 2)
    counts[min(counts.count - 1, Int(part * Double(counts.count)))] += 1
  }

  func lines(width: Int, canvas: Canvas) -> [String] {
    let labels = counts.indices.map { edge($0) }
    let labelWidth = labels.map(\.count).max() ?? 0
    let tallies = counts.map { Grouped.text($0) }
    let tallyWidth = tallies.map(\.count).max() ?? 0
    let largest = Double(max(1, counts.max() ?? 1))
    let barWidth = max(10, width - labelWidth - tallyWidth - 6)
    return counts.indices.map { index in
      let label = Self.left(labels[index], labelWidth)
      let bar = canvas.bar(Double(counts[index]) / largest, width: barWidth)
      return " \(label) | \(Self.left(tallies[index], tallyWidth)) \(bar)"
    }
  }

  /// The lower edge of a bin, with as many digits as tell it from its neighbours.
  private func edge(_ index: Int) -> String {
    let part = Double(index) / Double(counts.count)
    let value = lower * (1 - part) + upper * part
    let step = max((upper / 2 - lower / 2) / Double(counts.count) * 2, .leastNormalMagnitude)
    var digits = 0
    var unit = 1.0
    while unit > step / 10, digits < 9 {
      unit /= 10
      digits += 1
    }
    guard abs(value) < 1e15, step > 1e-9 else { return value.description }
    return Self.fixed(value, digits: digits)
  }

  private static func fixed(_ value: Double, digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    guard abs(value) * scale < 9e18 else { return value.description }
    let whole = Int((value * scale).rounded())
    var text = String(whole.magnitude)
    if digits > 0 {
      text = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
      text.insert(".", at: text.index(text.endIndex, offsetBy: -digits))
    }
    return (whole < 0 ? "-" : "") + text
  }

  private static func left(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
