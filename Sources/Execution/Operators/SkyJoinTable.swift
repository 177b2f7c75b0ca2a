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
///     tiles   Int64 an entry, ascending; within a tile in the order of the rows
///     x y z   the row's unit vector, three arrays of Double
///     rows    UInt32 an entry
///     starts  UInt32 a bucket of 2^bucketShift tiles: its first entry
///
/// A lookup reads two neighbours in `starts` and searches the few entries between them. Chords of
/// unit vectors decide all pairs but those within 1e-14 of the radius; `Separation.isWithin`, the
/// definition, decides these.
///
/// Memory: 24 bytes a row and 44 to 60 an entry, 1 to 4 entries a row; besides the rows themselves.
final class SkyJoinTable: @unchecked Sendable {
  let gatherers: [RowGatherer]
  let types: [LogicalType]
  let condition: SkyJoinCondition
  private let references: [RowReference]
  private let lonDeg: [Double]
  private let latDeg: [Double]
  private let tiles: [Int64]
  private let starts: [UInt32]
  private let bucketShift: Int64
  let tileShift: Int64
  let x: [Double]
  let y: [Double]
  let z: [Double]
  private let rows: [UInt32]
  /// Squared chords below are certainly within the radius, those above `outside` certainly not.
  let inside: Double
  let outside: Double
  private let reservation: MemoryReservation

  init(
    _ store: RowStore, position: SkyPositionNodes, condition: SkyJoinCondition,
    evaluation: EvaluationContext
  ) throws(SQLError) {
    let query = evaluation.query
    reservation = MemoryReservation(query.memory)
    try reservation.grow(by: store.rowCount * 32)
    var places = SkyPlaces()
    for batch in store.batches {
      try places.append(batch, position, evaluation)
      try query.checkpoint()
    }
    let tiling = SkyJoinTiling(radiusDeg: condition.radiusDeg)
    var entries: [SkyJoinEntry] = []
    if condition.radiusDeg >= 0 {
      for row in places.cells.indices where places.cells[row] >= 0 {
        if row & 0xFFFF == 0 {
          try reservation.grow(by: 4 * 60 * min(0x10000, places.cells.count - row))
          try query.checkpoint()
        }
        tiling.enter(places.cells[row], row: UInt32(truncatingIfNeeded: row), into: &entries)
      }
    }
    SkyJoinEntry.sort(&entries)
    try query.checkpoint()
    let vectors = entries.map { entry in
      UnitVector(
        lonDeg: places.lonDeg[Int(entry.row)], latDeg: places.latDeg[Int(entry.row)])
    }
    x = vectors.map(\.x)
    y = vectors.map(\.y)
    z = vectors.map(\.z)
    tiles = entries.map(\.tile)
    rows = entries.map(\.row)
    (starts, bucketShift) = Self.buckets(tiles)
    tileShift = tiling.shift
    lonDeg = places.lonDeg
    latDeg = places.latDeg
    references = store.allReferences()
    gatherers = store.gatherers()
    types = store.types
    self.condition = condition
    (inside, outside) = Self.limits(condition.radiusDeg)
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

  private static func buckets(_ tiles: [Int64]) -> (starts: [UInt32], shift: Int64) {
    guard let last = tiles.last else { return ([], 0) }
    var shift: Int64 = 0
    while (last &>> shift) > Int64(4 &* tiles.count &+ 64) { shift &+= 1 }
    let count = Int(last &>> shift) + 1
    var starts = [UInt32](repeating: 0, count: count + 1)
    for tile in tiles { starts[Int(tile &>> shift) &+ 1] &+= 1 }
    for bucket in 0..<count { starts[bucket &+ 1] &+= starts[bucket] }
    return (starts, shift)
  }

  /// The entries under a tile; -1, the tile of no position, has none.
  func entries(ofTile tile: Int64) -> Range<Int> {
    guard tile >= 0, (tile &>> bucketShift) < Int64(starts.count &- 1) else { return 0..<0 }
    let bucket = Int(tile &>> bucketShift)
    let end = Int(starts[bucket &+ 1])
    let first = lowerBound(tile, Int(starts[bucket]), end)
    guard first < end, tiles[first] == tile else { return 0..<0 }
    return first..<lowerBound(tile &+ 1, first &+ 1, end)
  }

  private func lowerBound(_ tile: Int64, _ from: Int, _ to: Int) -> Int {
    var low = from
    var high = to
    while low < high {
      let middle = (low &+ high) / 2
      if tiles[middle] < tile { low = middle &+ 1 } else { high = middle }
    }
    return low
  }

  func reference(ofEntry entry: Int) -> RowReference { references[Int(rows[entry])] }

  /// The definition, for pairs too near the edge for chords.
  func isWithin(entry: Int, lonDeg lon: Double, latDeg lat: Double) -> Bool {
    let row = Int(rows[entry])
    let (radiusDeg, isInclusive) = (condition.radiusDeg, condition.isInclusive)
    if lon == lonDeg[row], lat == latDeg[row] { return isInclusive ? radiusDeg >= 0 : radiusDeg > 0 }
    return Separation.isWithin(
      lon, lat, lonDeg[row], latDeg[row], radiusDeg: radiusDeg, inclusive: isInclusive)
  }
}

/// A row under a tile.
struct SkyJoinEntry: BitwiseCopyable {
  var tile: Int64
  var row: UInt32

  /// By tile, then in the order they are in: a radix sort, least significant byte first.
  static func sort(_ entries: inout [SkyJoinEntry]) {
    guard let last = entries.max(by: { $0.tile < $1.tile })?.tile, last > 0 else { return }
    var target = entries
    var shift: Int64 = 0
    while shift < 64, last &>> shift > 0 {
      var places = [Int](repeating: 0, count: 257)
      for entry in entries { places[Int((entry.tile &>> shift) & 0xFF) + 1] &+= 1 }
      for value in 0..<256 { places[value + 1] &+= places[value] }
      for entry in entries {
        let value = Int((entry.tile &>> shift) & 0xFF)
        target[places[value]] = entry
        places[value] &+= 1
      }
      swap(&entries, &target)
      shift &+= 8
    }
  }
}
