import Base
import Vectors

/// Writes batches as rows: for each a count of fields, then the fields with their lengths. The same
/// bytes are a DataRow, a row of binary COPY, or, without a frame, a row in a file of that format.
final class RowWriter {
  enum Frame {
    /// A message of this type around every row.
    case message(UInt8)
    case bare

    static let dataRow = Frame.message(UInt8(ascii: "D"))
    static let copyData = Frame.message(UInt8(ascii: "d"))
  }

  /// Clients refuse messages of 2 GiB; some of 1 GiB.
  static let maximumRowBytes = 1 << 30

  private let cells: [ColumnCells]
  private let frame: Frame
  private let sizes = UnsafeMutablePointer<Int>.allocate(capacity: Batch.capacity)
  private let places = UnsafeMutablePointer<Int>.allocate(capacity: Batch.capacity)

  /// `isBinary` says for each column which of its two forms is wanted.
  init(_ types: [LogicalType], isBinary: [Bool], frame: Frame) {
    cells = zip(types, isBinary).map { ColumnCells($0, isBinary: $1) }
    self.frame = frame
  }

  deinit {
    sizes.deallocate()
    places.deallocate()
  }

  func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    let rows = batch.rowCount
    precondition(rows <= Batch.capacity && batch.columns.count == cells.count)
    let overhead: Int
    switch frame {
    case .message: overhead = 7 + 4 * cells.count
    case .bare: overhead = 2 + 4 * cells.count
    }
    for row in 0..<rows { sizes[row] = overhead }
    for (cell, vector) in zip(cells, batch.columns) {
      try cell.fill(from: vector, addingTo: sizes)
    }
    var total = 0
    for row in 0..<rows {
      try Self.requireSendable(sizes[row])
      places[row] = total
      total &+= sizes[row]
    }
    out.reserve(total)
    writeHeads(rows, to: out.end)
    for cell in cells { cell.write(to: out.end, at: places) }
    out.advance(total)
  }

  /// Throws for a row whose message nobody would take.
  static func requireSendable(_ sizeBytes: Int) throws(SQLError) {
    guard sizeBytes > maximumRowBytes else { return }
    throw SQLError(
      .programLimitExceeded, "row is too long to be sent: \(sizeBytes) bytes",
      hint: "Ask for fewer columns, or for parts of the values.")
  }

  private func writeHeads(_ rows: Int, to target: UnsafeMutableRawPointer) {
    let count = UInt16(truncatingIfNeeded: cells.count).bigEndian
    for row in 0..<rows {
      var place = places[row]
      if case .message(let type) = frame {
        target.storeBytes(of: type, toByteOffset: place, as: UInt8.self)
        let length = Int32(truncatingIfNeeded: sizes[row] &- 1).bigEndian
        target.storeBytes(of: length, toByteOffset: place &+ 1, as: Int32.self)
        place &+= 5
      }
      target.storeBytes(of: count, toByteOffset: place, as: UInt16.self)
      places[row] = place &+ 2
    }
  }
}
