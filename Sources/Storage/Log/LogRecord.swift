import Base
import Vectors

/// One commit in the log: what a statement or a transaction did to tables, as a whole.
public struct LogRecord: Sendable {
  public var entries: [LogEntry]

  public init(entries: [LogEntry] = []) { self.entries = entries }
}

/// What a commit did to one table.
public enum LogEntry: Sendable {
  /// Rows in the table's visible columns, behind the tail; they have consecutive numbers.
  case rows(tableID: String, firstRow: Int, Batch)
  /// Rows of a segment that are gone, ascending.
  case hideInSegment(tableID: String, segmentID: String, rows: [Int])
  /// Rows of the tail that are gone, ascending, by their numbers.
  case hideInTail(tableID: String, rows: [Int])

  public var tableID: String {
    switch self {
    case .rows(let id, _, _), .hideInSegment(let id, _, _), .hideInTail(let id, _): id
    }
  }
}

/// Layout of a commit in a block: its size (32 bits), the number of entries (32), then each entry:
/// kind (8), the table's id (size 8, text), and
///
/// | kind | contents |
/// |--:|---|
/// | 1 | first row's number (64), columns (32), rows (32), the columns as `LogColumnCoding` writes them |
/// | 2 | the segment's id (size 8, text), rows (64), each row as a varint of the distance to the last |
/// | 3 | rows (64), each row's number as a varint of the distance to the last |
extension LogRecord {
  public func write(to out: inout ByteWriter) throws(SQLError) {
    let start = out.count
    out.appendLittleEndian(UInt32(0))
    out.appendLittleEndian(UInt32(truncatingIfNeeded: entries.count))
    for entry in entries { entry.write(to: &out) }
    let size = out.count - start - 4
    guard size <= LogFormat.largestPayloadBytes / 2 else {
      out.truncate(to: start)
      throw SQLError(.programLimitExceeded, "a commit of \(size) bytes is too large for the log")
    }
    out.base.storeBytes(
      of: UInt32(truncatingIfNeeded: size).littleEndian, toByteOffset: start, as: UInt32.self)
  }

  /// Reads the next commit of a block; `types` gives those of a table's visible columns, nil for
  /// one that is there no more, whose entries are passed over.
  init(
    _ reader: inout ByteReader, types: (String) throws(SQLError) -> [LogicalType]?
  ) throws(SQLError) {
    let size = Int(try reader.readLittleEndian(UInt32.self))
    var inner = ByteReader(try reader.read(size))
    let count = Int(try inner.readLittleEndian(UInt32.self))
    entries = []
    for _ in 0..<count {
      let kind = try inner.readByte()
      let id = try LogEntry.shortText(&inner)
      guard let entry = try LogEntry(kind, id, &inner, types: try types(id)) else { continue }
      entries.append(entry)
    }
    guard inner.isAtEnd else { throw inner.corrupt("bytes behind a commit") }
  }
}

extension LogEntry {
  fileprivate func write(to out: inout ByteWriter) {
    switch self {
    case .rows(let id, let firstRow, let batch):
      out.append(UInt8(1))
      Self.put(id, to: &out)
      out.appendLittleEndian(UInt64(firstRow))
      out.appendLittleEndian(UInt32(truncatingIfNeeded: batch.columns.count))
      out.appendLittleEndian(UInt32(truncatingIfNeeded: batch.rowCount))
      for column in batch.columns { LogColumnCoding.append(column.flattened(), to: &out) }
    case .hideInSegment(let id, let segmentID, let rows):
      out.append(UInt8(2))
      Self.put(id, to: &out)
      Self.put(segmentID, to: &out)
      Self.put(rows, to: &out)
    case .hideInTail(let id, let rows):
      out.append(UInt8(3))
      Self.put(id, to: &out)
      Self.put(rows, to: &out)
    }
  }

  /// Nil for an entry of a table that is gone.
  fileprivate init?(
    _ kind: UInt8, _ id: String, _ reader: inout ByteReader, types: [LogicalType]?
  ) throws(SQLError) {
    switch kind {
    case 1:
      let firstRow = try reader.readLittleEndian(UInt64.self)
      let columnCount = Int(try reader.readLittleEndian(UInt32.self))
      let rowCount = Int(try reader.readLittleEndian(UInt32.self))
      guard firstRow < 1 << 48, rowCount <= Batch.capacity else {
        throw reader.corrupt("rows \(firstRow) and \(rowCount) more")
      }
      guard let types else {
        for _ in 0..<columnCount { try LogColumnCoding.skip(&reader) }
        return nil
      }
      guard types.count == columnCount else {
        throw reader.corrupt("\(columnCount) columns for a table of \(types.count)")
      }
      var columns: [Vector] = []
      for type in types {
        columns.append(try LogColumnCoding.read(&reader, type: type, count: rowCount))
      }
      self = .rows(
        tableID: id, firstRow: Int(firstRow), Batch(columns: columns, rowCount: rowCount))
    case 2:
      let segmentID = try Self.shortText(&reader)
      self = .hideInSegment(tableID: id, segmentID: segmentID, rows: try Self.rows(&reader))
    case 3: self = .hideInTail(tableID: id, rows: try Self.rows(&reader))
    default: throw TooNew.error("entry \(kind) of the write-ahead log")
    }
  }

  // MARK: Parts

  private static func put(_ text: String, to out: inout ByteWriter) {
    out.append(UInt8(truncatingIfNeeded: text.utf8.count))
    out.append(text)
  }

  fileprivate static func shortText(_ reader: inout ByteReader) throws(SQLError) -> String {
    let count = Int(try reader.readByte())
    let region = try reader.read(count)
    guard let text = region.withBytes({ String(validating: $0, as: UTF8.self) }) else {
      throw reader.corrupt("an id is no text")
    }
    return text
  }

  private static func put(_ rows: [Int], to out: inout ByteWriter) {
    out.appendLittleEndian(UInt64(rows.count))
    var last = 0
    for row in rows {
      var rest = UInt64(row &- last)
      while rest > 0x7F {
        out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      out.append(UInt8(truncatingIfNeeded: rest))
      last = row
    }
  }

  private static func rows(_ reader: inout ByteReader) throws(SQLError) -> [Int] {
    let count = try reader.readLittleEndian(UInt64.self)
    guard count <= UInt64(reader.remaining) else { throw reader.corrupt("\(count) rows") }
    var rows: [Int] = []
    rows.reserveCapacity(Int(count))
    var last: UInt64 = 0
    for _ in 0..<count {
      let (next, overflow) = last.addingReportingOverflow(try reader.readVarint())
      guard !overflow, next < 1 << 48 else { throw reader.corrupt("row \(next)") }
      rows.append(Int(next))
      last = next
    }
    return rows
  }
}
