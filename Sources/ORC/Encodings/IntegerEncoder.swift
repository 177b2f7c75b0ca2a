import Base

/// Writes integers in RLEv2 and chooses, run by run, the cheapest of its four encodings.
///
/// Runs never reach over the values of one call, so that a row group begins with a run of its own
/// and can be read without its neighbours.
final class IntegerEncoder {
  private let isSigned: Bool
  private let plain = UnsafeMutablePointer<UInt64>.allocate(capacity: RunHeader.maximumCount)
  private let adjusted = UnsafeMutablePointer<UInt64>.allocate(capacity: RunHeader.maximumCount)
  private var histogram = [Int](repeating: 0, count: 65)

  init(isSigned: Bool) { self.isSigned = isSigned }

  deinit {
    plain.deallocate()
    adjusted.deallocate()
  }

  /// Appends `count` values; unsigned ones must not be negative.
  func encode(_ values: UnsafePointer<Int64>, count: Int, into out: inout ByteWriter) {
    var done = 0
    while done < count {
      done += encodeRun(values + done, available: count - done, into: &out)
    }
  }

  @inline(__always)
  private func unsigned(_ value: Int64) -> UInt64 {
    isSigned ? ZigZag.encode(value) : UInt64(bitPattern: value)
  }

  /// Writes one run and gives the number of its values.
  private func encodeRun(
    _ values: UnsafePointer<Int64>, available: Int, into out: inout ByteWriter
  ) -> Int {
    let limit = min(available, RunHeader.maximumCount)
    let repeated = repeatCount(values, limit: limit)
    if repeated == limit || repeated >= 32 {
      if repeated >= ShortRepeat.counts.lowerBound {
        encodeRepeat(values[0], count: repeated, into: &out)
        return repeated
      }
    }
    if let steps = steps(of: values, count: limit) {
      return encodeSteps(steps, values, count: limit, into: &out)
    }
    let count = countBeforeRepeat(values, limit: limit)
    if count == 0 {
      encodeRepeat(values[0], count: repeated, into: &out)
      return repeated
    }
    if count < limit, let steps = steps(of: values, count: count) {
      return encodeSteps(steps, values, count: count, into: &out)
    }
    encodeIrregular(values, count: count, into: &out)
    return count
  }

  private func repeatCount(_ values: UnsafePointer<Int64>, limit: Int) -> Int {
    var count = 1
    while count < limit, values[count] == values[0] { count &+= 1 }
    return count
  }

  private func encodeRepeat(_ value: Int64, count: Int, into out: inout ByteWriter) {
    if ShortRepeat.counts.contains(count) {
      ShortRepeat.encode(unsigned(value), count: count, into: &out)
    } else {
      DeltaRun.encode(
        first: unsigned(value), step: 0, steps: plain, count: count, stepWidth: 0, into: &out)
    }
  }

  /// How many values come before a repetition that pays for a run of its own; `limit` if none does.
  private func countBeforeRepeat(_ values: UnsafePointer<Int64>, limit: Int) -> Int {
    var bits: UInt64 = 0
    for i in 0..<limit { bits |= unsigned(values[i]) }
    let width = BitWidth.holding(BitWidth.bits(of: bits))
    // A repetition costs about 3 bytes and a new header behind it 2 more.
    let worthwhile = max(ShortRepeat.counts.lowerBound, (40 + width) / width)
    var start = 0
    var i = 1
    while i < limit {
      if values[i] != values[start] {
        if i &- start >= worthwhile { return start }
        start = i
      }
      i &+= 1
    }
    return limit - start >= worthwhile ? start : limit
  }
}

// Rising and falling values.
extension IntegerEncoder {
  private struct Steps {
    var first: Int64
    var areEqual: Bool
    var width: Int
  }

  /// The steps of values that only rise or only fall, their sizes left in `adjusted`; else nil.
  private func steps(of values: UnsafePointer<Int64>, count: Int) -> Steps? {
    guard count >= 3 else { return nil }
    let (first, firstOverflow) = values[1].subtractingReportingOverflow(values[0])
    guard !firstOverflow, first != 0 else { return nil }
    var different: Int64 = 0
    var bits: UInt64 = 0
    for i in 2..<count {
      let (step, overflow) = values[i].subtractingReportingOverflow(values[i &- 1])
      if overflow || (step != 0 && (step < 0) != (first < 0)) { return nil }
      different |= step ^ first
      adjusted[i &- 2] = step.magnitude
      bits |= adjusted[i &- 2]
    }
    let width = DeltaRun.width(holding: BitWidth.bits(of: bits))
    return Steps(first: first, areEqual: different == 0, width: different == 0 ? 0 : width)
  }

  private func encodeSteps(
    _ steps: Steps, _ values: UnsafePointer<Int64>, count: Int, into out: inout ByteWriter
  ) -> Int {
    let size = DeltaRun.encodedSizeBytes(
      first: unsigned(values[0]), step: steps.first, count: count, stepWidth: steps.width)
    var bits: UInt64 = 0
    for i in 0..<count { bits |= unsigned(values[i]) }
    let width = BitWidth.holding(BitWidth.bits(of: bits))
    if DirectRun.encodedSizeBytes(count: count, width: width) <= size {
      encodeIrregular(values, count: count, into: &out)
    } else {
      DeltaRun.encode(
        first: unsigned(values[0]), step: steps.first, steps: adjusted, count: count,
        stepWidth: steps.width, into: &out)
    }
    return count
  }
}

// Values without an order.
extension IntegerEncoder {
  private func encodeIrregular(
    _ values: UnsafePointer<Int64>, count: Int, into out: inout ByteWriter
  ) {
    var bits: UInt64 = 0
    var smallest = values[0]
    var largest = values[0]
    for i in 0..<count {
      let value = unsigned(values[i])
      plain[i] = value
      bits |= value
      smallest = min(smallest, values[i])
      largest = max(largest, values[i])
    }
    let width = BitWidth.holding(BitWidth.bits(of: bits))
    if !largest.subtractingReportingOverflow(smallest).overflow, count >= 8, width > 2,
      let layout = patchedLayout(values, base: smallest, count: count),
      PatchedBase.encodedSizeBytes(layout, count: count)
        < DirectRun.encodedSizeBytes(count: count, width: width)
    {
      PatchedBase.encode(layout, base: smallest, adjusted: adjusted, count: count, into: &out)
    } else {
      DirectRun.encode(plain, count: count, width: width, into: &out)
    }
  }

  private func patchedLayout(
    _ values: UnsafePointer<Int64>, base: Int64, count: Int
  ) -> PatchedBase.Layout? {
    for i in histogram.indices { histogram[i] = 0 }
    for i in 0..<count {
      adjusted[i] = UInt64(bitPattern: values[i] &- base)
      histogram[BitWidth.bits(of: adjusted[i])] += 1
    }
    return PatchedBase.layout(base: base, adjusted: adjusted, count: count, histogram: histogram)
  }
}
