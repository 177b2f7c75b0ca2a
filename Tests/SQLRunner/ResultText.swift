import Foundation
import Vectors

/// Values as result lines: I as a whole number, R with three decimals, T as PostgreSQL writes them.
enum ResultText {
  static func text(of value: Value, _ type: LogicalType, as letter: Character) -> String {
    if value == .null { return "NULL" }
    guard let text = try? ValueText.text(of: value, type: type) else { return "(too long)" }
    switch letter {
    case "I":
      if case .boolean(let flag) = value { return flag ? "1" : "0" }
      if case .text(let text) = value { return Int(text).map(String.init) ?? "0" }
      guard type.isNumeric, let number = Double(text), number.isFinite else { return text }
      // sqllogictest cuts decimals off.
      return type.isInteger || abs(number) >= 9.2e18 ? text : String(Int64(number))
    case "R":
      guard let number = Double(text), number.isFinite else { return text }
      return String(format: "%.3f", number)
    default:
      return text.isEmpty ? "(empty)" : text
    }
  }
}
