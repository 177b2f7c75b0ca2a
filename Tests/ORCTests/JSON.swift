import Vectors

/// A value of a JSON text; numbers keep their digits.
indirect enum JSON: Equatable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSON])
  case object([(String, JSON)])

  static func == (a: JSON, b: JSON) -> Bool { "\(a)" == "\(b)" }

  init?(_ text: String) {
    var parser = JSONParser(text)
    guard let value = parser.value() else { return nil }
    self = value
  }

  /// True if the value says the same as `value` of type `type`.
  func says(_ value: Value, _ type: LogicalType) -> Bool {
    switch (self, value) {
    case (.null, .null): true
    case (.bool(let a), .boolean(let b)): a == b
    case (.number(let a), .integer(let b)): Int64(a) == b
    case (.number(let a), .float64(let b)): Self.areNear(Double(a), b, 6e-14)
    case (.number(let a), .float32(let b)): Self.areNear(Double(a), Double(b), 1e-6)
    case (.string(let a), .float64(let b)): Self.special(a, b)
    case (.string(let a), .float32(let b)): Self.special(a, Double(b))
    case (.number(let a), .decimal(let b, let scale)), (.string(let a), .decimal(let b, let scale)):
      // Hive 0.11 told no scale, and the expected file was cut at 6 digits.
      Self.trimmed(a) == Self.trimmed(Self.text(b, scale))
        || (scale == 18 && Self.text(b, scale).hasPrefix(a))
    case (.string(let a), .text(let b)): a == b
    case (.string(let a), .date(let b)): a == Calendar.date(Int64(b))
    case (.string(let a), .timestamp(let b)): Self.timeTrimmed(a) == Self.timeTrimmed(Calendar.timestamp(b))
    case (.array(let a), .binary(let b)): a.map { Self.byte($0) } == b
    case (.array(let a), .list(let b)): Self.elements(a, b, type)
    case (.object(let a), .structure(let b)): Self.fields(a.map(\.1), b, type)
    default: false
    }
  }

  private static func elements(_ a: [JSON], _ b: [Value], _ type: LogicalType) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.says($1, type.childTypes[0]) }
  }

  private static func fields(_ a: [JSON], _ b: [Value], _ type: LogicalType) -> Bool {
    a.count == b.count && zip(zip(a, b), type.childTypes).allSatisfy { $0.0.says($0.1, $1) }
  }

  private static func byte(_ json: JSON) -> UInt8 {
    if case .number(let text) = json, let value = Int(text) { return UInt8(truncatingIfNeeded: value) }
    return 0
  }

  private static func areNear(_ a: Double?, _ b: Double, _ relative: Double) -> Bool {
    guard let a else { return false }
    return a == b || abs(a - b) <= relative * max(abs(a), abs(b))
  }

  private static func special(_ text: String, _ value: Double) -> Bool {
    Double(text).map { $0 == value || ($0.isNaN && value.isNaN) } ?? false
  }

  private static func text(_ digits: Int128, _ scale: Int) -> String {
    var text = String(digits.magnitude)
    while text.count <= scale { text = "0" + text }
    return (digits < 0 ? "-" : "") + text.dropLast(scale) + "." + text.suffix(scale)
  }

  private static func trimmed(_ number: String) -> String {
    var text = number
    if text.contains(".") {
      while text.hasSuffix("0") { text.removeLast() }
      if text.hasSuffix(".") { text.removeLast() }
    }
    return text == "-0" ? "0" : text
  }

  private static func timeTrimmed(_ text: String) -> String {
    text.contains(".") ? trimmed(text) : text
  }
}

struct JSONParser {
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  private var byte: UInt8 { position < bytes.count ? bytes[position] : 0 }

  private mutating func skipBlanks() { while byte == 32 { position += 1 } }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard byte == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func value() -> JSON? {
    skipBlanks()
    switch byte {
    case UInt8(ascii: "{"): return object()
    case UInt8(ascii: "["): return array()
    case UInt8(ascii: "\""): return string().map { .string($0) }
    default: return word()
    }
  }

  private mutating func object() -> JSON? {
    guard accept("{") else { return nil }
    var members: [(String, JSON)] = []
    if accept("}") { return .object(members) }
    repeat {
      skipBlanks()
      guard let key = string(), accept(":"), let value = value() else { return nil }
      members.append((key, value))
    } while accept(",")
    return accept("}") ? .object(members) : nil
  }

  private mutating func array() -> JSON? {
    guard accept("[") else { return nil }
    var elements: [JSON] = []
    if accept("]") { return .array(elements) }
    repeat {
      guard let value = value() else { return nil }
      elements.append(value)
    } while accept(",")
    return accept("]") ? .array(elements) : nil
  }

  private mutating func word() -> JSON? {
    let start = position
    while position < bytes.count, !Array(",]} ".utf8).contains(byte) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    switch text {
    case "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "": return nil
    default: return .number(text)
    }
  }

  private mutating func string() -> String? {
    guard byte == UInt8(ascii: "\"") else { return nil }
    position += 1
    var content: [UInt8] = []
    while position < bytes.count {
      let here = byte
      position += 1
      if here == UInt8(ascii: "\"") { return String(decoding: content, as: UTF8.self) }
      guard here == UInt8(ascii: "\\") else {
        content.append(here)
        continue
      }
      let escaped = byte
      position += 1
      switch escaped {
      case UInt8(ascii: "n"): content.append(10)
      case UInt8(ascii: "t"): content.append(9)
      case UInt8(ascii: "r"): content.append(13)
      case UInt8(ascii: "b"): content.append(8)
      case UInt8(ascii: "f"): content.append(12)
      case UInt8(ascii: "u"):
        let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
        position += 4
        guard let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code) else {
          return nil
        }
        content += Array(String(scalar).utf8)
      default: content.append(escaped)
      }
    }
    return nil
  }
}

/// Dates and times as the expected files write them.
enum Calendar {
  static func date(_ days: Int64) -> String {
    // Howard Hinnant's civil_from_days.
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2)
  }

  static func timestamp(_ nanoseconds: Int64) -> String {
    let (seconds, fraction) = FloorDivisionCheck.divide(nanoseconds, 1_000_000_000)
    let (days, rest) = FloorDivisionCheck.divide(seconds, 86_400)
    return date(days) + " " + padded(rest / 3600, 2) + ":" + padded(rest / 60 % 60, 2) + ":"
      + padded(rest % 60, 2) + "." + padded(fraction, 9)
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}

enum FloorDivisionCheck {
  static func divide(_ value: Int64, _ divisor: Int64) -> (Int64, Int64) {
    let remainder = ((value % divisor) + divisor) % divisor
    return ((value &- remainder) / divisor, remainder)
  }
}
