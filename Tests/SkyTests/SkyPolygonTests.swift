import Glibc
import Sky
import Testing

@Suite("Polygons, circles and boxes")
struct SkyPolygonTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let vertices: [(Double, Double)]
    let inside: [(Double, Double)]
    let outside: [(Double, Double)]
    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "across longitude 0", vertices: [(359, -1), (1, -1), (1, 1), (359, 1)],
      inside: [(0, 0), (359.5, 0.5), (360, -0.9), (1, 0), (359, -1)],
      outside: [(2, 0), (180, 0), (358.9, 0), (0, 1.1), (0, 90)]),
    Case(
      name: "around the north pole", vertices: [(0, 80), (90, 80), (180, 80), (270, 80)],
      inside: [(0, 90), (45, 85), (300, 89.999), (0, 80), (0, 81)],
      outside: [(45, 82), (0, 79.9), (0, -90), (10, 0)]),
    Case(
      name: "vertex on the pole", vertices: [(0, 90), (10, 70), (50, 70)],
      inside: [(0, 90), (30, 80), (30, 89.9999), (222, 90)],
      outside: [(200, 89.9999), (5, 80), (30, 60), (0, -90)]),
    Case(
      name: "an octant", vertices: [(0, 0), (90, 0), (0, 90)],
      inside: [(45, 30), (45, 0), (0, 45), (90, 45), (0, 0)],
      outside: [(45, -1e-9), (-1e-9, 45), (90.000001, 45), (225, -30)]),
    Case(
      name: "a notch", vertices: [(0, 0), (10, 0), (10, 10), (5, 2), (0, 10)],
      inside: [(1, 5), (9, 5), (5, 1)], outside: [(5, 5), (5, 3), (11, 1)]),
    Case(
      name: "a needle one mas wide",
      vertices: [(100, 20), (100.0000002777, 20), (100, 21)],
      inside: [(100.0000001, 20.2), (100, 20.5)], outside: [(100.000001, 20.2), (99.999999, 20.5)]),
    Case(
      name: "nearly a hemisphere", vertices: [(0, 1), (120, 1), (240, 1)],
      inside: [(0, 90), (60, 5), (0, 1.1)], outside: [(0, 0.9), (0, -90), (60, 1)]),
  ]

  @Test("holds what is inside, whatever the winding and the first vertex", arguments: cases)
  func contains(_ example: Case) throws {
    for reverse in [false, true] {
      for turn in example.vertices.indices {
        var vertices = Array(example.vertices[turn...] + example.vertices[..<turn])
        if reverse { vertices.reverse() }
        let polygon = try #require(SkyPolygon(vertices.map { (lonDeg: $0.0, latDeg: $0.1) }))
        for (lon, lat) in example.inside {
          #expect(polygon.contains(lonDeg: lon, latDeg: lat), "\(lon), \(lat)")
        }
        for (lon, lat) in example.outside {
          #expect(!polygon.contains(lonDeg: lon, latDeg: lat), "\(lon), \(lat)")
        }
        for (lon, lat) in vertices { #expect(polygon.contains(lonDeg: lon, latDeg: lat)) }
      }
    }
  }

  @Test("rejects what is no polygon")
  func rejects() {
    #expect(SkyPolygon([(0, 0), (1, 0)]) == nil)
    #expect(SkyPolygon([(0, 0), (1, 0), (1, 0), (0, 0)]) == nil)
    #expect(SkyPolygon([(0, 0), (180, 0), (0, 90)]) == nil)
    #expect(SkyPolygon([(0, 0), (120, 0), (240, 0)]) == nil)
    #expect(SkyPolygon([(0, 0), (1, .nan), (1, 1)]) == nil)
    #expect(SkyPolygon([(0, 0), (1, 91), (1, 1)]) == nil)
  }

  @Test("areas and centroids")
  func areas() throws {
    let octant = try #require(SkyPolygon([(0, 0), (90, 0), (0, 90)]))
    #expect(abs(octant.areaSr - .pi / 2) < 1e-15)
    let center = try #require(octant.centroid)
    #expect(abs(center.lonDeg - 45) < 1e-13)
    #expect(abs(center.latDeg - 35.264389682754654) < 1e-13)
    let big = try #require(SkyPolygon([(0, 1), (120, 1), (240, 1)]))
    #expect(big.areaDeg2 < 20626.480624709638)
    let tiny = try #require(SkyPolygon([(10, 50), (10, 50.000001), (10.000001, 50)]))
    let flat = 0.5e-12 * cos(50 * Double.pi / 180)
    #expect(abs(tiny.areaDeg2 / flat - 1) < 1e-7)
    let circle = try #require(SkyCircle(lonDeg: 0, latDeg: 0, radiusDeg: 180))
    #expect(abs(circle.areaDeg2 - 41252.96124941928) < 1e-10)
  }

  @Test("four quarters of a square tile it")
  func tiling() throws {
    var random = Randomness(seed: 21)
    let middle = (lonDeg: 100.3, latDeg: 33.1)
    let corners = [(lonDeg: 99.0, latDeg: 32.0), (101.5, 32.2), (101.7, 34.0), (98.8, 34.1)]
    let whole = try #require(SkyPolygon(corners))
    let parts = try (0..<4).map {
      try #require(SkyPolygon([middle, corners[$0], corners[($0 + 1) % 4]]))
    }
    #expect(abs(parts.reduce(0) { $0 + $1.areaSr } / whole.areaSr - 1) < 1e-13)
    for _ in 0..<3000 {
      let lon = Double.random(in: 98.5...102, using: &random)
      let lat = Double.random(in: 31.5...34.5, using: &random)
      let count = parts.count { $0.contains(lonDeg: lon, latDeg: lat) }
      #expect(count == (whole.contains(lonDeg: lon, latDeg: lat) ? 1 : 0))
    }
  }

  @Test("a polygon's coverage holds its positions", arguments: cases)
  func cover(_ example: Case) throws {
    var random = Randomness(seed: 33)
    let polygon = try #require(SkyPolygon(example.vertices.map { (lonDeg: $0.0, latDeg: $0.1) }))
    let ranges = SkyCover.polygon(polygon)
    #expect(ranges.count <= 64 && HEALPixRange.merged(ranges) == ranges)
    let samples = example.inside + example.vertices + (0..<2000).map { _ in random.position() }
    for (lon, lat) in samples where polygon.contains(lonDeg: lon, latDeg: lat) {
      guard let cell = HEALPix.index(order: 29, lonDeg: lon, latDeg: lat) else { continue }
      #expect(HEALPixRange.contains(cell, in: ranges), "\(lon), \(lat)")
    }
  }

  @Test("shapes meet and hold each other")
  func relations() throws {
    let square = try #require(SkyPolygon([(10, 10), (20, 10), (20, 20), (10, 20)]))
    let inner = try #require(SkyPolygon([(14, 14), (16, 14), (16, 16), (14, 16)]))
    let bar = try #require(SkyPolygon([(5, 14), (25, 14), (25, 16), (5, 16)]))
    let far = try #require(SkyPolygon([(30, 10), (40, 10), (40, 20)]))
    #expect(square.contains(inner) && !inner.contains(square))
    #expect(square.intersects(inner) && inner.intersects(square))
    #expect(square.intersects(bar) && bar.intersects(square) && !square.contains(bar))
    #expect(!square.intersects(far) && !far.intersects(bar))
    let small = try #require(SkyCircle(lonDeg: 15, latDeg: 15, radiusDeg: 1))
    let wide = try #require(SkyCircle(lonDeg: 15, latDeg: 15, radiusDeg: 9))
    let huge = try #require(SkyCircle(lonDeg: 195, latDeg: -15, radiusDeg: 170))
    #expect(square.contains(small) && !square.contains(wide) && wide.contains(square))
    #expect(small.intersects(square) && wide.intersects(bar) && !small.intersects(far))
    #expect(huge.intersects(far) && huge.contains(far) && !huge.contains(square))
    #expect(wide.contains(small) && !small.contains(wide) && wide.intersects(small))
  }

  @Test("a box has its arms' lengths and straight sides")
  func box() throws {
    let box = try #require(SkyPolygon(boxLonDeg: 0, latDeg: 60, widthDeg: 20, heightDeg: 10))
    #expect(
      box.contains(lonDeg: 0, latDeg: 64.9999999) && !box.contains(lonDeg: 0, latDeg: 65.0000001))
    #expect(
      box.contains(lonDeg: 0, latDeg: 55.0000001) && !box.contains(lonDeg: 0, latDeg: 54.9999999))
    let east = try #require(
      Direction.offset(lonDeg: 0, latDeg: 60, positionAngleDeg: 90, distanceDeg: 9.9999999))
    #expect(box.contains(lonDeg: east.lonDeg, latDeg: east.latDeg))
    let overPole = try #require(SkyPolygon(boxLonDeg: 0, latDeg: 88, widthDeg: 10, heightDeg: 10))
    #expect(overPole.contains(lonDeg: 180, latDeg: 88) && overPole.contains(lonDeg: 7, latDeg: 90))
    #expect(SkyPolygon(boxLonDeg: 0, latDeg: 0, widthDeg: 180, heightDeg: 1) == nil)
  }
}
