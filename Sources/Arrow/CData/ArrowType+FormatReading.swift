extension ArrowType {
  /// The type that a format text of the C data interface names.
  init(formatText text: String) {
    self = Self.fixed[text] ?? Self.parameterised(text) ?? .other(text)
  }

  private static let fixed: [String: ArrowType] = [
    "n": .null, "b": .boolean,
    "c": .integer(bits: 8, isSigned: true), "C": .integer(bits: 8, isSigned: false),
    "s": .integer(bits: 16, isSigned: true), "S": .integer(bits: 16, isSigned: false),
    "i": .integer(bits: 32, isSigned: true), "I": .integer(bits: 32, isSigned: false),
    "l": .integer(bits: 64, isSigned: true), "L": .integer(bits: 64, isSigned: false),
    "e": .float(bits: 16), "f": .float(bits: 32), "g": .float(bits: 64),
    "u": .utf8(isLarge: false), "U": .utf8(isLarge: true), "vu": .utf8View,
    "z": .binary(isLarge: false), "Z": .binary(isLarge: true), "vz": .binaryView,
    "tdD": .date, "tdm": .dateMilliseconds, "+l": .list(isLarge: false),
    "+L": .list(isLarge: true), "+s": .structure, "+m": .map,
    "tts": .other("time"), "ttm": .other("time"), "ttu": .other("time"), "ttn": .other("time"),
    "tDs": .other("duration"), "tDm": .other("duration"), "tDu": .other("duration"),
    "tDn": .other("duration"), "tiM": .other("interval"), "tiD": .other("interval"),
    "tin": .other("interval"), "+r": .other("run-end encoded"), "+vl": .other("list view"),
    "+vL": .other("list view"),
  ]

  private static func parameterised(_ text: String) -> ArrowType? {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let rest = text[text.index(after: colon)...]
    let numbers = rest.split(separator: ",").map { Int($0) }
    switch text[..<colon] {
    case "w": return Int(rest).map { .fixedBinary(sizeBytes: $0) }
    case "+w": return Int(rest).map { .fixedList(count: $0) }
    case "d":
      guard (2...3).contains(numbers.count), let precision = numbers[0], let scale = numbers[1]
      else { return nil }
      let bits = numbers.count == 3 ? numbers[2] ?? 0 : 128
      return .decimal(precision: precision, scale: scale, bits: bits)
    case "tss", "tsm", "tsu", "tsn":
      let letters: [Character: TimeUnit] = [
        "s": .second, "m": .millisecond, "u": .microsecond, "n": .nanosecond,
      ]
      let unit = letters[text[text.index(text.startIndex, offsetBy: 2)]] ?? .nanosecond
      return .timestamp(unit, zone: rest.isEmpty ? nil : String(rest))
    case "+ud", "+us": return .other("union")
    default: return nil
    }
  }
}
