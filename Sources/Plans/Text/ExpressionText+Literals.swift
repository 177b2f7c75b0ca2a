import Base
import Vectors

extension ExpressionText {
  /// Characters of a text, or bytes of a binary value, that are shown.
  static let textLimit = 80

  /// Signed numbers and values with a cast need parentheses before `::` and below a sign.
  static func strength(of value: Value, _ type: LogicalType) -> Strength {
    switch value {
    case .integer(let number): number < 0 ? .sign : .whole
    case .decimal(let digits, _): digits < 0 ? .sign : .whole
    case .float64(let number): strength(number.isFinite, number.sign)
    case .float32(let number): strength(number.isFinite, number.sign)
    default: .whole
    }
  }

  private static func strength(_ isFinite: Bool, _ sign: FloatingPointSign) -> Strength {
    isFinite ? (sign == .minus ? .sign : .whole) : .cast
  }

  mutating func writeLiteral(_ value: Value, _ type: LogicalType) {
    switch value {
    case .null: text += "NULL"
    case .boolean(let truth): text += truth ? "true" : "false"
    case .integer(let number): text += number.description
    case .float32(let number) where !number.isFinite:
      text += "'" + Self.text(of: Double(number)) + "'::real"
    case .float32(let number): text += Self.text { NumberText.append(number, to: &$0) }
    case .float64(let number) where !number.isFinite:
      text += "'" + Self.text(of: number) + "'::double precision"
    case .float64(let number): text += Self.text(of: number)
    case .decimal(let digits, let scale):
      text += Self.text { out in
        if (0...38).contains(scale) {
          NumberText.append(decimal: digits, scale: scale, to: &out)
        } else {
          out.append("\(digits)e\(0 &- scale)")
        }
      }
    case .text(let value): text += Self.quoted(value)
    case .binary(let bytes): writeBinary(bytes)
    case .date(let days):
      text += "DATE '" + Self.text { DateText.append(date: days, to: &$0) } + "'"
    case .timestamp(let nanoseconds):
      text += "TIMESTAMP '" + Self.text { DateText.append(timestamp: nanoseconds, to: &$0) } + "'"
    case .list(let elements): writeElements(elements, type)
    case .structure(let fields): writeFields(fields, type)
    }
  }

  private mutating func writeBinary(_ bytes: [UInt8]) {
    let digits = Array("0123456789abcdef")
    text += "'\\x"
    for byte in bytes.prefix(Self.textLimit) {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    text += "'"
    if bytes.count > Self.textLimit { text += ExplainText.rest(bytes.count) }
  }

  /// A constant list, map or polygon.
  private mutating func writeElements(_ elements: [Value], _ type: LogicalType) {
    if type == .polygon {
      text += "POLYGON("
      // A polygon's corners are given as plain numbers.
      for (index, corner) in elements.prefix(Self.valueLimit).enumerated() {
        if index > 0 { text += ", " }
        if case .structure(let position) = corner { writeAll(position, []) }
      }
    } else {
      text += "ARRAY["
      let elementType = type.childTypes.first ?? .null
      for (index, element) in elements.prefix(Self.valueLimit).enumerated() {
        if index > 0 { text += ", " }
        writeLiteral(element, elementType)
      }
    }
    if elements.count > Self.valueLimit { text += ", " + ExplainText.rest(elements.count) }
    text += type == .polygon ? ")" : "]"
  }

  private mutating func writeFields(_ fields: [Value], _ type: LogicalType) {
    switch type {
    case .point: text += "POINT("
    case .circle: text += "CIRCLE("
    default: text += "ROW("
    }
    writeAll(fields, type.childTypes)
    text += ")"
  }

  private mutating func writeAll(_ values: [Value], _ types: [LogicalType]) {
    for (index, value) in values.enumerated() {
      if index > 0 { text += ", " }
      writeLiteral(value, index < types.count ? types[index] : .null)
    }
  }

  // MARK: Texts

  /// Text in SQL quotes; what does not fit on a line is shown as `E'…\n…'`.
  static func quoted(_ value: String) -> String {
    let shown = String(String.UnicodeScalarView(value.unicodeScalars.prefix(textLimit)))
    let plain = visible(shown)
    let escaped = plain.utf8.count != shown.utf8.count
    let body = doubling("'", in: escaped ? visible(shown, escapesBackslash: true) : shown)
    let isCut = shown.utf8.count < value.utf8.count
    let rest = isCut ? ExplainText.rest(value.unicodeScalars.count) : ""
    return (escaped ? "E'" : "'") + body + "'" + rest
  }

  /// The text with every `mark` twice. Scalars, not characters: a quote with an accent behind it is
  /// another character.
  static func doubling(_ mark: Unicode.Scalar, in text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == mark { result.append(mark) }
      result.append(scalar)
    }
    return String(result)
  }

  /// The text with control characters and line breaks as escapes.
  static func visible(_ text: String, escapesBackslash: Bool = false) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n".unicodeScalars
      case "\t": result += "\\t".unicodeScalars
      case "\\" where escapesBackslash: result += "\\\\".unicodeScalars
      case _
      where scalar.value < 32 || (127..<160).contains(scalar.value)
        || (0x2028...0x2029).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        let zeros = String(repeating: "0", count: 4 - digits.count)
        result += "\\u\(zeros)\(digits)".unicodeScalars
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  static func text(of number: Double) -> String { text { NumberText.append(number, to: &$0) } }

  private static func text(_ write: (inout ByteWriter) -> Void) -> String {
    var out = ByteWriter()
    write(&out)
    return String(decoding: out.bytes, as: UTF8.self)
  }
}
