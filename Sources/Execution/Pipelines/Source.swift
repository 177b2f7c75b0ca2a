import Base
import Vectors

/// Where the rows of a pipeline come from, cut into morsels that workers take one by one.
protocol Source: AnyObject, Sendable {
  var morselCount: Int { get }
  /// Morsels with lower numbers come earlier in the result.
  func reader(ofMorsel morsel: Int) throws(SQLError) -> any MorselReader
}

/// Reads one morsel from front to back.
protocol MorselReader: AnyObject {
  /// The next rows, never an empty batch; nil at the end.
  func next() throws(SQLError) -> Batch?
}
