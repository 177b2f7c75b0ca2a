import Base

/// Finds values by rank without sorting, NaN counting as the greatest number.
enum Selection {
  /// Below this, quickselect; above it, one round of counting by value leaves a 256th.
  private static let fewest = 512
  private static let bucketCount = 256
  private static let longPass = 1 << 15

  /// The value of rank `rank` (from 0) among `count`, and the next one (nil for the last). Reorders
  /// the values. Passes over many values are followed by a checkpoint, which may throw.
  static func select(
    _ values: UnsafeMutablePointer<Double>, _ count: Int, _ rank: Int,
    checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) -> (value: Double, next: Double?) {
    let numbers = moveNaNsBehind(values, count)
    if rank >= numbers { return (.nan, rank + 1 < count ? .nan : nil) }
    var (value, next) = try narrow(values, numbers, rank, checkpoint)
    if next == nil, rank + 1 < count { next = .nan }
    return (value, next)
  }

  private static func moveNaNsBehind(_ values: UnsafeMutablePointer<Double>, _ count: Int) -> Int {
    var kept = 0
    for row in 0..<count {
      let value = values[row]
      if value == value {
        values[row] = values[kept]
        values[kept] = value
        kept &+= 1
      }
    }
    return kept
  }

  /// Counts the values in buckets of equal width and goes on with the one where the rank lies.
  private static func narrow(
    _ values: UnsafeMutablePointer<Double>, _ count: Int, _ rank: Int,
    _ checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) -> (value: Double, next: Double?) {
    if count > longPass { try checkpoint() }
    guard count > fewest else { return quick(values, count, rank) }
    let (low, high) = bounds(values, count)
    if low == high { return (low, rank + 1 < count ? low : nil) }
    let scale = Double(bucketCount) * 0.999 / (high - low)
    // Infinite values, or so near each other or so far apart that the buckets do not part them.
    guard scale > 0, scale < .infinity else { return quick(values, count, rank) }
    var chosen = 0
    var before = 0
    var size = 0
    withUnsafeTemporaryAllocation(of: Int.self, capacity: bucketCount) { counts in
      counts.initialize(repeating: 0)
      for row in 0..<count { counts[Int((values[row] - low) * scale)] &+= 1 }
      while before &+ counts[chosen] <= rank {
        before &+= counts[chosen]
        chosen &+= 1
      }
      size = counts[chosen]
    }
    if count > longPass { try checkpoint() }
    // Most values in one bucket, as with a few far outliers: the next round would gain as little.
    if size > count / 4 * 3 { return quick(values, count, rank) }
    // The bucket comes to the front; what is greater only matters for the least of it.
    var kept = 0
    var above = Double.infinity
    for row in 0..<count {
      let value = values[row]
      let bucket = Int((value - low) * scale)
      if bucket == chosen {
        values[row] = values[kept]
        values[kept] = value
        kept &+= 1
      } else if bucket > chosen {
        above = value < above ? value : above
      }
    }
    let (value, next) = try narrow(values, size, rank - before, checkpoint)
    return (value, next ?? (rank + 1 < count ? above : nil))
  }

  private static func bounds(
    _ values: UnsafeMutablePointer<Double>, _ count: Int
  ) -> (low: Double, high: Double) {
    var low = values[0]
    var high = values[0]
    for row in 1..<count {
      low = values[row] < low ? values[row] : low
      high = values[row] > high ? values[row] : high
    }
    return (low, high)
  }

  /// Quickselect with the median of three; no value is NaN.
  private static func quick(
    _ values: UnsafeMutablePointer<Double>, _ count: Int, _ rank: Int
  ) -> (value: Double, next: Double?) {
    var low = 0
    var high = count - 1
    while low < high {
      let pivot = medianOfThree(values, low, high)
      var i = low
      var j = high
      while i <= j {
        while values[i] < pivot { i &+= 1 }
        while pivot < values[j] { j &-= 1 }
        if i <= j {
          (values[i], values[j]) = (values[j], values[i])
          i &+= 1
          j &-= 1
        }
      }
      if rank <= j { high = j } else if rank >= i { low = i } else { break }
    }
    guard rank + 1 < count else { return (values[rank], nil) }
    // Everything behind the rank is not less: the next value is the least of it.
    var next = values[rank + 1]
    for row in rank + 1..<count { next = values[row] < next ? values[row] : next }
    return (values[rank], next)
  }

  private static func medianOfThree(
    _ values: UnsafeMutablePointer<Double>, _ low: Int, _ high: Int
  ) -> Double {
    let middle = low + (high - low) / 2
    let (a, b, c) = (values[low], values[middle], values[high])
    return max(min(a, b), min(max(a, b), c))
  }
}
