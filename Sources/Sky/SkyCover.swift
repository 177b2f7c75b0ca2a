import Glibc

/// Coverages: which order-29 cells a region of the sky may touch.
///
/// A coverage is always a superset of its region, never a subset, so that scans may skip what lies
/// outside; what lies inside is still tested exactly.
public enum SkyCover {
  /// Sorted, disjoint ranges that hold every position within `radiusDeg` (closed) of the centre.
  ///
  /// The depth is chosen so that about `maximumRanges` come out, and never more: beyond that the
  /// smallest gaps are closed. The default covers 1.1 times the cone's area. The centre alone for
  /// radius 0, the whole sky from 180 degrees on, nothing for a negative or NaN radius or an
  /// invalid centre.
  public static func cone(
    lonDeg: Double, latDeg: Double, radiusDeg: Double, maximumRanges: Int = 64
  ) -> [HEALPixRange] {
    guard radiusDeg >= 0, Angle.isLatitude(latDeg), lonDeg.isFinite else { return [] }
    guard radiusDeg < 180 else { return [.everything] }
    let center = UnitVector(lonDeg: lonDeg, latDeg: latDeg)
    let depth = order(forRadius: radiusDeg * Angle.radiansPerDegree, maximumRanges: maximumRanges)
    var descent = Descent(region: ConeRegion(center: center, radiusDeg: radiusDeg), depth: depth)
    for cell in seeds(lonDeg: lonDeg, latDeg: latDeg, radiusDeg: radiusDeg, depth: depth) {
      descent.visit(cell)
    }
    return HEALPixRange.coarsened(descent.ranges, to: maximumRanges)
  }

  /// Sorted, disjoint ranges that hold every position in the polygon, at most `maximumRanges`.
  public static func polygon(_ polygon: SkyPolygon, maximumRanges: Int = 64) -> [HEALPixRange] {
    let radius = polygon.boundingCap.radiusDeg
    let depth = order(forRadius: radius * Angle.radiansPerDegree, maximumRanges: maximumRanges)
    var descent = Descent(region: PolygonRegion(polygon: polygon), depth: depth)
    let (lon, lat) = polygon.boundingCap.center.lonLatDeg
    for cell in seeds(lonDeg: lon, latDeg: lat, radiusDeg: radius, depth: depth) {
      descent.visit(cell)
    }
    return HEALPixRange.coarsened(descent.ranges, to: maximumRanges)
  }

  /// The order at which a cone's outline crosses about 1.25 times as many ranges as allowed. A cone
  /// of radius r covers about 4·r/(cell width) ranges; closing the smallest gaps of a few too many
  /// gives a tighter coverage than the next coarser order.
  private static func order(forRadius radius: Double, maximumRanges: Int) -> Int {
    let side = 0.32 * Double(max(1, maximumRanges)) / radius
    guard side < Double(1 << HEALPix.maxOrder) else { return HEALPix.maxOrder }
    return side < 2 ? 0 : Int(log2(side))
  }

  /// Cells, in ascending order, that together hold the cone: the faces, or for a small cone the
  /// centre's cell and its neighbours at an order where opposite sides of a cell are at least twice
  /// the radius apart (0.7/side is below the smallest such distance).
  private static func seeds(
    lonDeg: Double, latDeg: Double, radiusDeg: Double, depth: Int
  ) -> [HEALPix.FaceCell] {
    let side = 0.35 / (radiusDeg * Angle.radiansPerDegree)
    let order = side < 2 ? 0 : (side < Double(1 << depth) ? Int(log2(side)) : depth)
    guard order > 0, let middle = HEALPix.index(order: order, lonDeg: lonDeg, latDeg: latDeg)
    else { return (0..<12).map { HEALPix.FaceCell(order: 0, face: $0, x: 0, y: 0) } }
    let around = HEALPix.neighbours(order: order, index: middle) + [middle]
    return around.sorted().compactMap { HEALPix.FaceCell(order: order, index: $0) }
  }
}

/// How a region lies to a disc of the sky.
enum CoverRelation {
  case outside
  case crossing
  case inside
}

protocol CoverRegion {
  /// `outside` or `inside` only where that is certain for every point within `radius` (radians,
  /// at most 1.1) of the centre.
  func relation(to center: UnitVector, radius: Double) -> CoverRelation
}

/// Descends from a cell to those that a region touches.
struct Descent<Region: CoverRegion> {
  let region: Region
  let depth: Int
  /// Sorted and merged as long as cells are visited in ascending order.
  private(set) var ranges: [HEALPixRange] = []

  init(region: Region, depth: Int) {
    self.region = region
    self.depth = depth
  }

  mutating func visit(_ cell: HEALPix.FaceCell) {
    let disc = cell.circumscribedDisc
    switch region.relation(to: disc.center, radius: disc.radius) {
    case .outside: return
    case .inside: append(cell)
    case .crossing:
      guard cell.order < depth else { return append(cell) }
      for child in 0..<4 { visit(cell.child(child)) }
    }
  }

  private mutating func append(_ cell: HEALPix.FaceCell) {
    guard let range = HEALPixRange(order: cell.order, index: cell.index) else { return }
    HEALPixRange.append(range, to: &ranges)
  }
}

extension HEALPix.FaceCell {
  /// The child whose number in the NESTED order is 0 to 3.
  func child(_ number: Int) -> HEALPix.FaceCell {
    HEALPix.FaceCell(
      order: order &+ 1, face: face, x: 2 &* x &+ (number & 1), y: 2 &* y &+ (number &>> 1))
  }

  /// The cell's centre and a bound, in radians, of the distance of its points from there.
  ///
  /// No point of a cell is farther away than its farthest corner. To first order that is the larger
  /// half diagonal of the projection; 0.45/(side·radius) bounds the rest, for which the largest
  /// value over all cells of orders 0 to 8 is 0.40 (`Tests/SkyTests/oracle/cell_radius.py`).
  var circumscribedDisc: (center: UnitVector, radius: Double) {
    // A power of two, so that multiplying with it is exact: divisions would cost half the time.
    let width = 1 / Double(1 &<< order)
    let place = HEALPix.Place(
      face: face, x: (Double(x) + 0.5) * width, y: (Double(y) + 0.5) * width)
    let isBelt = place.radius >= 1
    var diagonal = isBelt ? place.beltDiagonal : 0
    if abs(place.height) > 0.6666666666666666 - 0.6733333333333333 * width {
      diagonal = max(diagonal, place.capDiagonal)
    }
    let bend = isBelt ? width : width / place.radius
    return (place.vector, diagonal * width * (1 + 0.45 * bend))
  }
}

// Half the longer diagonal of a cell, in radians and units of a face's side.
extension HEALPix.Place {
  /// East to west π/4·cos δ, north to south 2/3 of a unit of sin δ.
  fileprivate var beltDiagonal: Double {
    let squaredCosine = 1 - height * height
    let eastWest = 0.616850275068085 * squaredCosine
    let northSouth = 0.4444444444444445 / max(squaredCosine, 0.49)
    return max(eastWest, northSouth).squareRoot()
  }

  /// North to south, slanted by the distance from the face's meridian.
  fileprivate var capDiagonal: Double {
    let squaredHalfCosine = 1 - radius * radius * 0.16666666666666669
    let northSouth = 0.6666666666666667 / squaredHalfCosine
    let eastWest = 0.4112335167120567 * skew * skew * squaredHalfCosine
    return (northSouth + eastWest).squareRoot()
  }
}

/// A cone, compared by chords so that a cell costs no trigonometry beyond its centre.
struct ConeRegion: CoverRegion {
  private let center: UnitVector
  private let radius: Double
  private let halfSine: Double
  private let halfCosine: Double

  /// For a radius in 0..<180 degrees.
  init(center: UnitVector, radiusDeg: Double) {
    self.center = center
    radius = radiusDeg * Angle.radiansPerDegree
    halfSine = Sine.ofDegrees(radiusDeg * 0.5)
    halfCosine = Sine.ofDegrees(90 - radiusDeg * 0.5)
  }

  /// Uses 2·sin((r ± R)/2) with cos(R/2) in 1 - R²/8 ... 1 and sin(R/2) <= R/2. Chords carry
  /// errors of 1e-15, which the slack covers.
  func relation(to cellCenter: UnitVector, radius cellRadius: Double) -> CoverRelation {
    let slack = 1e-14
    let difference = cellCenter - center
    let squaredChord = difference.dot(difference)
    if radius + cellRadius < 3.14 {
      let outer = 2 * halfSine + halfCosine * cellRadius + slack
      if squaredChord > outer * outer { return .outside }
    }
    let inner =
      2 * halfSine * (1 - cellRadius * cellRadius / 8) - halfCosine * cellRadius - slack
    return radius > cellRadius && inner > 0 && squaredChord < inner * inner ? .inside : .crossing
  }
}

struct PolygonRegion: CoverRegion {
  let polygon: SkyPolygon

  func relation(to center: UnitVector, radius: Double) -> CoverRelation {
    if polygon.edgeDistance(from: center) <= radius + 1e-14 { return .crossing }
    return polygon.contains(center) ? .inside : .outside
  }
}
