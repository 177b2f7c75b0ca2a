import FunctionKit

/// Combines the rows of frames that slide.
///
/// A frame is kept as two halves: for its front, what is combined from every row to the middle; for
/// its back, one value. Rows join the back; when the front is used up, the back becomes the next
/// front. So each row is combined at most twice, nothing is ever taken away again (sums do not lose
/// digits, a NaN leaves with its row), and what only grows costs one step a row.
enum SlidingFrames {
  /// Calls `emit(frame, value)` for each frame. `combine` must be associative with `zero` neutral;
  /// earlier rows are on its left.
  @inline(__always)
  static func forEach<Value: BitwiseCopyable>(
    _ frames: FrameRows, zero: Value, load: (Int) -> Value, combine: (Value, Value) -> Value,
    emit: (Int, Value) -> Void
  ) {
    var front = UnsafeMutablePointer<Value>.allocate(capacity: 16)
    var capacity = 16
    defer { front.deallocate() }
    // front[i - first] combines the rows i ..< middle; back those of middle ..< end.
    var (first, middle, end) = (0, 0, 0)
    var back = zero
    for frame in 0..<frames.count {
      let (start, newEnd) = (Int(frames.starts[frame]), Int(frames.ends[frame]))
      if start >= newEnd {
        emit(frame, zero)
        continue
      }
      if start >= end {
        (first, middle, end, back) = (start, start, start, zero)
      } else if start > middle {
        if newEnd - start > capacity {
          capacity = max(newEnd - start, 2 * capacity)
          front.deallocate()
          front = .allocate(capacity: capacity)
        }
        var value = zero
        for row in stride(from: newEnd - 1, through: start, by: -1) {
          value = combine(load(row), value)
          front[row &- start] = value
        }
        (first, middle, end, back) = (start, newEnd, newEnd, zero)
      }
      while end < newEnd {
        back = combine(back, load(end))
        end &+= 1
      }
      emit(frame, start < middle ? combine(front[start &- first], back) : back)
    }
  }
}
