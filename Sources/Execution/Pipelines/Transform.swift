import Base
import Vectors

/// A step in the middle of a pipeline: takes a batch, then gives out batches until it wants another.
/// One instance serves one morsel.
protocol Transform: AnyObject {
  /// Called first, with the number of the morsel within its source.
  func begin(morsel: Int)
  func accept(_ batch: Batch) throws(SQLError)
  /// The next output, never an empty batch; nil when all of the input is used up.
  func next() throws(SQLError) -> Batch?
  /// The morsel has no more input: what was kept back comes from `next`.
  func finish()
}

extension Transform {
  func begin(morsel: Int) {}
  func finish() {}
}
