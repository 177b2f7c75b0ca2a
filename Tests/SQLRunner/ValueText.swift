import Foundation
import Vectors

/// Values as result lines: I as a whole number, R with three decimals, T as PostgreSQL writes them.
enum ValueText {
  static func text(of value: Value, as type: Character) -> String {
    switch (type, value) {
    case (_, .null): return "NULL"
    case ("I", .float64(let number)): return whole(number)
    case ("I", .float32(let number)): return whole(Double(number))
    case ("I", .boolean(let flag)): return flag ? "1" : "0"
    case ("I", .decimal): return whole(Double(plain(value)) ?? .nan)
    case ("I", .text(let text)): return Int(text).map(String.init) ?? "0"
    case ("R", .integer(let number)): return decimals(Double(number))
    case ("R", .float64(let number)): return decimals(number)
    case ("R", .float32(let number)): return decimals(Double(number))
    case ("R", .decimal): return decimals(Double(plain(value)) ?? .nan)
    default:
      let text = plain(value)
      return text.isEmpty ? "(empty)" : text
    }
  }

  private static func whole(_ number: Double) -> String {
    guard number.isFinite, abs(number) < 9.2e18 else { return float(number) }
    return String(Int64(number))
  }

  private static func decimals(_ number: Double) -> String {
    number.isFinite ? String(format: "%.3f", number) : float(number)
  }

  static func plain(_ value: Value) -> String {
    switch value {
    case .null: "NULL"
    case .boolean(let flag): flag ? "t" : "f"
    case .integer(let number): String(number)
    case .float32(let number): float("\(number)", Double(number))
    case .float64(let number): float(number)
    case .decimal(let digits, let scale): decimal(digits, scale: scale)
    case .text(let text): text
    case .binary(let bytes): "\\x" + bytes.map { String(format: "%02x", $0) }.joined()
    case .date(let days): date(Int(days))
    case .timestamp(let nanoseconds): timestamp(nanoseconds)
    case .list(let elements): "{" + elements.map(plain).joined(separator: ",") + "}"
    case .structure(let fields): "(" + fields.map(plain).joined(separator: ",") + ")"
    }
  }

  private static func float(_ number: Double) -> String { float("\(number)", number) }

  /// Turns Swift's shortest digits into PostgreSQL's spelling: exponents only below 1e-4 and from
  /// 1e15 on (1e6 for reals is not modelled: files avoid such values).
  private static func float(_ shortest: String, _ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    if number == 0 { return number.sign == .minus ? "-0" : "0" }
    let parts = shortest.split(separator: "e")
    let mantissa = parts[0].split(separator: ".")
    let isNegative = mantissa[0].hasPrefix("-")
    let lead = mantissa[0].drop { $0 == "-" }
    let fraction = mantissa.count > 1 && mantissa[1] != "0" ? mantissa[1] : ""
    var exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + lead.count - 1
    var digits = String(lead + fraction)
    while digits.hasPrefix("0") {
      digits.removeFirst()
      exponent -= 1
    }
    while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
    return (isNegative ? "-" : "") + spelled(digits, exponent: exponent)
  }

  /// `digits` with the point behind the first one, times ten to `exponent`.
  private static func spelled(_ digits: String, exponent: Int) -> String {
    if exponent < -4 || exponent >= 15 {
      let tail = digits.dropFirst()
      let size = abs(exponent)
      return String(digits.prefix(1)) + (tail.isEmpty ? "" : "." + tail)
        + (exponent < 0 ? "e-" : "e+") + (size < 10 ? "0" : "") + "\(size)"
    }
    if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + digits }
    if digits.count <= exponent + 1 {
      return digits + String(repeating: "0", count: exponent + 1 - digits.count)
    }
    return digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
  }

  private static func decimal(_ digits: Int128, scale: Int) -> String {
    var text = String(digits.magnitude)
    while text.count <= scale { text = "0" + text }
    if scale > 0 { text.insert(".", at: text.index(text.endIndex, offsetBy: -scale)) }
    return (digits < 0 ? "-" : "") + text
  }

  /// Days since 1970-01-01 in the proleptic Gregorian calendar (Hinnant, "days to civil").
  private static func date(_ days: Int) -> String {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let shown = String(format: "%04d-%02d-%02d", year > 0 ? year : 1 - year, month, day)
    return year > 0 ? shown : shown + " BC"
  }

  private static func timestamp(_ nanoseconds: Int64) -> String {
    let day: Int64 = 86_400_000_000_000
    var days = nanoseconds / day
    var rest = nanoseconds % day
    if rest < 0 {
      rest += day
      days -= 1
    }
    let seconds = rest / 1_000_000_000
    let clock = String(
      format: "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
    var fraction = String(format: "%09d", rest % 1_000_000_000)
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return date(Int(days)) + " " + clock + (fraction.isEmpty ? "" : "." + fraction)
  }
}
