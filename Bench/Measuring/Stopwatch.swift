import Glibc

/// Repeats a piece of work until its time is long enough to be measured, several times over.
///
/// Time is processor time of the calling thread, so that other programs on the machine disturb
/// through caches and frequency only.
struct Stopwatch {
  let sampleCount: Int
  /// The least time of a sample.
  let sampleNS: Int64

  static let thorough = Stopwatch(sampleCount: 15, sampleNS: 10_000_000)
  static let smoke = Stopwatch(sampleCount: 1, sampleNS: 1)

  /// Times of one call.
  func measure(_ call: () throws -> Void) rethrows -> Timing {
    let repetitions = try calibrate(call)
    var samples: [Double] = []
    for _ in 0..<sampleCount {
      samples.append(Double(try Self.time(call, repetitions)) / Double(repetitions))
    }
    return Timing(samples)
  }

  /// How many calls take `sampleNS`; warms up as it finds out.
  private func calibrate(_ call: () throws -> Void) rethrows -> Int {
    var repetitions = 1
    while true {
      let elapsedNS = max(1, try Self.time(call, repetitions))
      if elapsedNS >= sampleNS { return repetitions }
      let wanted = Double(repetitions) * Double(sampleNS) / Double(elapsedNS) * 1.2
      repetitions = min(repetitions * 16, max(repetitions + 1, Int(min(wanted, 1e9))))
    }
  }

  static func time(_ call: () throws -> Void, _ repetitions: Int = 1) rethrows -> Int64 {
    let startNS = threadNS()
    for _ in 0..<repetitions { try call() }
    return threadNS() - startNS
  }

  private static func threadNS() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

/// Samples of one time, in nanoseconds.
struct Timing {
  let medianNS: Double
  let bestNS: Double
  let worstNS: Double

  /// `samples` has at least one.
  init(_ samples: [Double]) {
    precondition(!samples.isEmpty)
    let sorted = samples.sorted()
    let middle = sorted.count / 2
    medianNS = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    bestNS = sorted[0]
    worstNS = sorted[sorted.count - 1]
  }
}
