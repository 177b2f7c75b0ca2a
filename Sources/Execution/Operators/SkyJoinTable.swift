import Base
import Glibc
import Plans
import Sky
import Vectors

/// The held side of a sky join: its rows, and where on the sky they are.
///
/// The sky is cut into tiles, HEALPix cells of an order at which a tile is many times the radius
/// wide. A row is entered under its own tile and under every neighbour that its circle may touch,
/// so that the partners of a position are all under the one tile that the position lies in, each
/// once. Radii above 19° use one tile, the whole sky.
///
///     entries   by tile, within a tile in the order of the rows
///     bits      one for 2^bitShift tiles from the first one on: set where there are entries
///     starts    UInt32 a bucket of 2^bucketShift tiles: its first entry
///
/// Most positions of a large table meet a bit that is not set and cost nothing more. The entries of
/// a tile are tested by latitude, then by the chord of unit vectors, which decides all pairs but
/// those within 1e-14 of the radius; `Separation.isWithin`, the definition, decides these.
///
/// Memory: 56 bytes an entry, 1 to 4 entries a row but few more than 1 for small radii, and 16 bytes
/// a row for bits and starts; besides the rows themselves.
final class SkyJoinTable: @unchecked Sendable {
  let gatherers: [RowGatherer]
  let types: [LogicalType]
  let condition: SkyJoinCondition
  let entries: SkyJoinEntries
  let tileShift: Int64
  private let firstTile: Int64
  private let bits: UnsafeMutablePointer<UInt64>
  private let bitShift: UInt64
  /// Of the last bit, which is never set.
  private let lastBit: UInt64
  private let starts: UnsafeMutablePointer<UInt32>
  private let bucketShift: UInt64
  private let bucketCount: UInt64
  /// Squared chords below are certainly within the radius, those above `outside` certainly not.
  let inside: Double
  let outside: Double
  /// Latitudes that differ by more are certainly not, degrees.
  let latLimitDeg: Double
  private let reservation: MemoryReservation

  deinit {
    bits.deallocate()
    starts.deallocate()
  }

  init(
    _ store: RowStore, _ parts: [SkyJoinRows], condition: SkyJoinCondition, query: QueryContext
  ) throws(SQLError) {
    reservation = MemoryReservation(query.memory)
    entries = try SkyJoinEntries(
      parts, radiusDeg: condition.radiusDeg, reservation: reservation, query: query)
    let count = entries.count
    let first = count > 0 ? entries.base[0].tile : 0
    let span = count > 0 ? UInt64(bitPattern: entries.base[count - 1].tile &- first) &+ 1 : 0
    bitShift = Self.shift(of: span, atMost: 64 * UInt64(count) + 4096)
    bucketShift = Self.shift(of: span, atMost: 2 * UInt64(count) + 64)
    lastBit = count > 0 ? ((span &- 1) &>> bitShift) &+ 1 : 0
    bucketCount = count > 0 ? ((span &- 1) &>> bucketShift) &+ 1 : 0
    let wordCount = Int(lastBit / 64) + 1
    try reservation.grow(by: 8 * wordCount + 4 * (Int(bucketCount) + 1))
    bits = .allocate(capacity: wordCount)
    bits.initialize(repeating: 0, count: wordCount)
    starts = .allocate(capacity: Int(bucketCount) + 1)
    firstTile = first
    tileShift = entries.tiling.shift
    gatherers = store.gatherers()
    types = store.types
    self.condition = condition
    (inside, outside) = Self.limits(condition.radiusDeg)
    latLimitDeg = condition.radiusDeg > 180 ? .infinity : condition.radiusDeg * (1 + 1e-9) + 1e-9
    try index(query)
  }

  private static func shift(of span: UInt64, atMost limit: UInt64) -> UInt64 {
    var shift: UInt64 = 0
    while span &>> shift > limit { shift &+= 1 }
    return shift
  }

  /// Unit vectors and separations are each good to a few 1e-16 rad; 1e-14 is generous.
  private static func limits(_ radiusDeg: Double) -> (inside: Double, outside: Double) {
    if radiusDeg > 180 { return (.infinity, .infinity) }
    let end = UnitVector(lonDeg: max(0, radiusDeg), latDeg: 0)
    let chord = ((1 - end.x) * (1 - end.x) + end.y * end.y).squareRoot()
    let margin = 1e-14
    let low = chord - margin
    return (low > 0 ? low * low : -1, (chord + margin) * (chord + margin))
  }

  private func index(_ query: QueryContext) throws(SQLError) {
    var bucket = 0
    for entry in 0..<entries.count {
      if entry & 0xFFFF == 0 { try query.checkpoint() }
      let offset = UInt64(bitPattern: entries.base[entry].tile &- firstTile)
      let bit = offset &>> bitShift
      bits[Int(bit &>> 6)] |= 1 &<< (bit & 63)
      let own = Int(offset &>> bucketShift)
      while bucket <= own {
        starts[bucket] = UInt32(truncatingIfNeeded: entry)
        bucket &+= 1
      }
    }
    while bucket <= Int(bucketCount) {
      starts[bucket] = UInt32(truncatingIfNeeded: entries.count)
      bucket &+= 1
    }
  }

  /// Writes the rows whose tile may have entries, in order, and returns their number; cells of -1
  /// are in no tile.
  func candidates(
    _ cells: UnsafePointer<Int64>, count: Int, into rows: UnsafeMutablePointer<UInt16>
  ) -> Int {
    let (tileShift, firstTile, bitShift, lastBit) = (tileShift, firstTile, bitShift, lastBit)
    let bits = bits
    var found = 0
    for row in 0..<count {
      let offset = UInt64(bitPattern: (cells[row] &>> tileShift) &- firstTile)
      let bit = min(offset &>> bitShift, lastBit)
      rows[found] = UInt16(truncatingIfNeeded: row)
      found &+= Int(truncatingIfNeeded: bits[Int(bit &>> 6)] &>> (bit & 63) & 1)
    }
    return found
  }

  /// The entries under the tile of a cell.
  func entries(ofCell cell: Int64) -> Range<Int> {
    let tile = cell &>> tileShift
    let bucket = UInt64(bitPattern: tile &- firstTile) &>> bucketShift
    guard bucket < bucketCount else { return 0..<0 }
    var first = Int(starts[Int(bucket)])
    let end = Int(starts[Int(bucket) &+ 1])
    if end &- first > 8 {
      first = lowerBound(tile, first, end)
      return first..<lowerBound(tile &+ 1, first, end)
    }
    while first < end, entries.base[first].tile < tile { first &+= 1 }
    var last = first
    while last < end, entries.base[last].tile == tile { last &+= 1 }
    return first..<last
  }

  private func lowerBound(_ tile: Int64, _ from: Int, _ to: Int) -> Int {
    var low = from
    var high = to
    while low < high {
      let middle = (low &+ high) / 2
      if entries.base[middle].tile < tile { low = middle &+ 1 } else { high = middle }
    }
    return low
  }

  /// True if a held row is near enough to the direction `vector` of a position.
  @inline(__always)
  func isPartner(
    _ row: SkyJoinRow, of vector: UnitVector, lonDeg: Double, latDeg: Double
  ) -> Bool {
    let (dx, dy, dz) = (row.x - vector.x, row.y - vector.y, row.z - vector.z)
    let squaredChord = dx * dx + dy * dy + dz * dz
    if squaredChord > outside { return false }
    return squaredChord < inside || isWithin(row, lonDeg: lonDeg, latDeg: latDeg)
  }

  /// True if the position of a row has any partner.
  func hasPartner(_ places: SkyPlaces, row: Int) -> Bool {
    let (lonDeg, latDeg) = (places.lonDeg[row], places.latDeg[row])
    var vector: UnitVector?
    for entry in entries(ofCell: places.cells[row]) {
      let held = entries.base[entry].row
      if abs(held.latDeg - latDeg) > latLimitDeg { continue }
      let direction = vector ?? UnitVector(lonDeg: lonDeg, latDeg: latDeg)
      vector = direction
      if isPartner(held, of: direction, lonDeg: lonDeg, latDeg: latDeg) { return true }
    }
    return false
  }

  /// The definition, for pairs too near the edge for chords.
  private func isWithin(_ row: SkyJoinRow, lonDeg: Double, latDeg: Double) -> Bool {
    let (radiusDeg, isInclusive) = (condition.radiusDeg, condition.isInclusive)
    if lonDeg == row.lonDeg, latDeg == row.latDeg {
      return isInclusive ? radiusDeg >= 0 : radiusDeg > 0
    }
    return Separation.isWithin(
      lonDeg, latDeg, row.lonDeg, row.latDeg, radiusDeg: radiusDeg, inclusive: isInclusive)
  }

  /// Sorted ranges of order-29 cells outside of which no position has partners; not many more than
  /// 65,536 of them.
  func coverage() -> [HEALPixRange] {
    let shift = entries.count <= 1 << 16 ? tileShift : max(tileShift, Self.coarseShift)
    let below = (Int64(1) &<< shift) &- 1
    var result: [HEALPixRange] = []
    for word in 0...Int(lastBit / 64) {
      var rest = bits[word]
      while rest != 0 {
        let bit = Int64(word &* 64 &+ rest.trailingZeroBitCount)
        rest &= rest &- 1
        let tile = firstTile &+ (bit &<< Int64(bitShift))
        let lower = (tile &<< tileShift) & ~below
        let end = ((tile &+ (1 &<< Int64(bitShift))) &<< tileShift) &- 1
        let upper = (end | below) &+ 1
        if let last = result.last, last.upper >= lower {
          result[result.count - 1].upper = max(last.upper, upper)
        } else {
          result.append(HEALPixRange(lower: lower, upper: upper))
        }
      }
    }
    return result
  }

  /// Of cells of order 6, of which there are 49,152.
  private static let coarseShift = Int64(2 * (HEALPix.maxOrder - 6))
}
