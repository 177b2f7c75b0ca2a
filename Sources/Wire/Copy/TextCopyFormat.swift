import Base
import Engine
import Vectors

/// PostgreSQL's text COPY format: a line a row, tabs between the fields, `\N` for NULL, and backslashes
/// before what would be misread.
public struct TextCopyFormat: FileWriter {
  public let names = ["text"]
  public let endings: [String] = []
  public let isBinary = false

  public init() {}

  public func check(_ options: FileOptions) throws(SQLError) { _ = try Self.read(options) }

  public func begin(
    _ columns: [ResultColumn], options: FileOptions
  ) throws(SQLError) -> any RowEncoder {
    TextCopyEncoder(columns, try Self.read(options))
  }

  struct Options {
    var delimiter = UInt8(ascii: "\t")
    var null = Array("\\N".utf8)
    var hasHeader = false
  }

  static func read(_ options: FileOptions) throws(SQLError) -> Options {
    var result = Options()
    for (name, value) in options.values {
      switch (name, value) {
      case ("format", _): break
      case ("delimiter", .some(.text(let text))):
        guard text.utf8.count == 1, let byte = text.utf8.first, byte >= 9, byte < 0x80,
          byte != 10, byte != 13, byte != UInt8(ascii: "\\"),
          !Character(Unicode.Scalar(byte)).isLetter, !Character(Unicode.Scalar(byte)).isNumber
        else {
          throw SQLError(.invalidParameterValue, "delimiter is not possible: \"\(text)\"")
        }
        result.delimiter = byte
      case ("null", .some(.text(let text))):
        guard !text.contains("\n"), !text.contains("\r") else {
          throw SQLError(.invalidParameterValue, "null must stand on one line")
        }
        result.null = Array(text.utf8)
      case ("header", nil), ("header", .some(.boolean(true))), ("header", .some(.text("on"))):
        result.hasHeader = true
      case ("header", .some(.boolean(false))), ("header", .some(.text("off"))): break
      default:
        throw SQLError(
          .invalidParameterValue, "text COPY does not take this option: \"\(name)\"",
          hint: "It takes delimiter, null and header.")
      }
    }
    return result
  }
}

final class TextCopyEncoder: RowEncoder {
  private let columns: [ResultColumn]
  private let options: TextCopyFormat.Options
  /// A message around every line.
  var sendsMessages = false
  private var scratch = ByteWriter()

  init(_ columns: [ResultColumn], _ options: TextCopyFormat.Options) {
    self.columns = columns
    self.options = options
  }

  var bytesPerRow: Int { columns.count * (options.null.count + 1) }

  func header(into out: inout ByteWriter) {
    guard options.hasHeader else { return }
    for (index, column) in columns.enumerated() {
      if index > 0 { out.append(options.delimiter) }
      var name = column.name
      name.withUTF8 { appendEscaped(UnsafeRawBufferPointer($0), into: &out) }
    }
    out.append(10)
  }

  func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    let columns = batch.columns.map { $0.flattened() }
    for row in 0..<batch.rowCount {
      let start = out.count
      if sendsMessages { out.append([UInt8(ascii: "d"), 0, 0, 0, 0]) }
      for (index, column) in columns.enumerated() {
        if index > 0 { out.append(options.delimiter) }
        try append(column, row, into: &out)
      }
      out.append(10)
      if sendsMessages {
        try RowWriter.requireSendable(out.count - start)
        let length = Int32(truncatingIfNeeded: out.count - start - 1)
        out.base.storeBytes(of: length.bigEndian, toByteOffset: start + 1, as: Int32.self)
      }
    }
  }

  private func append(
    _ column: Vector, _ row: Int, into out: inout ByteWriter
  ) throws(SQLError) {
    if column.type == .null || column.isNull(row) { return out.append(options.null) }
    switch column.physical {
    case .bytes, .list, .structure:
      scratch.removeAll()
      try ValueText.append(column, row, into: &scratch)
      appendEscaped(scratch.bytes, into: &out)
    default: ValueText.append(plain: column, row, into: &out)
    }
  }

  private func appendEscaped(_ bytes: UnsafeRawBufferPointer, into out: inout ByteWriter) {
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\\"): out.append("\\\\")
      case 8: out.append("\\b")
      case 9: out.append("\\t")
      case 10: out.append("\\n")
      case 11: out.append("\\v")
      case 12: out.append("\\f")
      case 13: out.append("\\r")
      default:
        if byte == options.delimiter { out.append(UInt8(ascii: "\\")) }
        out.append(byte)
      }
    }
  }

  func finish(error: SQLError?, into out: inout ByteWriter) {}

  func makeHelper() -> (any RowEncoder)? { TextCopyEncoder(columns, options) }
}
