import Base
import Engine
import Vectors

/// The options of CSV, in and out. An option that stands alone, as in `(HEADER)`, is on.
struct CSVOptions: Sendable {
  enum Header: Sendable { case off, on, automatic }

  /// How much of a file decides on its types.
  enum Sample: Sendable, Equatable {
    /// So many records from the front.
    case records(Int)
    case all
    /// The front, and some places behind it.
    case automatic
  }

  /// Nil: found out when a file is read, a comma when one is written.
  var delimiter: UInt8?
  var header = Header.automatic
  var nullText: [UInt8] = []
  // Of reading only.
  var keepsNaN = true
  var sample = Sample.automatic
  /// Names in place of the header's, or of none.
  var names: [String]?
  /// The columns to offer.
  var columns: [String]?

  private static let writing = ["header", "delimiter", "null"]
  private static let reading = writing + ["columns", "names", "nan", "sample"]

  init(delimiter: UInt8? = nil, header: Header = .automatic) {
    self.delimiter = delimiter
    self.header = header
  }

  /// Reads options over the defaults of `self`.
  func applying(_ options: FileOptions, isReading: Bool) throws(SQLError) -> CSVOptions {
    var result = self
    for (name, value) in options.values.sorted(by: { $0.key < $1.key }) where name != "format" {
      if try result.applyCommon(name, value) { continue }
      guard isReading, try result.applyReading(name, value) else {
        throw FileOptions.unknown(
          name, of: "CSV", known: isReading ? Self.reading : Self.writing)
      }
    }
    if let delimiter = result.delimiter, result.nullText.contains(delimiter) {
      throw SQLError(.invalidParameterValue, "the delimiter must not stand in the null text")
    }
    return result
  }

  /// False if there is no such option.
  private mutating func applyCommon(_ name: String, _ value: Value?) throws(SQLError) -> Bool {
    switch name {
    case "header": header = try Self.header(value)
    case "delimiter", "delim", "sep": delimiter = try Self.delimiter(value)
    case "null", "nullstr": nullText = try Self.nullText(value)
    default: return false
    }
    return true
  }

  private mutating func applyReading(_ name: String, _ value: Value?) throws(SQLError) -> Bool {
    switch name {
    case "columns": columns = try FileOptions.names(value, option: name)
    case "names": names = try FileOptions.names(value, option: name)
    case "nan": keepsNaN = try FileOptions.keepsNaN(value)
    case "sample": sample = try Self.sample(value)
    default: return false
    }
    return true
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

  /// A byte, or nil for 'auto'.
  private static func delimiter(_ value: Value?) throws(SQLError) -> UInt8? {
    if case .text(let text) = value {
      if text.lowercased() == "auto" { return nil }
      if let byte = delimiterByte(text) { return byte }
    }
    throw SQLError(
      .invalidParameterValue, "the delimiter must be one byte or 'auto'",
      hint: "It is neither a letter, a digit, a quote, a line end nor one of . + - \\")
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

  private static func sample(_ value: Value?) throws(SQLError) -> Sample {
    switch value {
    case .integer(let count) where count > 0: return .records(Int(count))
    case .text(let text) where text.lowercased() == "all": return .all
    case .text(let text) where text.lowercased() == "auto": return .automatic
    default:
      throw SQLError(
        .invalidParameterValue, "option sample must be a number of rows, 'all' or 'auto'",
        hint: "Types are guessed from a sample; with 'all' every row is looked at before.")
    }
  }
}
