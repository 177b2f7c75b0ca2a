import Base

/// Which run-length encoding a column's integers have.
enum IntegerEncoding { case version1, version2 }

/// Reads the integers of one stream run by run; a run that is not wanted whole is kept.
final class IntegerDecoder {
  private let cursor: StreamCursor
  private let encoding: IntegerEncoding
  private let isSigned: Bool
  /// The run that was decoded last and is only partly given away: `pendingNext ..< pendingEnd`.
  private let pending = UnsafeMutablePointer<Int64>.allocate(capacity: RunHeader.maximumCount)
  private var pendingNext = 0
  private var pendingEnd = 0
  private let scratch = UnsafeMutablePointer<Int64>.allocate(
    capacity: PatchedBase.maximumPatchCount + 1)
  private static let pieceCount = 1024

  /// - Parameter skipping: values to pass over, as a row index tells.
  init(
    _ cursor: StreamCursor, _ encoding: IntegerEncoding, isSigned: Bool, skipping: Int = 0
  ) throws(SQLError) {
    self.cursor = cursor
    self.encoding = encoding
    self.isSigned = isSigned
    try skip(skipping)
  }

  deinit {
    pending.deallocate()
    scratch.deallocate()
  }

  func read(into out: UnsafeMutablePointer<Int64>, count: Int) throws(SQLError) {
    var done = 0
    while done < count {
      if pendingNext < pendingEnd {
        let here = min(count - done, pendingEnd - pendingNext)
        (out + done).update(from: pending + pendingNext, count: here)
        pendingNext += here
        done += here
        continue
      }
      let run = try peekCount()
      if run <= count - done {
        try decode(run, into: out + done)
        done += run
      } else {
        try decode(run, into: pending)
        pendingNext = 0
        pendingEnd = run
      }
    }
  }

  /// Reads values that must fit a narrower type.
  func read<T: FixedWidthInteger & SignedInteger>(
    narrowingInto out: UnsafeMutablePointer<T>, count: Int
  ) throws(SQLError) {
    let wide = UnsafeMutablePointer<Int64>.allocate(capacity: Self.pieceCount)
    defer { wide.deallocate() }
    var done = 0
    while done < count {
      let here = min(Self.pieceCount, count - done)
      try read(into: wide, count: here)
      var lost: Int64 = 0
      for i in 0..<here {
        let narrow = T(truncatingIfNeeded: wide[i])
        out[done &+ i] = narrow
        lost |= Int64(truncatingIfNeeded: narrow) ^ wide[i]
      }
      if lost != 0 { throw cursor.corrupt("a number does not fit \(T.bitWidth) bits") }
      done += here
    }
  }

  func skip(_ count: Int) throws(SQLError) {
    guard count > 0 else { return }
    let wide = UnsafeMutablePointer<Int64>.allocate(capacity: Self.pieceCount)
    defer { wide.deallocate() }
    var rest = count
    while rest > 0 {
      let here = min(rest, Self.pieceCount)
      try read(into: wide, count: here)
      rest -= here
    }
  }

  func corrupt(_ what: String) -> SQLError { cursor.corrupt(what) }

  @inline(__always)
  private func peekCount() throws(SQLError) -> Int {
    switch encoding {
    case .version1: try IntegerRunV1.peekCount(cursor)
    case .version2: try RunHeader.peek(cursor).count
    }
  }

  private func decode(_ count: Int, into out: UnsafeMutablePointer<Int64>) throws(SQLError) {
    guard encoding == .version2 else {
      return try IntegerRunV1.decode(cursor, count: count, isSigned: isSigned, into: out)
    }
    switch try RunHeader.peek(cursor).kind {
    case .shortRepeat:
      try ShortRepeat.decode(cursor, count: count, isSigned: isSigned, into: out)
    case .direct: try DirectRun.decode(cursor, count: count, isSigned: isSigned, into: out)
    case .patchedBase: try PatchedBase.decode(cursor, count: count, into: out, scratch: scratch)
    case .delta: try DeltaRun.decode(cursor, count: count, isSigned: isSigned, into: out)
    }
  }
}
