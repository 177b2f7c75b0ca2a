import Base
import Vectors

/// An aggregate that answers for many frames at once, in time that does not grow with their width.
public protocol SlidingAggregate: AggregateState {
  /// The answer of each frame over the rows of `inputs`, which are flat. The groups of the state
  /// itself are neither read nor changed.
  func slide(_ inputs: [Vector], over frames: FrameRows, as type: LogicalType)
    throws(SQLError) -> Vector
}

/// The rows of `count` frames, half-open. Neither starts nor ends ever go back, and no end is
/// before its start.
public struct FrameRows {
  public let starts: UnsafePointer<UInt32>
  public let ends: UnsafePointer<UInt32>
  public let count: Int

  public init(starts: UnsafePointer<UInt32>, ends: UnsafePointer<UInt32>, count: Int) {
    self.starts = starts
    self.ends = ends
    self.count = count
  }
}
