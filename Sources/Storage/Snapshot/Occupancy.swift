import Sky

/// Which parts of the smallest HEALPix cell around some order-29 cells are in use, as 64 bits.
///
/// Bit i stands for the i-th of the cell's 64 descendants three orders down. For cells of several
/// faces the "cell" is the whole sky taken as one of 4³¹ cells, and a bit stands for a cell of
/// order 1.
struct Occupancy: Hashable, Sendable {
  /// The first cell of the enclosing one.
  let base: Int64
  /// Binary logarithm of the number of order-29 cells that one bit stands for.
  let shift: Int64

  /// For cells in a range that is not empty and lies within 0 ..< 2⁶².
  init?(enclosing range: HEALPixRange) {
    guard range.lower >= 0, range.lower < range.upper, range.upper <= 1 << 62 else { return nil }
    let last = range.upper &- 1
    let difference = range.lower ^ last
    let bits = max(6, 64 &- difference.leadingZeroBitCount)
    // Cells are powers of four.
    let side = Int64((bits &+ 1) & ~1)
    base = (range.lower &>> side) &<< side
    shift = side &- 6
  }

  /// The bit of a cell within the range.
  @inline(__always)
  func bit(of cell: Int64) -> UInt64 { 1 &<< UInt64(bitPattern: (cell &- base) &>> shift) }

  /// The bits of the cells from `first` to `last`, both within the range.
  func bits(from first: Int64, through last: Int64) -> UInt64 {
    let low = UInt64(bitPattern: (first &- base) &>> shift) & 63
    let high = UInt64(bitPattern: (last &- base) &>> shift) & 63
    return (~0 &<< low) & (~0 &>> (63 &- high))
  }
}

extension GroupZone {
  /// False only where no row of the group lies in one of sorted, disjoint ranges of order-29 cells.
  public func mayOverlap(_ ranges: [HEALPixRange]) -> Bool {
    guard let cells else { return !ranges.isEmpty }
    guard !cells.isEmpty else { return false }
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low &+ high) / 2
      if ranges[middle].upper <= cells.lower { low = middle &+ 1 } else { high = middle }
    }
    let parts = occupancy == nil ? nil : Occupancy(enclosing: cells)
    while low < ranges.count, ranges[low].lower < cells.upper {
      let first = max(ranges[low].lower, cells.lower)
      let last = min(ranges[low].upper, cells.upper) &- 1
      if first <= last {
        guard let occupancy, let parts else { return true }
        if occupancy & parts.bits(from: first, through: last) != 0 { return true }
      }
      low &+= 1
    }
    return false
  }
}
