import Vectors

/// Values of a `parameters` line.
enum ParameterText {
  static func value(_ text: String) -> Value {
    switch text.uppercased() {
    case "NULL": return .null
    case "TRUE": return .boolean(true)
    case "FALSE": return .boolean(false)
    default: break
    }
    if text.hasPrefix("'"), text.hasSuffix("'"), text.count >= 2 {
      return .text(String(text.dropFirst().dropLast()).replacing("''", with: "'"))
    }
    if let number = Int64(text) { return .integer(number) }
    if let number = Double(text) { return .float64(number) }
    return .text(text)
  }
}
