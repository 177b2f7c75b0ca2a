import CPlatform
import Glibc

/// What the terminal can show.
enum Canvas {
  /// 256 colours, and all characters.
  case colours
  /// All characters.
  case plain
  /// Nothing beyond ASCII.
  case ascii

  /// By the locale, TERM and NO_COLOR.
  static func suited(toTerminal isTerminal: Bool) -> Canvas {
    guard isUTF8 else { return .ascii }
    let term = text("TERM")
    let hasColours =
      term.hasSuffix("256color") || ["truecolor", "24bit"].contains(text("COLORTERM"))
    return isTerminal && hasColours && text("NO_COLOR").isEmpty ? .colours : .plain
  }

  private static var isUTF8: Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.map(text).first { !$0.isEmpty } ?? ""
    let name = locale.lowercased()
    return name.hasSuffix("utf-8") || name.hasSuffix("utf8")
  }

  private static func text(_ name: String) -> String {
    getenv(name).map { String(cString: $0) } ?? ""
  }

  /// Columns to draw in.
  static func width(isTerminal: Bool) -> Int {
    let columns = isTerminal ? Int(zij_terminal_columns(1)) : 0
    return min(120, max(40, columns == 0 ? 80 : columns - 1))
  }

  /// A line that uses a few characters beyond ASCII, in those that there are.
  func line(_ text: String) -> String {
    guard case .ascii = self else { return text }
    return text.map { $0 == "·" ? "'" : $0 == "°" ? " deg" : String($0) }.joined()
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
