/// A half-open range of cells of order 29: what a coverage, a zone map or a shard is made of.
public struct HEALPixRange: Hashable, Sendable {
  public var lower: Int64
  public var upper: Int64

  @inlinable
  public init(lower: Int64, upper: Int64) {
    self.lower = lower
    self.upper = upper
  }

  /// The order-29 cells below a cell; nil where the order or the index is out of range.
  public init?(order: Int, index: Int64) {
    guard index >= 0, index < HEALPix.cellCount(order: order) else { return nil }
    let shift = Int64(2 &* (HEALPix.maxOrder &- order))
    self.init(lower: index &<< shift, upper: (index &+ 1) &<< shift)
  }

  /// The whole sky.
  public static let everything = HEALPixRange(lower: 0, upper: 12 << 58)

  @inlinable public var isEmpty: Bool { lower >= upper }
  @inlinable public var count: Int64 { max(0, upper &- lower) }
  @inlinable public func contains(_ cell: Int64) -> Bool { lower <= cell && cell < upper }
  @inlinable public func overlaps(_ other: HEALPixRange) -> Bool {
    lower < other.upper && other.lower < upper
  }

  /// Sky area in square degrees.
  public var areaDeg2: Double { Double(count) * 1.1927080055488187e-14 }

  /// The largest cells that together make up the range, first to last.
  public var cells: [(order: Int, index: Int64)] {
    var cells: [(order: Int, index: Int64)] = []
    var start = max(0, lower)
    let end = min(upper, HEALPixRange.everything.upper)
    while start < end {
      let aligned = start == 0 ? 58 : start.trailingZeroBitCount
      let fitting = 63 &- (end &- start).leadingZeroBitCount
      let half = min(58, aligned, fitting) / 2
      cells.append((HEALPix.maxOrder &- half, start &>> Int64(2 &* half)))
      start &+= 1 &<< Int64(2 &* half)
    }
    return cells
  }
}

extension HEALPixRange {
  /// The same cells as sorted, disjoint ranges that do not touch each other.
  public static func merged(_ ranges: [HEALPixRange]) -> [HEALPixRange] {
    var result: [HEALPixRange] = []
    for range in ranges.sorted(by: { $0.lower < $1.lower }) where !range.isEmpty {
      append(range, to: &result)
    }
    return result
  }

  /// Appends a range that starts at or after the last one's start.
  static func append(_ range: HEALPixRange, to ranges: inout [HEALPixRange]) {
    guard let last = ranges.last, range.lower <= last.upper else { return ranges.append(range) }
    ranges[ranges.count &- 1].upper = max(last.upper, range.upper)
  }

  /// Closes the smallest gaps of merged ranges until at most `maximumRanges` (at least 1) remain.
  static func coarsened(_ ranges: [HEALPixRange], to maximumRanges: Int) -> [HEALPixRange] {
    let excess = ranges.count &- max(1, maximumRanges)
    guard excess > 0 else { return ranges }
    let gaps = (1..<ranges.count).map { (size: ranges[$0].lower &- ranges[$0 &- 1].upper, at: $0) }
    let closed = Set(gaps.sorted { ($0.size, $0.at) < ($1.size, $1.at) }.prefix(excess).map(\.at))
    var result: [HEALPixRange] = []
    for (position, range) in ranges.enumerated() {
      if closed.contains(position) {
        result[result.count &- 1].upper = range.upper
      } else {
        result.append(range)
      }
    }
    return result
  }

  /// True where one of sorted, disjoint ranges holds the cell.
  @inlinable
  public static func contains(_ cell: Int64, in ranges: [HEALPixRange]) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low &+ high) / 2
      if ranges[middle].upper <= cell { low = middle &+ 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(cell)
  }
}
