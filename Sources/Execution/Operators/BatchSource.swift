import Base
import FunctionKit
import Vectors

/// Batches that are there already: VALUES, the rows of a finished operator.
final class BatchSource: Source {
  private static let batchesPerMorsel = 16
  private let batches: [Batch]

  init(_ batches: [Batch]) { self.batches = batches }

  /// Constant rows, column-wise cut into batches.
  convenience init(rows: [[Value]], types: [LogicalType]) {
    self.init(Batch.batches(of: rows, types: types))
  }

  var morselCount: Int { (batches.count + Self.batchesPerMorsel - 1) / Self.batchesPerMorsel }

  func reader(ofMorsel morsel: Int) throws(SQLError) -> any MorselReader {
    let start = morsel * Self.batchesPerMorsel
    return BatchReader(batches[start..<min(batches.count, start + Self.batchesPerMorsel)])
  }
}

/// Gives out batches that are there already.
final class BatchReader: MorselReader {
  private var remaining: ArraySlice<Batch>

  init(_ batches: ArraySlice<Batch>) { remaining = batches }

  func next() throws(SQLError) -> Batch? { remaining.popFirst() }
}

/// Rows that come one after the other from a table function: one morsel.
final class GeneratorSource: Source {
  private let open: @Sendable () throws(SQLError) -> any BatchGenerator

  init(_ open: @escaping @Sendable () throws(SQLError) -> any BatchGenerator) { self.open = open }

  var morselCount: Int { 1 }

  func reader(ofMorsel morsel: Int) throws(SQLError) -> any MorselReader { Reader(try open()) }

  private final class Reader: MorselReader {
    private let generator: any BatchGenerator
    init(_ generator: any BatchGenerator) { self.generator = generator }

    func next() throws(SQLError) -> Batch? {
      while let batch = try generator.next() {
        if batch.rowCount > 0 { return batch }
      }
      return nil
    }
  }
}
