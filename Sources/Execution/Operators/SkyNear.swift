import Base
import Vectors

/// Passes on the rows that have a partner among held ones: what a left join with few rows on its
/// left side has to hold of its right one. Memory: one batch.
final class SkyNear: Transform {
  private let table: SkyJoinTable
  private let side: SkyJoinSide
  private let evaluation: EvaluationContext
  private let candidates = UnsafeMutablePointer<UInt16>.allocate(capacity: Batch.capacity)
  private var output: Batch?

  init(table: SkyJoinTable, side: SkyJoinSide, evaluation: EvaluationContext) {
    self.table = table
    self.side = side
    self.evaluation = evaluation
  }

  deinit { candidates.deallocate() }

  func accept(_ batch: Batch) throws(SQLError) {
    let places = try SkyPlaces(batch, side, evaluation)
    let count = table.candidates(places.cells, count: places.count, into: candidates)
    var rows: [UInt16] = []
    for index in 0..<count where table.hasPartner(places, row: Int(candidates[index])) {
      rows.append(candidates[index])
    }
    if !rows.isEmpty { output = batch.filtered(by: SelectionVector(rows)) }
  }

  func next() -> Batch? {
    defer { output = nil }
    return output
  }
}
