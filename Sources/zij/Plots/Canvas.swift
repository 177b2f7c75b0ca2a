import CPlatform
import Glibc

/// What the terminal can show.
enum Canvas {
  /// Two coloured halves a character.
  case colours
  /// Blocks of different density.
  case shades
  /// Nothing beyond ASCII.
  case ascii

  /// By the locale, TERM and NO_COLOR.
  static func suited(toTerminal isTerminal: Bool) -> Canvas {
    guard isUTF8 else { return .ascii }
    let term = text("TERM")
    let hasColours = term.hasSuffix("256color") || ["truecolor", "24bit"].contains(text("COLORTERM"))
    return isTerminal && hasColours && text("NO_COLOR").isEmpty ? .colours : .shades
  }

  private static var isUTF8: Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.map(text).first { !$0.isEmpty } ?? ""
    let name = locale.lowercased()
    return name.hasSuffix("utf-8") || name.hasSuffix("utf8")
  }

  private static func text(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }

  /// Columns to draw in.
  static func width(isTerminal: Bool) -> Int {
    let columns = isTerminal ? Int(zij_terminal_columns(1)) : 0
    return min(120, max(40, columns == 0 ? 80 : columns - 1))
  }

  /// Dark blue to yellow, of the 256-colour palette.
  private static let palette = [17, 18, 19, 25, 31, 37, 36, 42, 77, 113, 149, 185, 221, 227, 230]
  private static let blocks: [Character] = ["·", "░", "▒", "▓", "█"]
  private static let letters: [Character] = Array(".:-=+*#%@")

  /// One character for an upper and a lower value of 0…1, each nil where there is nothing.
  func cell(_ upper: Double?, _ lower: Double?) -> String {
    switch self {
    case .colours: return Self.coloured(upper, lower)
    case .shades: return Self.shaded(upper, lower, Self.blocks)
    case .ascii: return Self.shaded(upper, lower, Self.letters)
    }
  }

  private static func shaded(_ upper: Double?, _ lower: Double?, _ marks: [Character]) -> String {
    let present = [upper, lower].compactMap { $0 }
    guard !present.isEmpty else { return " " }
    let level = present.reduce(0, +) / Double(present.count)
    return String(marks[min(marks.count - 1, Int(level * Double(marks.count)))])
  }

  private static func coloured(_ upper: Double?, _ lower: Double?) -> String {
    switch (upper.map(colour), lower.map(colour)) {
    case (nil, nil): " "
    case (let top?, nil): "\u{1B}[38;5;\(top)m▀\u{1B}[0m"
    case (nil, let bottom?): "\u{1B}[38;5;\(bottom)m▄\u{1B}[0m"
    case (let top?, let bottom?): "\u{1B}[38;5;\(top);48;5;\(bottom)m▀\u{1B}[0m"
    }
  }

  private static func colour(_ level: Double) -> Int {
    palette[min(palette.count - 1, Int(level * Double(palette.count)))]
  }

  /// A bar for a value of 0…1.
  func bar(_ level: Double, width: Int) -> String {
    let eighths = Int((max(0, min(1, level)) * Double(width) * 8).rounded())
    if case .ascii = self { return String(repeating: "#", count: (eighths + 4) / 8) }
    let parts: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    let rest = eighths % 8
    return String(repeating: "█", count: eighths / 8) + (rest == 0 ? "" : String(parts[rest - 1]))
  }
}
