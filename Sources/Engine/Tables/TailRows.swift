import Base
import Storage
import Vectors

/// The rows of a table that are in no segment: in the log and in memory, or only in memory.
///
/// Rows are numbered in the order in which they came; the log names them by their numbers.
struct TailRows {
  struct Chunk {
    let firstRow: Int
    var rows: RowChunk

    var end: Int { firstRow + rows.rowCount }
  }

  private(set) var chunks: [Chunk] = []
  private(set) var nextRow = 0
  /// Rows that come go to a chunk of their own.
  private var isSealed = false

  private static let chunkRows = 1 << 16
  private static let chunkBytes = 16 << 20

  var isEmpty: Bool { chunks.isEmpty }

  /// Adds flat rows with consecutive numbers.
  mutating func append(_ batches: [Batch], firstRow: Int, _ memory: MemoryAccount) {
    guard batches.contains(where: { $0.rowCount > 0 }) else { return }
    let last = chunks.last
    if last == nil || isSealed || last?.end != firstRow
      || last?.rows.rowCount ?? 0 >= Self.chunkRows || last?.rows.sizeBytes ?? 0 >= Self.chunkBytes
    {
      chunks.append(Chunk(firstRow: firstRow, rows: RowChunk(memory)))
      isSealed = false
    }
    let index = chunks.count - 1
    for batch in batches where batch.rowCount > 0 { chunks[index].rows.add(batch) }
    nextRow = chunks[index].end
  }

  /// Takes over the memory that the last rows are charged to.
  func take(_ reservation: MemoryReservation) { chunks.last?.rows.reservation.absorb(reservation) }

  /// Hides rows by their numbers; false if one is not there.
  mutating func hide(_ rows: [Int]) -> Bool {
    var index = 0
    for row in rows {
      while index < chunks.count, chunks[index].end <= row { index += 1 }
      guard index < chunks.count, chunks[index].firstRow <= row else { return false }
      chunks[index].rows.mask.hide(row - chunks[index].firstRow)
    }
    return true
  }

  mutating func hide(_ mask: RowMask, inChunkFrom firstRow: Int) {
    guard let index = chunks.firstIndex(where: { $0.firstRow == firstRow }) else { return }
    chunks[index].rows.mask = chunks[index].rows.mask.union(mask)
  }

  /// The rows so far; those that come later are in other chunks.
  mutating func sealed() -> [Chunk] {
    isSealed = true
    return chunks
  }

  /// Forgets the rows before a number at which a chunk was sealed.
  mutating func removeRows(below end: Int) { chunks.removeAll { $0.end <= end } }
}
