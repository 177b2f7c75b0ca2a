/// A table for people: the first column to the left, numbers to the right, two spaces between.
struct TextTable {
  private let headings: [String]
  private var widths: [Int]

  /// `widths` are the least numbers of characters, so that lines can be printed as they come.
  init(_ headings: [(name: String, width: Int)]) {
    self.headings = headings.map(\.name)
    widths = headings.map { max($0.width, $0.name.count) }
  }

  var heading: String { line(headings) + "\n" + widths.map(Self.rule).joined(separator: "  ") }

  func line(_ cells: [String]) -> String {
    zip(cells, widths).enumerated().map { index, cell in
      let gap = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
      return index == 0 ? cell.0 + gap : gap + cell.0
    }.joined(separator: "  ")
  }

  private static func rule(_ width: Int) -> String { String(repeating: "-", count: width) }
}

/// Numbers as people read them.
enum Shown {
  /// Three significant digits, or all digits before the point.
  static func number(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "-" }
    let decimals = abs(value) < 10 ? 2 : abs(value) < 100 ? 1 : 0
    let scale = [1, 10, 100][decimals]
    let digits = String(Int((abs(value) * Double(scale)).rounded()))
    let sign = value < 0 ? "-" : ""
    guard decimals > 0 else { return sign + digits }
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }

  /// A time with the unit that keeps it readable.
  static func time(nanoseconds: Double) -> String {
    switch nanoseconds {
    case ..<1e3: number(nanoseconds) + " ns"
    case ..<1e6: number(nanoseconds / 1e3) + " µs"
    case ..<1e9: number(nanoseconds / 1e6) + " ms"
    default: number(nanoseconds / 1e9) + " s"
    }
  }

  /// A rate with a decimal prefix.
  static func rate(_ value: Double) -> String {
    switch value {
    case ..<1e3: number(value)
    case ..<1e6: number(value / 1e3) + " k"
    case ..<1e9: number(value / 1e6) + " M"
    default: number(value / 1e9) + " G"
    }
  }
}
