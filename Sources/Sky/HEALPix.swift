/// HEALPix cells in the NESTED scheme (Górski et al. 2005, ApJ 622, 759), orders 0 to 29.
///
/// A cell at order k is one of 12·4^k; its index is the face (0 to 11) followed by the interleaved
/// bits of its place on the face, x towards north-east and y towards north-west.
public enum HEALPix {
  public static let maxOrder = 29

  /// Number of cells at an order, 0 for an order outside 0...29.
  @inlinable
  public static func cellCount(order: Int) -> Int64 {
    guard order >= 0 && order <= maxOrder else { return 0 }
    return 12 &<< Int64(2 &* order)
  }

  /// The cell that holds a position, in degrees.
  ///
  /// nil where the order is outside 0...29, a coordinate is NaN or infinite, or |latitude| > 90.
  /// Any finite longitude is wrapped, exactly. A position within 1e-6 of an order-29 cell's width
  /// of a border may be given to either side.
  @inlinable
  public static func index(order: Int, lonDeg: Double, latDeg: Double) -> Int64? {
    guard order >= 0 && order <= maxOrder else { return nil }
    let lon = Angle.reduced(lonDeg)
    guard Angle.isLatitude(latDeg), lon >= -180 else { return nil }
    return Grid(order: order).cell(lonDeg: lon, latDeg: latDeg)
  }

  /// The cells of `count` positions: `out[row]` is -1 where `index` would be nil. Returns the
  /// number of those. The same arithmetic as `index`, so the same bits.
  public static func indices(
    order: Int, lonDeg: UnsafePointer<Double>, latDeg: UnsafePointer<Double>, count: Int,
    into out: UnsafeMutablePointer<Int64>
  ) -> Int {
    guard count > 0 else { return 0 }
    guard order >= 0 && order <= maxOrder else {
      out.update(repeating: -1, count: count)
      return count
    }
    let grid = Grid(order: order)
    var undecided = 0
    for row in 0..<count {
      let lon = lonDeg[row]
      let lat = latDeg[row]
      let cell = grid.cell(lonDeg: lon, latDeg: lat)
      let westOK = lon >= -180 ? cell : -1
      let lonOK = lon <= 360 ? westOK : -1
      let result = Angle.isLatitude(lat) ? lonOK : -1
      out[row] = result
      undecided &+= Int(UInt64(bitPattern: result) &>> 63)
    }
    guard undecided > 0 else { return 0 }
    return decideRest(order, lonDeg, latDeg, count, out)
  }

  /// Decides the rows that the vector loop left at -1: those to be wrapped, and the invalid ones.
  private static func decideRest(
    _ order: Int, _ lonDeg: UnsafePointer<Double>, _ latDeg: UnsafePointer<Double>, _ count: Int,
    _ out: UnsafeMutablePointer<Int64>
  ) -> Int {
    var invalid = 0
    for row in 0..<count where out[row] < 0 {
      if let cell = index(order: order, lonDeg: lonDeg[row], latDeg: latDeg[row]) {
        out[row] = cell
      } else {
        invalid &+= 1
      }
    }
    return invalid
  }
}

extension HEALPix {
  /// One order's constants, and the projection itself.
  @usableFromInline
  struct Grid {
    @usableFromInline let order: UInt64
    @usableFromInline let side: Double
    @usableFromInline let sideMask: UInt64

    @inlinable
    init(order: Int) {
      self.order = UInt64(truncatingIfNeeded: order)
      sideMask = (1 &<< self.order) &- 1
      side = Double(1 &<< self.order)
    }

    /// The cell of a position with a longitude in -180...360. Total: garbage in gives garbage out,
    /// never a trap, because the column form computes first and checks afterwards. Branch-free.
    @inlinable @inline(__always)
    func cell(lonDeg: Double, latDeg: Double) -> Int64 {
      let positive = lonDeg < 0 ? lonDeg + 360 : lonDeg
      let unwrapped = positive / 90
      let quarter = unwrapped >= 4 ? unwrapped - 4 : unwrapped

      // Equatorial belt: diagonal lines are straight in (longitude, sin latitude).
      let height = 0.75 * Sine.ofDegreesTo45(latDeg)
      let shifted = quarter + 0.5
      let isPolar = abs(height) > 0.5

      // Polar caps: √6·sin(colatitude/2) is √(3(1 - |z|)) without its cancellation at the pole.
      let colatitude = 90 - abs(latDeg)
      let radius = 2.449489742783178 * Sine.ofDegreesTo24(colatitude * 0.5)
      let face = Grid.floor(quarter)
      let along = quarter - face.value
      let limit = side - 0.5
      let polarDown = min(side * (along * radius), limit)
      let polarUp = min(side * ((1 - along) * radius), limit)

      let down = Grid.floor(isPolar ? polarDown : side * (shifted - height)).bits
      let up = Grid.floor(isPolar ? polarUp : side * (shifted + height)).bits
      let isSouth = latDeg < 0
      let polar: UInt64 = isPolar ? ~0 : 0
      let south: UInt64 = isSouth ? ~0 : 0

      // The two diagonals' face numbers differ by -1, 0 or 1: north, equatorial or south face.
      let downFace = down &>> order
      let step = downFace &+ 1 &- (up &>> order)
      let beltFace = (step &<< 2) &+ ((downFace &- (step &>> 1)) & 3)
      let polarFace = face.bits &+ (south & 8)
      let faceNumber = beltFace ^ ((beltFace ^ polarFace) & polar)

      let u = up & sideMask
      let v = down & sideMask
      let southPolar = polar & south
      let northX = u ^ (sideMask & polar)
      let northY = v ^ sideMask
      let x = northX ^ ((northX ^ v) & southPolar)
      let y = northY ^ ((northY ^ u) & southPolar)
      let bits = Grid.spread(x) | (Grid.spread(y) &<< 1)
      return Int64(bitPattern: (faceNumber &<< (order &+ order)) &+ bits)
    }

    /// Floor of 0 <= x < 2^51 as a Double and as an integer. Adding 2^52 leaves the integer in the
    /// mantissa; `Int64(x)` would trap on garbage and `rounded(.down)` needs SSE4.1.
    @inlinable @inline(__always)
    static func floor(_ x: Double) -> (value: Double, bits: UInt64) {
      let lifted = x + 4_503_599_627_370_496
      let rounded = lifted - 4_503_599_627_370_496
      let isAbove = rounded > x
      let bits = (lifted.bitPattern & 0xF_FFFF_FFFF_FFFF) &- (isAbove ? 1 : 0)
      return (rounded - (isAbove ? 1 : 0), bits)
    }

    /// Moves bit i of a 32-bit number to bit 2i.
    @inlinable @inline(__always)
    static func spread(_ value: UInt64) -> UInt64 {
      var bits = value & 0xFFFF_FFFF
      bits = (bits | bits &<< 16) & 0x0000_FFFF_0000_FFFF
      bits = (bits | bits &<< 8) & 0x00FF_00FF_00FF_00FF
      bits = (bits | bits &<< 4) & 0x0F0F_0F0F_0F0F_0F0F
      bits = (bits | bits &<< 2) & 0x3333_3333_3333_3333
      return (bits | bits &<< 1) & 0x5555_5555_5555_5555
    }

    /// Gathers the even bits: the inverse of `spread`.
    @inlinable @inline(__always)
    static func gather(_ value: UInt64) -> UInt64 {
      var bits = value & 0x5555_5555_5555_5555
      bits = (bits | bits &>> 1) & 0x3333_3333_3333_3333
      bits = (bits | bits &>> 2) & 0x0F0F_0F0F_0F0F_0F0F
      bits = (bits | bits &>> 4) & 0x00FF_00FF_00FF_00FF
      bits = (bits | bits &>> 8) & 0x0000_FFFF_0000_FFFF
      return (bits | bits &>> 16) & 0xFFFF_FFFF
    }
  }
}
