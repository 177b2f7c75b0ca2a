import Base
import Engine
import Vectors

/// The options of CSV, in and out. An option that stands alone, as in `(HEADER)`, is on.
struct CSVOptions: Sendable {
  enum Header: Sendable { case off, on, automatic }

  var delimiter = UInt8(ascii: ",")
  var header = Header.automatic
  var nullText: [UInt8] = []

  private static let known = ["format", "header", "delimiter", "delim", "sep", "null", "nullstr"]

  init(delimiter: UInt8 = UInt8(ascii: ","), header: Header = .automatic) {
    self.delimiter = delimiter
    self.header = header
  }

  /// Reads options over the defaults of `self`.
  func applying(_ options: FileOptions) throws(SQLError) -> CSVOptions {
    var result = self
    for (name, value) in options.values.sorted(by: { $0.key < $1.key }) {
      switch name {
      case "format": break
      case "header": result.header = try Self.header(value)
      case "delimiter", "delim", "sep": result.delimiter = try Self.delimiter(value)
      case "null", "nullstr": result.nullText = try Self.nullText(value)
      default:
        throw SQLError(
          .invalidParameterValue, "unknown option for CSV: \"\(name)\"",
          hint: Suggestion.hint(for: name, among: Self.known)
            ?? "Options are header, delimiter and null.")
      }
    }
    if result.nullText.contains(result.delimiter) {
      throw SQLError(.invalidParameterValue, "the delimiter must not stand in the null text")
    }
    return result
  }

  private static func header(_ value: Value?) throws(SQLError) -> Header {
    switch value {
    case nil, .boolean(true), .integer(1): return .on
    case .boolean(false), .integer(0): return .off
    case .text(let text):
      switch text.lowercased() {
      case "auto": return .automatic
      case "true", "on", "yes", "1": return .on
      case "false", "off", "no", "0": return .off
      default: break
      }
    default: break
    }
    throw SQLError(.invalidParameterValue, "option header must be true, false or 'auto'")
  }

  private static func delimiter(_ value: Value?) throws(SQLError) -> UInt8 {
    guard case .text(let text) = value, let byte = delimiterByte(text) else {
      throw SQLError(
        .invalidParameterValue, "the delimiter must be one byte",
        hint: "It is neither a letter, a digit, a quote, a line end nor one of . + - \\")
    }
    return byte
  }

  /// The byte for a delimiter's text, where `\t` is a tab; nil for what cannot separate fields
  /// because numbers, dates and quoting use it.
  private static func delimiterByte(_ text: String) -> UInt8? {
    if text == "\\t" || text == "tab" { return 9 }
    guard text.utf8.count == 1, let byte = text.utf8.first, byte < 128 else { return nil }
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "+"),
      UInt8(ascii: "-"), UInt8(ascii: "\\"), UInt8(ascii: "\""), 0, 10, 13:
      return nil
    default: return byte
    }
  }

  private static func nullText(_ value: Value?) throws(SQLError) -> [UInt8] {
    guard case .text(let text) = value, !text.utf8.contains(where: { $0 == 10 || $0 == 13 }) else {
      throw SQLError(.invalidParameterValue, "option null must be a text without line ends")
    }
    return Array(text.utf8)
  }
}
