import Sky
import Testing

@Suite("Coverages")
struct SkyCoverTests {
  static let radii: [Double] = [
    0, 1e-10, 3e-8, 1e-6, 1 / 3600.0, 0.01, 0.3, 1, 5, 29, 60, 90, 135, 175, 179.999999, 180, 400,
  ]

  @Test("holds every position of the cone", arguments: radii, [1, 4, 64])
  func holdsCone(radiusDeg: Double, maximumRanges: Int) {
    var random = Randomness(seed: 11)
    let centers = awkwardPositions + (0..<20).map { _ in random.position() }
    for center in centers {
      let ranges = SkyCover.cone(
        lonDeg: center.lonDeg, latDeg: center.latDeg, radiusDeg: radiusDeg,
        maximumRanges: maximumRanges)
      #expect(ranges.count <= maximumRanges)
      #expect(HEALPixRange.merged(ranges) == ranges, "sorted, disjoint and merged")
      var positions = (0..<60).compactMap { _ in
        Direction.offset(
          lonDeg: center.lonDeg, latDeg: center.latDeg,
          positionAngleDeg: Double.random(in: 0..<360, using: &random),
          distanceDeg: min(radiusDeg, 180) * [1, 1, 0.999, 0.7, 0.1].randomElement(using: &random)!)
      }
      positions.append(center)
      if radiusDeg > 1 { positions += awkwardPositions }
      for (lon, lat) in positions {
        let isWithin = Separation.isWithin(
          lon, lat, center.lonDeg, center.latDeg, radiusDeg: radiusDeg, inclusive: true)
        guard isWithin, let cell = HEALPix.index(order: 29, lonDeg: lon, latDeg: lat) else {
          continue
        }
        #expect(HEALPixRange.contains(cell, in: ranges), "\(lon), \(lat) from \(center)")
      }
    }
  }

  @Test("stays close to the cone's area", arguments: [1e-6, 0.001, 0.1, 1, 10, 45, 90, 150])
  func area(radiusDeg: Double) throws {
    var random = Randomness(seed: 3)
    for _ in 0..<20 {
      let (lon, lat) = random.position()
      let ranges = SkyCover.cone(lonDeg: lon, latDeg: lat, radiusDeg: radiusDeg)
      let area = ranges.reduce(0) { $0 + $1.areaDeg2 }
      let exact = try #require(SkyCircle(lonDeg: lon, latDeg: lat, radiusDeg: radiusDeg)).areaDeg2
      #expect(area >= exact * (1 - 1e-9))
      #expect(area <= exact * 1.35)
    }
  }

  @Test("is empty for what holds nothing")
  func empty() {
    #expect(SkyCover.cone(lonDeg: 0, latDeg: 0, radiusDeg: .nan).isEmpty)
    #expect(SkyCover.cone(lonDeg: 0, latDeg: 0, radiusDeg: -1e-9).isEmpty)
    #expect(SkyCover.cone(lonDeg: .nan, latDeg: 0, radiusDeg: 1).isEmpty)
    #expect(SkyCover.cone(lonDeg: 0, latDeg: 91, radiusDeg: 1).isEmpty)
    #expect(SkyCover.cone(lonDeg: 0, latDeg: 0, radiusDeg: 180) == [.everything])
  }

  @Test("a range falls apart into whole cells and back")
  func cells() {
    var random = Randomness(seed: 5)
    for _ in 0..<200 {
      let bounds = [0, 1].map { _ in
        Int64.random(in: 0...HEALPixRange.everything.upper, using: &random)
      }
      let range = HEALPixRange(lower: bounds.min()!, upper: bounds.max()!)
      let parts = range.cells.compactMap { HEALPixRange(order: $0.order, index: $0.index) }
      #expect(HEALPixRange.merged(parts) == (range.isEmpty ? [] : [range]))
    }
    #expect(HEALPixRange.everything.cells.count == 12)
  }

  @Test("a bounding cap meets every cone that holds one of its positions")
  func boundingCap() throws {
    var random = Randomness(seed: 9)
    for spread in [1e-9, 0.01, 1, 30, 180] {
      for _ in 0..<40 {
        let middle = random.position()
        let rows = (0..<20).compactMap { _ in
          Direction.offset(
            lonDeg: middle.lonDeg, latDeg: middle.latDeg,
            positionAngleDeg: Double.random(in: 0..<360, using: &random),
            distanceDeg: Double.random(in: 0...spread, using: &random))
        }
        let cap = try #require(
          BoundingCap(lonDeg: rows.map(\.lonDeg), latDeg: rows.map(\.latDeg), count: rows.count))
        for (lon, lat) in rows { #expect(cap.mayIntersect(lon, lat, radiusDeg: 0)) }
        if spread <= 1 {
          #expect(cap.radiusDeg <= 1.3 * spread + 2e-12)
          #expect(!cap.mayIntersect(middle.lonDeg + 180, -middle.latDeg, radiusDeg: 170))
        }
        let other = BoundingCap(center: UnitVector(lonDeg: 10, latDeg: 20), radiusDeg: spread / 4)
        let both = cap.union(other)
        for (lon, lat) in rows + [(10, 20)] { #expect(both.mayIntersect(lon, lat, radiusDeg: 0)) }
      }
    }
    #expect(BoundingCap(lonDeg: [.nan], latDeg: [0], count: 1) == nil)
  }
}
