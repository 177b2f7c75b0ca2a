import Base
import Vectors

/// Where a field lies in its window.
struct CSVField {
  var start: UInt32
  /// 30 bits of length, then the flags below.
  private var lengthAndFlags: UInt32

  private static let quotedBit: UInt32 = 1 << 31
  private static let escapedBit: UInt32 = 1 << 30

  @inline(__always)
  init(start: Int, end: Int, isQuoted: Bool = false, hasEscapes: Bool = false) {
    self.start = UInt32(truncatingIfNeeded: start)
    var word = UInt32(truncatingIfNeeded: end &- start)
    if isQuoted { word |= Self.quotedBit }
    if hasEscapes { word |= Self.escapedBit }
    lengthAndFlags = word
  }

  var isQuoted: Bool { lengthAndFlags & Self.quotedBit != 0 }
  /// The bytes hold `""` for `"`.
  var hasEscapes: Bool { lengthAndFlags & Self.escapedBit != 0 }
  var count: Int { Int(lengthAndFlags & ~(Self.quotedBit | Self.escapedBit)) }
}

/// The fields of up to a batch of records, column by column, with the line each record began in.
final class CSVFieldTable {
  let columnCount: Int
  let capacity: Int
  var rowCount = 0
  /// Field of row r and column c at `c * capacity + r`.
  let fields: UnsafeMutablePointer<CSVField>
  /// Lines count from 1.
  let lines: UnsafeMutablePointer<Int>
  /// What the fields' starts count from; set by whoever fills the table.
  var base: UnsafeRawPointer

  /// As many rows as a batch has, fewer if there are thousands of columns.
  static func capacity(columnCount: Int) -> Int {
    max(16, min(Batch.capacity, (1 << 20) / max(1, columnCount)))
  }

  init(columnCount: Int, capacity: Int) {
    self.columnCount = columnCount
    self.capacity = capacity
    fields = UnsafeMutablePointer.allocate(capacity: max(1, columnCount * capacity))
    lines = UnsafeMutablePointer.allocate(capacity: capacity)
    base = UnsafeRawPointer(fields)
  }

  deinit {
    fields.deallocate()
    lines.deallocate()
  }

  func column(_ index: Int) -> UnsafeMutablePointer<CSVField> { fields + index * capacity }

  /// The bytes of a field between its quotes, escapes as they are.
  @inline(__always)
  func bytes(of field: CSVField) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + Int(field.start), count: field.count)
  }

  /// A field's text with escapes undone, for names and messages.
  func text(_ row: Int, _ column: Int) -> [UInt8] {
    let field = self.column(column)[row]
    let bytes = Array(bytes(of: field))
    return field.hasEscapes ? Self.unescaped(bytes) : bytes
  }

  static func unescaped(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var isSecond = false
    for byte in bytes {
      isSecond = byte == CSVQuoting.quote && !isSecond
      if !isSecond { result.append(byte) }
    }
    return result
  }
}
