import Base
import Engine
import Vectors

/// Rows as BINARY2: a bit for each NULL, then big-endian values, all in Base64.
final class Binary2Rows: VOTableRows {
  private let columns: [Binary2Column]
  private var base64 = Base64Writer()
  private var bytes = ByteWriter(capacity: 64 << 10)
  /// Where each row begins, and where its next value goes.
  private var starts = [Int](repeating: 0, count: Batch.capacity + 1)
  private var cursors: [UnsafeMutableRawPointer] = []

  init(_ columns: [ResultColumn]) { self.columns = columns.map { Binary2Column($0.type) } }

  func begin(into out: inout ByteWriter) {
    out.append("<BINARY2>\n<STREAM encoding=\"base64\">\n")
  }

  func end(into out: inout ByteWriter) {
    base64.finish(into: &out)
    out.append("\n</STREAM>\n</BINARY2>")
  }

  /// Values are written column by column, each row at its own cursor, so that the type of a column is
  /// looked at once a batch.
  func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    let rowCount = batch.rowCount
    let flagBytes = (columns.count + 7) / 8
    if starts.count <= rowCount { starts = [Int](repeating: 0, count: rowCount + 1) }
    for row in 0..<rowCount { starts[row] = flagBytes }
    for (column, vector) in zip(columns, batch.columns) {
      try column.fill(from: vector)
      column.addSizes(to: &starts, rowCount)
    }
    let size = Self.sumUp(&starts, rowCount)
    bytes.removeAll()
    bytes.reserve(size)
    let base = bytes.end
    cursors.removeAll(keepingCapacity: true)
    for row in 0..<rowCount {
      let start = base + starts[row]
      start.initializeMemory(as: UInt8.self, repeating: 0, count: flagBytes)
      cursors.append(start + flagBytes)
    }
    for (index, column) in columns.enumerated() {
      column.write(to: &cursors, rowCount)
      guard let nulls = column.nulls else { continue }
      let bit = UInt8(0x80) >> UInt8(index & 7)
      for row in 0..<rowCount where !nulls.isValid(row) {
        let flags = (base + starts[row] + index / 8).assumingMemoryBound(to: UInt8.self)
        flags.pointee |= bit
      }
    }
    bytes.advance(size)
    base64.append(bytes.bytes, into: &out)
  }

  /// Sizes become starts; gives the sum.
  private static func sumUp(_ sizes: inout [Int], _ count: Int) -> Int {
    var sum = 0
    for row in 0..<count {
      let size = sizes[row]
      sizes[row] = sum
      sum += size
    }
    return sum
  }
}
