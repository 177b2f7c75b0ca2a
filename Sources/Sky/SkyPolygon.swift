import Glibc

/// A spherical polygon: great-circle edges, any shape and number of vertices, poles and longitude 0
/// without special cases.
///
/// Of the two sides, the inside is the one with an area below 2π, whatever the winding. Edges and
/// vertices belong to the polygon: positions within 1e-15 rad (2e-4 µas) of an edge, which unit
/// vectors cannot tell from it, count as on it. Where edges cross each other, the even-odd rule
/// decides.
public struct SkyPolygon: Hashable, Sendable {
  /// Without repeated neighbours, and counter-clockwise seen from outside the sphere: the inside is
  /// on the left of each edge.
  public let vertices: [UnitVector]
  /// Solid angle in steradians, between 0 and 2π.
  public let areaSr: Double
  public let boundingCap: BoundingCap
  let edges: [Edge]
  /// A position off all edges, to which rays are cast, and two axes at right angles to it.
  private let reference: UnitVector
  private let axes: [UnitVector]
  private let holdsReference: Bool

  /// Longitudes and latitudes in degrees. nil for fewer than three distinct vertices, an invalid
  /// position, an edge of 180 degrees, an area of zero, and a hemisphere, whose inside is undefined.
  public init?(_ positions: [(lonDeg: Double, latDeg: Double)]) {
    for position in positions {
      guard position.lonDeg.isFinite, Angle.isLatitude(position.latDeg) else { return nil }
    }
    self.init(vertices: positions.map { UnitVector(lonDeg: $0.lonDeg, latDeg: $0.latDeg) })
  }

  /// The same with unit vectors.
  public init?(vertices given: [UnitVector]) {
    var vertices: [UnitVector] = []
    for vertex in given where vertices.last != vertex { vertices.append(vertex) }
    if vertices.count > 1 && vertices.first == vertices.last { vertices.removeLast() }
    guard vertices.count >= 3, Set(vertices).count >= 3,
      let normals = SkyPolygon.normals(of: vertices),
      let reference = SkyPolygon.reference(vertices, normals)
    else { return nil }
    let fan = SkyPolygon.signedFan(from: -reference, over: vertices)
    let holdsReference = abs(fan) > 2 * .pi
    let area = holdsReference ? 4 * .pi - abs(fan) : abs(fan)
    guard area > 0, abs(area - 2 * .pi) > 1e-12 else { return nil }
    let isLeftInside = (fan > 0) != holdsReference
    self.init(
      isLeftInside ? vertices : vertices.reversed(), reference, holdsReference: holdsReference,
      areaSr: area)
  }

  private init?(
    _ vertices: [UnitVector], _ reference: UnitVector, holdsReference: Bool, areaSr: Double
  ) {
    guard let normals = SkyPolygon.normals(of: vertices),
      let cap = BoundingCap(holding: vertices)
    else { return nil }
    self.vertices = vertices
    self.areaSr = areaSr
    self.reference = reference
    self.holdsReference = holdsReference
    // Edges and inside of a polygon bulge out of its vertices' cap when that is a hemisphere.
    boundingCap =
      cap.radiusDeg < 90 ? cap : BoundingCap(center: cap.center, radiusDeg: 180)
    let axes = SkyPolygon.axes(around: reference)
    self.axes = axes
    edges = vertices.indices.map { at in
      let start = vertices[at]
      let end = vertices[at + 1 < vertices.count ? at + 1 : 0]
      return Edge(
        start: start, end: end, normal: normals[at],
        startAxes: SIMD2(start.dot(axes[0]), start.dot(axes[1])),
        endAxes: SIMD2(end.dot(axes[0]), end.dot(axes[1])),
        isLeftOfReference: normals[at].dot(reference) > 0)
    }
  }

  public var areaDeg2: Double { areaSr * (Angle.degreesPerRadian * Angle.degreesPerRadian) }

  /// The centroid of the surface, in degrees; nil where it has none, as by symmetry.
  public var centroid: (lonDeg: Double, latDeg: Double)? {
    // By Stokes' theorem the first moment of the surface is half the sum of length times normal.
    var moment = UnitVector(x: 0, y: 0, z: 0)
    for edge in edges {
      let length = edge.start.separationDeg(edge.end)
      moment = moment + length * edge.normal
    }
    guard moment.length > 1e-300 else { return nil }
    let (lon, lat) = moment.lonLatDeg
    return (lon, lat)
  }
}

// Points.
extension SkyPolygon {
  /// True for positions inside or on the edge; false for invalid ones.
  public func contains(lonDeg: Double, latDeg: Double) -> Bool {
    guard lonDeg.isFinite, Angle.isLatitude(latDeg) else { return false }
    return contains(UnitVector(lonDeg: lonDeg, latDeg: latDeg))
  }

  /// Sets `mask[row]` to 1 where the polygon contains the position and to 0 elsewhere.
  public func evaluate(
    lonDeg: UnsafePointer<Double>, latDeg: UnsafePointer<Double>, count: Int,
    into mask: UnsafeMutablePointer<UInt8>
  ) {
    for row in 0..<max(0, count) {
      mask[row] = contains(lonDeg: lonDeg[row], latDeg: latDeg[row]) ? 1 : 0
    }
  }

  /// Counts the edges that the arc from the point to the reference crosses.
  ///
  /// Each vertex lies strictly left or not left of the arc by one computed number, the same for
  /// both edges that meet there, so that a ray through a vertex is never counted twice.
  func contains(_ point: UnitVector) -> Bool {
    let difference = point - boundingCap.center
    let capHalfSine = Sine.ofDegrees(boundingCap.radiusDeg * 0.5)
    if difference.dot(difference) > 4 * capHalfSine * capHalfSine + 1e-14 { return false }
    var u = point.dot(axes[0])
    let v = point.dot(axes[1])
    if u == 0 && v == 0 { u = 1 }
    var isInside = holdsReference
    for edge in edges {
      let height = edge.normal.dot(point - edge.start)
      if abs(height) <= SkyPolygon.onEdge && edge.spans(point) { return true }
      let startSide = u * edge.startAxes.y - v * edge.startAxes.x >= 0
      let endSide = u * edge.endAxes.y - v * edge.endAxes.x >= 0
      let isLeft = height > 0
      if startSide != endSide && isLeft != edge.isLeftOfReference && endSide != isLeft {
        isInside.toggle()
      }
    }
    return isInside
  }

  /// Distance in radians from a point to the nearest edge.
  func edgeDistance(from point: UnitVector) -> Double {
    edges.reduce(Double.infinity) { min($0, $1.distance(from: point)) }
  }

  private static let onEdge = 1e-15
}

// What the initialiser computes.
extension SkyPolygon {
  /// Unit normals of the edges, nil where an edge has no plane. (a - b) × (a + b) is 2·a × b
  /// without the cancellation for short edges.
  private static func normals(of vertices: [UnitVector]) -> [UnitVector]? {
    var normals: [UnitVector] = []
    for (at, start) in vertices.enumerated() {
      let end = vertices[at + 1 < vertices.count ? at + 1 : 0]
      guard (start + end).length > 1e-12,
        let normal = (start - end).cross(start + end).normalized
      else { return nil }
      normals.append(normal)
    }
    return normals
  }

  /// A direction well away from all edges, at best opposite the polygon.
  private static func reference(
    _ vertices: [UnitVector], _ normals: [UnitVector]
  ) -> UnitVector? {
    let mean = vertices.reduce(UnitVector(x: 0, y: 0, z: 0), +)
    var candidates: [UnitVector] = []
    if mean.length > 1e-3 * Double(vertices.count), let center = mean.normalized {
      candidates.append(-center)
    }
    // Odd directions, so that polygons drawn along round coordinates rarely run through them.
    let odd = [(0.267, 0.534, 0.801), (-0.813, 0.291, 0.506), (0.417, -0.879, 0.233)]
    candidates += odd.compactMap { UnitVector(x: $0.0, y: $0.1, z: $0.2).normalized }
    candidates += candidates.map { -$0 }
    func clearance(_ candidate: UnitVector) -> Double {
      zip(vertices, normals).enumerated().reduce(Double.infinity) { least, entry in
        let (at, (start, normal)) = entry
        let end = vertices[at + 1 < vertices.count ? at + 1 : 0]
        let edge = Edge(
          start: start, end: end, normal: normal, startAxes: .zero, endAxes: .zero,
          isLeftOfReference: false)
        return min(least, edge.distance(from: candidate))
      }
    }
    let clear = candidates.first { clearance($0) > 1e-3 }
    return clear ?? candidates.max { clearance($0) < clearance($1) }
  }

  /// Two unit vectors that make a right-handed frame with a third.
  private static func axes(around pole: UnitVector) -> [UnitVector] {
    let helper =
      abs(pole.z) < 0.7 ? UnitVector(x: 0, y: 0, z: 1) : UnitVector(x: 1, y: 0, z: 0)
    let first = helper.cross(pole).normalized ?? helper
    return [first, pole.cross(first)]
  }

  /// Sum of the signed areas of the triangles origin-a-b over all edges a-b: the area of the side
  /// that does not hold the origin's antipode, positive where that side is on the left.
  private static func signedFan(from origin: UnitVector, over vertices: [UnitVector]) -> Double {
    var sum = 0.0
    for (at, start) in vertices.enumerated() {
      let end = vertices[at + 1 < vertices.count ? at + 1 : 0]
      // Differences keep the relative precision of small triangles.
      let volume = origin.dot((start - origin).cross(end - origin))
      let spread = 1 + origin.dot(start) + start.dot(end) + end.dot(origin)
      sum += 2 * atan2(volume, spread)
    }
    return sum
  }
}
