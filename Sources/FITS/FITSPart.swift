import Base
import Engine
import FunctionKit
import Vectors

/// Reads a range of rows: blocks of whole rows into a buffer, columns out of it.
///
/// Memory: one block of rows and the heap arrays of one batch; a row beyond 64 MiB is refused.
final class FITSPart: BatchGenerator {
  static let rowLimitBytes = 64 << 20

  private let scan: FITSScan
  private let columns: [FITSColumn]
  private let handle: FITSHandle
  private let context: QueryContext
  private let reservation: MemoryReservation
  private let endRow: Int
  /// The first row of the next batch.
  private var row: Int
  private let rowsPerBlock: Int
  /// The bytes of the rows that are read: a span of each that holds all wanted columns.
  private let span: Range<Int>
  private var block: Buffer
  private var stride: Int
  private var blockRows = 0..<0

  init(
    _ scan: FITSScan, rows: Range<Int>, _ columns: [FITSColumn], context: QueryContext
  ) throws(SQLError) {
    self.scan = scan
    self.columns = columns
    self.context = context
    row = rows.lowerBound
    endRow = rows.upperBound
    let low = columns.map(\.offset).min() ?? 0
    let high = columns.map { $0.offset + $0.widthBytes }.max() ?? 0
    span = low..<high
    // Long rows of which little is wanted are read piece by piece, others as they lie in the file.
    let isPacked = scan.table.rowSizeBytes > 16384 && span.count < scan.table.rowSizeBytes / 2
    stride = isPacked ? span.count : scan.table.rowSizeBytes
    let decoded = columns.reduce(0) { total, column in
      let (bytes, overflow) = column.elementCount.multipliedReportingOverflow(by: 16)
      return overflow ? .max : total.addingReportingOverflow(bytes).overflow ? .max : total + bytes
    }
    let weight = max(1, stride, decoded)
    guard weight <= Self.rowLimitBytes * 2 else {
      throw scan.table.place.error(
        .programLimitExceeded, "a row of \(weight) bytes is longer than the limit of "
          + "\(Self.rowLimitBytes >> 20) MiB", hint: "Ask for fewer columns.")
    }
    rowsPerBlock = max(1, min(Batch.capacity, Batch.byteBudget / weight))
    reservation = MemoryReservation(context.memory)
    let size = columns.isEmpty ? 0 : rowsPerBlock * stride
    try reservation.grow(by: size)
    block = Buffer(sizeBytes: size)
    handle = try scan.handles.take()
  }

  deinit { scan.handles.give(handle) }

  func next() throws(SQLError) -> Batch? {
    try context.checkpoint()
    guard row < endRow else { return nil }
    if columns.isEmpty {
      let count = min(Batch.capacity, endRow - row)
      advance(count)
      return Batch(columns: [], rowCount: count)
    }
    if row >= blockRows.upperBound { try fill() }
    let start = row - blockRows.lowerBound
    var rows = FITSRows(
      base: UnsafeRawPointer(block.base) + start * stride, stride: stride,
      spanStart: stride == scan.table.rowSizeBytes ? 0 : span.lowerBound,
      count: blockRows.upperBound - row, firstRow: row)
    let arrays = FITSArrays(scan.table, handle, reservation)
    let fitting = try arrays.fittingCount(rows, columns)
    rows.count = fitting
    var vectors: [Vector] = []
    vectors.reserveCapacity(columns.count)
    for column in columns {
      let decoder = FITSDecoder(column, scan.table.place, keepsNaN: scan.keepsNaN)
      vectors.append(
        column.isVariable
          ? try arrays.vector(rows, decoder) : try decoder.vector(rows))
    }
    advance(fitting)
    return Batch(columns: vectors, rowCount: fitting)
  }

  private func advance(_ count: Int) {
    row += count
    scan.addRead(count)
  }

  private func fill() throws(SQLError) {
    let count = min(rowsPerBlock, endRow - row)
    let width = scan.table.rowSizeBytes
    if stride == width {
      try handle.read(count * width, at: row * width, into: block.base)
    } else {
      for index in 0..<count {
        try handle.read(
          span.count, at: (row + index) * width + span.lowerBound,
          into: block.base + index * stride)
      }
    }
    blockRows = row..<row + count
  }
}

/// Rows of a table in memory.
struct FITSRows {
  let base: UnsafeRawPointer
  let stride: Int
  /// The byte of a row that `base` begins with.
  let spanStart: Int
  var count: Int
  /// Of the table, from 0.
  let firstRow: Int
}
