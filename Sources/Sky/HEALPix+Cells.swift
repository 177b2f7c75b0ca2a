import Glibc

extension HEALPix {
  /// The centre of a cell in degrees, longitude in 0..<360; error about 1e-13 degrees.
  /// nil where the order or the index is out of range.
  public static func center(order: Int, index: Int64) -> (lonDeg: Double, latDeg: Double)? {
    guard let cell = FaceCell(order: order, index: index) else { return nil }
    let side = Double(1 &<< cell.order)
    return Place(
      face: cell.face, x: (Double(cell.x) + 0.5) / side, y: (Double(cell.y) + 0.5) / side
    )
    .lonLatDeg
  }

  /// The corners of a cell in degrees: south, east, north, west. Its sides are not great circles.
  /// Empty where the order or the index is out of range.
  public static func corners(order: Int, index: Int64) -> [(lonDeg: Double, latDeg: Double)] {
    guard let cell = FaceCell(order: order, index: index) else { return [] }
    let side = Double(1 &<< cell.order)
    let offsets = [(0, 0), (1, 0), (1, 1), (0, 1)]
    return offsets.map { dx, dy in
      Place(face: cell.face, x: Double(cell.x &+ dx) / side, y: Double(cell.y &+ dy) / side)
        .lonLatDeg
    }
  }

  /// The eight cells around a cell, in the order SW, W, NW, N, NE, E, SE, S; -1 where there is none
  /// (a corner where three faces meet). Empty where the order or the index is out of range.
  public static func neighbours(order: Int, index: Int64) -> [Int64] {
    guard let cell = FaceCell(order: order, index: index) else { return [] }
    let steps = [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)]
    return steps.map { dx, dy in cell.moved(dx, dy)?.index ?? -1 }
  }

  /// The index of the ancestor or, at a deeper order, of the first descendant of a cell.
  /// nil where an order or the index is out of range.
  public static func index(_ index: Int64, fromOrder: Int, toOrder: Int) -> Int64? {
    guard toOrder >= 0, toOrder <= maxOrder else { return nil }
    guard index >= 0, index < cellCount(order: fromOrder) else { return nil }
    let shift = Int64(2 &* (toOrder &- fromOrder))
    return shift >= 0 ? index &<< shift : index &>> -shift
  }
}

extension HEALPix {
  /// A cell as face and integer place on it: x counts towards north-east, y towards north-west.
  struct FaceCell: Hashable {
    var order: Int
    var face: Int
    var x: Int
    var y: Int

    init(order: Int, face: Int, x: Int, y: Int) {
      self.order = order
      self.face = face
      self.x = x
      self.y = y
    }

    init?(order: Int, index: Int64) {
      guard index >= 0, index < HEALPix.cellCount(order: order) else { return nil }
      let bits = UInt64(index)
      self.order = order
      face = Int(index &>> Int64(2 &* order))
      let onFace = bits & ((1 &<< UInt64(2 &* order)) &- 1)
      x = Int(Grid.gather(onFace))
      y = Int(Grid.gather(onFace &>> 1))
    }

    var index: Int64 {
      let onFace = Grid.spread(UInt64(x)) | (Grid.spread(UInt64(y)) &<< 1)
      return Int64(face) &<< Int64(2 &* order) | Int64(onFace)
    }

    /// The cell a step of at most one in each direction away, nil at a corner of three faces.
    func moved(_ dx: Int, _ dy: Int) -> FaceCell? {
      let side = 1 &<< order
      let newX = x &+ dx
      let newY = y &+ dy
      let acrossX = newX < 0 ? -1 : (newX == side ? 1 : 0)
      let acrossY = newY < 0 ? -1 : (newY == side ? 1 : 0)
      if acrossX == 0 && acrossY == 0 {
        return FaceCell(order: order, face: face, x: newX, y: newY)
      }
      let inX = newX &- acrossX &* side
      let inY = newY &- acrossY &* side
      switch face {
      case 0..<4: return fromNorth(acrossX, acrossY, inX, inY)
      case 4..<8: return fromBelt(acrossX, acrossY, inX, inY)
      default: return fromSouth(acrossX, acrossY, inX, inY)
      }
    }

    /// Leaves a northern face. Its NE side joins the next northern face's NW side, so that x and y
    /// change roles there; its southern sides join belt faces in parallel.
    private func fromNorth(_ acrossX: Int, _ acrossY: Int, _ x: Int, _ y: Int) -> FaceCell? {
      let last = (1 &<< order) &- 1
      switch (acrossX, acrossY) {
      case (1, 0): return at((face &+ 1) & 3, y, last)
      case (0, 1): return at((face &+ 3) & 3, last, x)
      case (1, 1): return at((face &+ 2) & 3, last, last)
      case (-1, 0): return at(4 &+ face, x, y)
      case (0, -1): return at(4 &+ ((face &+ 1) & 3), x, y)
      case (-1, -1): return at(8 &+ face, x, y)
      default: return nil
      }
    }

    /// Leaves a belt face: every neighbour is parallel, and there is none at its north and south.
    private func fromBelt(_ acrossX: Int, _ acrossY: Int, _ x: Int, _ y: Int) -> FaceCell? {
      let quarter = face &- 4
      switch (acrossX, acrossY) {
      case (1, 0): return at(quarter, x, y)
      case (0, 1): return at((quarter &+ 3) & 3, x, y)
      case (-1, 0): return at(8 &+ ((quarter &+ 3) & 3), x, y)
      case (0, -1): return at(8 &+ quarter, x, y)
      case (-1, 1): return at(4 &+ ((quarter &+ 3) & 3), x, y)
      case (1, -1): return at(4 &+ ((quarter &+ 1) & 3), x, y)
      default: return nil
      }
    }

    /// Leaves a southern face, the mirror image of a northern one.
    private func fromSouth(_ acrossX: Int, _ acrossY: Int, _ x: Int, _ y: Int) -> FaceCell? {
      let quarter = face &- 8
      switch (acrossX, acrossY) {
      case (1, 0): return at(4 &+ ((quarter &+ 1) & 3), x, y)
      case (0, 1): return at(4 &+ quarter, x, y)
      case (1, 1): return at(quarter, x, y)
      case (-1, 0): return at(8 &+ ((quarter &+ 3) & 3), y, 0)
      case (0, -1): return at(8 &+ ((quarter &+ 1) & 3), 0, x)
      case (-1, -1): return at(8 &+ ((quarter &+ 2) & 3), 0, 0)
      default: return nil
      }
    }

    private func at(_ face: Int, _ x: Int, _ y: Int) -> FaceCell {
      FaceCell(order: order, face: face, x: x, y: y)
    }
  }

  /// A place on a face with both coordinates in 0...1.
  struct Place {
    /// Longitude in units of 45 degrees, before wrapping; 0 at a pole.
    let eighths: Double
    /// 1 in the belt; in the caps √6·sin(colatitude/2), which is 0 at the pole.
    let radius: Double
    /// Sine of the latitude.
    let height: Double
    /// Distance from the face's meridian as a part of the largest possible at this latitude.
    let skew: Double

    @inline(__always)
    init(face: Int, x: Double, y: Double) {
      let row = face &>> 2
      // Steps down from the pole along the diagonal: 0 at the north pole, 4 at the south pole.
      let down = Double(row &+ 2) - x - y
      let middle = Double(row == 1 ? 2 &* (face & 3) : 2 &* (face & 3) &+ 1)
      let isNorth = down < 1
      let isSouth = down > 3
      radius = isNorth ? down : (isSouth ? 4 - down : 1)
      let cap = 1 - radius * radius / 3
      height = isNorth ? cap : (isSouth ? -cap : (2 - down) * (2.0 / 3))
      skew = radius >= 1 ? x - y : (radius > 0 ? (x - y) / radius : 0)
      eighths = middle + skew
    }

    var lonLatDeg: (lonDeg: Double, latDeg: Double) {
      let lon = Angle.normalized(eighths * 45)
      if radius < 1 {
        let colatitude = 2 * asin(radius / 2.449489742783178) * Angle.degreesPerRadian
        return (lon, height < 0 ? colatitude - 90 : 90 - colatitude)
      }
      return (lon, asin(height) * Angle.degreesPerRadian)
    }

    /// The direction, without the arcsine.
    @inline(__always)
    var vector: UnitVector {
      // In the caps cos δ = 2 sin(θ/2) cos(θ/2) keeps its digits up to the pole.
      let cosine =
        radius < 1
        ? radius * ((2 - radius * radius / 3) / 3).squareRoot()
        : (1 - height * height).squareRoot()
      let lon = UnitVector.sineAndCosine(eighths * 45)
      return UnitVector(x: cosine * lon.cosine, y: cosine * lon.sine, z: height)
    }
  }
}
