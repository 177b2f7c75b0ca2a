import Base
import Synchronization
import Vectors

/// Which held rows of a full join have found a partner; written by all threads that probe.
///
/// Memory: one byte a row, on the query's account.
final class PartnerMarks: @unchecked Sendable {
  let table: JoinTable
  private let marks: UnsafeMutablePointer<Atomic<UInt8>>
  private let reservation: MemoryReservation

  init(_ table: JoinTable, memory: MemoryAccount) throws(SQLError) {
    self.table = table
    reservation = MemoryReservation(memory)
    try reservation.grow(by: table.rowCount)
    marks = .allocate(capacity: max(1, table.rowCount))
    for row in 0..<table.rowCount { (marks + row).initialize(to: Atomic(0)) }
  }

  deinit { marks.deallocate() }

  func mark(_ rows: [UInt32]) {
    for row in rows { marks[Int(row)].store(1, ordering: .relaxed) }
  }

  /// The rows of a range that have no partner.
  func unmarked(_ range: Range<Int>) -> [UInt32] {
    var result: [UInt32] = []
    for row in range where marks[row].load(ordering: .relaxed) == 0 {
      result.append(UInt32(truncatingIfNeeded: row))
    }
    return result
  }
}

/// Gives out the held rows of a full join that found no partner, with NULLs for the left side.
final class UnmatchedSource: Source {
  private static let rowsPerMorsel = 64 * Batch.capacity
  private let partners: PartnerMarks
  private let leftTypes: [LogicalType]

  init(_ partners: PartnerMarks, leftTypes: [LogicalType]) {
    self.partners = partners
    self.leftTypes = leftTypes
  }

  var morselCount: Int {
    (partners.table.rowCount + Self.rowsPerMorsel - 1) / Self.rowsPerMorsel
  }

  func reader(ofMorsel morsel: Int) throws(SQLError) -> any MorselReader {
    let start = morsel * Self.rowsPerMorsel
    let end = min(partners.table.rowCount, start + Self.rowsPerMorsel)
    return Reader(partners, start..<end, leftTypes)
  }

  private final class Reader: MorselReader {
    private let partners: PartnerMarks
    private var remaining: Range<Int>
    private let leftTypes: [LogicalType]

    init(_ partners: PartnerMarks, _ range: Range<Int>, _ leftTypes: [LogicalType]) {
      self.partners = partners
      remaining = range
      self.leftTypes = leftTypes
    }

    func next() throws(SQLError) -> Batch? {
      while !remaining.isEmpty {
        let range = remaining.prefix(Batch.capacity)
        remaining = range.upperBound..<remaining.upperBound
        let rows = partners.unmarked(range)
        if rows.isEmpty { continue }
        let nulls = leftTypes.map { Vector.nulls($0, count: rows.count) }
        return Batch(columns: nulls + partners.table.gather(rows), rowCount: rows.count)
      }
      return nil
    }
  }
}
