import Base
import Sky
import Vectors

/// The order of a join's tiles and the margin within which a row also belongs to a neighbour.
///
/// In the coordinates of HEALPix's faces, whose sides have length 1, a step of s radians moves at
/// most 1.46·s: √(6/4 + 6/π²) at the poles, less elsewhere. So a circle that stays farther than
/// 1.5·r from a tile's sides stays in the tile, and one wider than that, but below half a tile,
/// reaches only neighbours across sides that are this near, and those between two such sides.
struct SkyJoinTiling {
  /// From order-29 cells to tiles.
  private(set) var shift: Int64
  /// In order-29 cells; 0 with one tile.
  private let margin: Int64
  private var order: Int

  init(radiusDeg: Double) {
    let radius = max(0, min(radiusDeg, 180)) * Angle.radiansPerDegree
    // One cell for rounding up, one for positions that lie on a border.
    let margin = Int64((radius * 1.5 * Double(1 << HEALPix.maxOrder)).rounded(.up)) + 2
    // Tiles 16 times as wide as the margin, so that few rows are entered twice.
    var order = 25
    while order > 0, margin > (1 << Int64(HEALPix.maxOrder - order)) / 16 { order -= 1 }
    let isWholeSky = margin > (1 << Int64(HEALPix.maxOrder)) / 2 - 1
    self.order = order
    self.margin = isWholeSky ? 0 : margin
    shift = isWholeSky ? 62 : Int64(2 * (HEALPix.maxOrder - order))
  }

  /// Makes tiles wider, as long as few rows come to share one by it: fewer lie near a border then.
  /// The cells are in the order of the tiles as they are before.
  mutating func widen(
    for cells: [Int64], checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) {
    guard margin > 0 else { return }
    let limit = Self.crowding(cells, shift) * 1.25
    let leastTileCount = 16 * max(cells.count, 1 << 16)
    while order > 0, 12 << (2 * (order - 1)) >= leastTileCount,
      Self.crowding(cells, shift + 2) <= limit
    {
      order -= 1
      shift += 2
      try checkpoint()
    }
  }

  /// The number of pairs of rows that share a tile.
  private static func crowding(_ cells: [Int64], _ shift: Int64) -> Double {
    var sum = 0.0
    var tile: Int64 = -1
    var count = 0.0
    for cell in cells {
      if cell &>> shift != tile {
        sum += count * count
        tile = cell &>> shift
        count = 0
      }
      count += 1
    }
    return sum + count * count
  }

  /// Adds the keys of a row for the neighbours of its tile that its circle may touch.
  func enterNeighbours(of cell: Int64, row: Int, into keys: inout [SkyJoinKey]) {
    guard margin > 0 else { return }
    let width: Int64 = 1 &<< Int64(HEALPix.maxOrder &- order)
    let below = UInt64(bitPattern: cell & ((1 &<< shift) &- 1))
    let x = Self.evenBits(below)
    let y = Self.evenBits(below &>> 1)
    let isWest = x < margin
    let isEast = x >= width &- margin
    let isSouth = y < margin
    let isNorth = y >= width &- margin
    guard isWest || isEast || isSouth || isNorth else { return }
    let around = HEALPix.neighbours(order: order, index: cell &>> shift)
    // As `HEALPix.neighbours` orders them, by steps in x and y.
    let wanted = [
      isWest, isWest && isNorth, isNorth, isEast && isNorth, isEast, isEast && isSouth, isSouth,
      isWest && isSouth,
    ]
    for (neighbour, isWanted) in zip(around, wanted) where isWanted && neighbour >= 0 {
      keys.append(SkyJoinKey(tile: neighbour, row: row))
    }
  }

  private static func evenBits(_ value: UInt64) -> Int64 {
    var bits = value & 0x5555_5555_5555_5555
    bits = (bits | bits &>> 1) & 0x3333_3333_3333_3333
    bits = (bits | bits &>> 2) & 0x0F0F_0F0F_0F0F_0F0F
    bits = (bits | bits &>> 4) & 0x00FF_00FF_00FF_00FF
    bits = (bits | bits &>> 8) & 0x0000_FFFF_0000_FFFF
    return Int64((bits | bits &>> 16) & 0xFFFF_FFFF)
  }
}

/// The number of a row and a tile it is entered under.
struct SkyJoinKey: BitwiseCopyable {
  var tile: Int64
  var row: Int

  /// By tile, then in the order they are in: a radix sort, least significant byte first.
  static func sort(
    _ keys: inout [SkyJoinKey], checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) {
    guard let last = keys.max(by: { $0.tile < $1.tile })?.tile, last > 0 else { return }
    var target = keys
    var shift: Int64 = 0
    while shift < 64, last &>> shift > 0 {
      var places = [Int](repeating: 0, count: 257)
      for key in keys { places[Int((key.tile &>> shift) & 0xFF) + 1] &+= 1 }
      for value in 0..<256 { places[value + 1] &+= places[value] }
      for start in stride(from: 0, to: keys.count, by: 1 << 16) {
        for key in keys[start..<min(keys.count, start + 1 << 16)] {
          let value = Int((key.tile &>> shift) & 0xFF)
          target[places[value]] = key
          places[value] &+= 1
        }
        try checkpoint()
      }
      swap(&keys, &target)
      shift &+= 8
      try checkpoint()
    }
  }
}
