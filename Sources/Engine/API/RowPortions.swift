import Base
import Vectors

/// Cuts batches into portions that may be written out one after the other.
///
/// A batch is small where its rows share text, lists or constants; written out, each row has its own
/// copy, and a batch of 4 MiB can be terabytes. So who encodes rows takes a portion at a time, and the
/// memory of one that is large, because a single row is, is held on the query's account meanwhile.
public struct RowPortions {
  /// Plain bytes of a portion of more than one row.
  public static let budgetBytes = 1 << 20
  /// Plain bytes of the longest row that is written.
  public static let maximumRowBytes = 1 << 30
  /// What encoding takes for every plain byte: the cells of the row, the row, and a copy of it while
  /// the target grows; bytes that are escaped or written in hexadecimal take twice their room.
  private static let bytesPerPlainByte = 4

  private let reservation: MemoryReservation?
  private let bytesPerRow: Int
  private var heldBytes = 0
  /// The last portion was a row of more than `budgetBytes`.
  private(set) var isLarge = false
  /// Rows to try next: what was right for the last portion, or twice that.
  private var rowCount = Batch.capacity

  /// Without an account large rows are limited in size and not counted. `bytesPerRow`: as an encoder's.
  public init(_ account: MemoryAccount?, bytesPerRow: Int = 0) {
    reservation = account.map { MemoryReservation($0) }
    self.bytesPerRow = bytesPerRow
  }

  /// Takes the first rows off `batch`, at least one if it has any; what is left may have no columns
  /// when it has no rows. Throws when that row is too long or
  /// the account has no room for it.
  public mutating func take(from batch: inout Batch) throws(SQLError) -> Batch {
    var rows = min(batch.rowCount, rowCount)
    var portion = batch.slice(from: 0, count: rows)
    var sizeBytes = plainBytes(of: portion)
    while sizeBytes > Self.budgetBytes, rows > 1 {
      rows /= 2
      portion = batch.slice(from: 0, count: rows)
      sizeBytes = plainBytes(of: portion)
    }
    try hold(sizeBytes)
    rowCount = min(Batch.capacity, max(1, rows) * 2)
    batch = rows == batch.rowCount
      ? Batch(columns: [], rowCount: 0)
      : batch.slice(from: rows, count: batch.rowCount - rows)
    return portion
  }

  /// Bytes of the rows as plain values, each with its own copy of what rows share; at most `Int.max`.
  private func plainBytes(of batch: Batch) -> Int {
    let besides = bytesPerRow.multipliedReportingOverflow(by: batch.rowCount)
    return batch.columns.reduce(besides.overflow ? .max : besides.partialValue) { (sum, column) in
      let (total, overflow) = sum.addingReportingOverflow(column.plainBytes)
      return overflow ? .max : total
    }
  }

  /// Counts the memory of a portion until the next one that is as large.
  private mutating func hold(_ sizeBytes: Int) throws(SQLError) {
    isLarge = sizeBytes > Self.budgetBytes
    guard isLarge else { return }
    guard sizeBytes <= Self.maximumRowBytes else {
      throw SQLError(
        .programLimitExceeded, "row is too long to be written: \(sizeBytes) bytes",
        hint: "Ask for fewer columns, or for parts of the values.")
    }
    let wanted = sizeBytes * Self.bytesPerPlainByte
    guard let reservation, wanted > heldBytes else { return }
    try reservation.grow(by: wanted - heldBytes)
    heldBytes = wanted
  }
}

