import Base
import FunctionKit
import Vectors

/// Casts from text to shapes and lists: slow, for literals and small columns.
extension Casts {
  static func building(_ to: LogicalType) -> Kernel? {
    if case .list(let element) = to, element != .text, kernel(from: .text, to: element) == nil {
      return nil
    }
    return .vectors {
      (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
      let source = arguments[0].flattened()
      let builder = VectorBuilder(type: type)
      for row in 0..<count {
        if source.isNull(row) {
          builder.appendNull()
          continue
        }
        let text = source.bytes(at: row)
        if let value = try nested(text, type) {
          builder.append(value)
        } else {
          try Kernel.report(invalid(text, type), rows: 1, context)
          builder.appendNull()
        }
      }
      return builder.finish()
    }
  }

  private static func nested(
    _ text: UnsafeRawBufferPointer, _ type: LogicalType
  ) throws(SQLError) -> Value? {
    switch type {
    case .point: return numbers(text).flatMap { $0.count == 2 ? .structure($0) : nil }
    case .circle: return numbers(text).flatMap { $0.count == 3 ? .structure($0) : nil }
    case .polygon:
      guard let numbers = numbers(text), numbers.count >= 6, numbers.count % 2 == 0 else {
        return nil
      }
      return .list(
        stride(from: 0, to: numbers.count, by: 2).map {
          .structure([numbers[$0], numbers[$0 + 1]])
        })
    case .list(let element):
      var reader = ListTextReader(Array(text))
      guard let items = reader.readAll() else { return nil }
      var values: [Value] = []
      for item in items {
        guard let item else {
          values.append(.null)
          continue
        }
        values.append(try value(item, to: element))
      }
      return .list(values)
    default: return nil
    }
  }

  /// All numbers of a shape's text: DALI's `10 20 1` or PostgreSQL's `<(10,20),1>`.
  private static func numbers(_ text: UnsafeRawBufferPointer) -> [Value]? {
    let separators = Array(" \t,()<>".utf8)
    var values: [Value] = []
    for part in text.split(whereSeparator: { separators.contains($0) }) {
      let bytes = UnsafeRawBufferPointer(rebasing: part)
      guard let number = try? NumberText.parseDouble(bytes), number.isFinite else { return nil }
      values.append(.float64(number))
    }
    return values
  }
}

/// Splits `{a,"b c",NULL,{d}}` into the texts of its elements.
private struct ListTextReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The elements, nil for NULL; nil when the text is no list.
  mutating func readAll() -> [String?]? {
    skipBlanks()
    guard accept("{") else { return nil }
    var items: [String?] = []
    skipBlanks()
    if !accept("}") {
      repeat {
        guard let item = readItem() else { return nil }
        items.append(item.isNull ? nil : item.text)
      } while accept(",")
      guard accept("}") else { return nil }
    }
    skipBlanks()
    return position == bytes.count ? items : nil
  }

  private mutating func readItem() -> (text: String, isNull: Bool)? {
    skipBlanks()
    defer { skipBlanks() }
    if accept("\"") { return readQuoted().map { ($0, false) } }
    let start = position
    var depth = 0
    while position < bytes.count {
      let byte = bytes[position]
      if depth == 0, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") { break }
      if byte == UInt8(ascii: "{") { depth += 1 }
      if byte == UInt8(ascii: "}") { depth -= 1 }
      position += 1
    }
    var end = position
    while end > start, bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
    guard end > start, depth == 0 else { return nil }
    let text = String(decoding: bytes[start..<end], as: UTF8.self)
    return (text, text.lowercased() == "null")
  }

  private mutating func readQuoted() -> String? {
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      if byte == UInt8(ascii: "\\") {
        guard position < bytes.count else { return nil }
        text.append(bytes[position])
        position += 1
      } else {
        text.append(byte)
      }
    }
    return nil
  }

  private mutating func skipBlanks() { while accept(" ") {} }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }
}
