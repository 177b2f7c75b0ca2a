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

  var isEmpty: Bool { chunks.isEmpty }
  var sizeBytes: Int { chunks.reduce(0) { $0 + $1.rows.sizeBytes } }

  /// Adds flat rows with consecutive numbers. Their memory is charged to `reservations`, from which each
  /// chunk takes over its part.
  mutating func append(
    _ batches: [Batch], firstRow: Int, _ memory: MemoryAccount,
    taking reservations: [MemoryReservation]
  ) {
    let charged = MemoryReservation(memory)
    for reservation in reservations { charged.absorb(reservation) }
    var next = firstRow
    for batch in batches where batch.rowCount > 0 {
      if !canAppend(row: next) {
        chunks.append(Chunk(firstRow: next, rows: RowChunk(memory)))
        isSealed = false
      }
      let index = chunks.count - 1
      chunks[index].rows.add(batch)
      charged.give(batch.sizeBytes, to: chunks[index].rows.reservation)
      next += batch.rowCount
      nextRow = next
    }
  }

  private func canAppend(row: Int) -> Bool {
    guard let last = chunks.last, !isSealed else { return false }
    return last.end == row && !last.rows.isFull
  }

  /// Hides rows by their numbers; false if one is not there.
  mutating func hide(_ rows: [Int]) -> Bool {
    var index = 0
    for row in rows {
      while index < chunks.count, chunks[index].end <= row { index += 1 }
      guard index < chunks.count, chunks[index].firstRow <= row else { return false }
      chunks[index].rows.mask.hide(row - chunks[index].firstRow)
    }
    dropEmptyChunks()
    return true
  }

  mutating func hide(_ mask: RowMask, inChunkFrom firstRow: Int) {
    guard let index = chunks.firstIndex(where: { $0.firstRow == firstRow }) else { return }
    chunks[index].rows.mask = chunks[index].rows.mask.union(mask)
    dropEmptyChunks()
  }

  private mutating func dropEmptyChunks() { chunks.removeAll { $0.rows.visibleRowCount == 0 } }

  /// Gives back the memory of chunks most of whose rows are gone. What is left of them gets new numbers,
  /// so that whoever knows rows by their old ones finds none: not where a log knows them.
  mutating func dropHiddenRows() {
    for index in chunks.indices {
      guard let copy = chunks[index].rows.withoutHiddenRows else { continue }
      chunks[index] = Chunk(firstRow: nextRow, rows: copy)
      nextRow += copy.rowCount
    }
  }

  /// The rows so far; those that come later are in other chunks.
  mutating func sealed() -> [Chunk] {
    isSealed = true
    return chunks
  }

  /// Forgets the rows before a number at which a chunk was sealed.
  mutating func removeRows(below end: Int) { chunks.removeAll { $0.end <= end } }
}
