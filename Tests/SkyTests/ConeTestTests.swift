import Sky
import Testing

@Suite("Cone test")
struct ConeTestTests {
  static let radii: [Double] = [
    0, 1e-200, 1e-12, 1e-9, 1 / 3.6e9, 1 / 3.6e6, 1 / 3600.0, 0.1, 1, 10, 60, 89.9, 90, 120, 179,
    179.9999999, 180, 181, .infinity, -1, -0.0, .nan,
  ]

  /// Positions around a centre at nearly the radius, where only the exact test can decide.
  private func near(
    _ center: (lonDeg: Double, latDeg: Double), _ radiusDeg: Double, _ random: inout Randomness
  ) -> [(lonDeg: Double, latDeg: Double)] {
    guard radiusDeg.isFinite, radiusDeg >= 0 else { return [] }
    return (0..<40).compactMap { _ in
      let scale =
        1 + Double.random(in: -1...1, using: &random) * [0, 1e-15, 1e-9, 3e-9, 0.5].randomElement(
          using: &random)!
      return Direction.offset(
        lonDeg: center.lonDeg, latDeg: center.latDeg,
        positionAngleDeg: Double.random(in: 0..<360, using: &random),
        distanceDeg: min(180, radiusDeg * scale))
    }
  }

  @Test("agrees with the separation on every row", arguments: radii)
  func agrees(radiusDeg: Double) {
    var random = Randomness(seed: 7)
    let centers = awkwardPositions + (0..<8).map { _ in random.position() }
    for center in centers {
      var rows = awkwardPositions + near(center, radiusDeg, &random)
      rows += (0..<30).map { _ in random.position() }
      rows += [center, (center.lonDeg + 360, center.latDeg), (center.lonDeg + 180, -center.latDeg)]
      rows += [(.nan, 0), (0, .nan), (.infinity, 0), (0, 90.1), (0, -91), (0, .infinity)]
      for inclusive in [true, false] { compare(center, radiusDeg, inclusive, rows) }
    }
  }

  private func compare(
    _ center: (lonDeg: Double, latDeg: Double), _ radiusDeg: Double, _ inclusive: Bool,
    _ rows: [(lonDeg: Double, latDeg: Double)]
  ) {
    let cone = ConeTest(
      lonDeg: center.lonDeg, latDeg: center.latDeg, radiusDeg: radiusDeg, inclusive: inclusive)
    var mask = [UInt8](repeating: 9, count: rows.count)
    cone.evaluate(
      lonDeg: rows.map(\.lonDeg), latDeg: rows.map(\.latDeg), count: rows.count, into: &mask)
    for (row, position) in rows.enumerated() {
      let expected = Separation.isWithin(
        position.lonDeg, position.latDeg, center.lonDeg, center.latDeg, radiusDeg: radiusDeg,
        inclusive: inclusive)
      #expect(mask[row] == (expected ? 1 : 0), "\(position) in \(center), \(radiusDeg)")
    }
  }

  @Test("holds the right positions at the limits")
  func limits() {
    func holds(_ radiusDeg: Double, _ inclusive: Bool, _ lon: Double, _ lat: Double) -> Bool {
      var mask: [UInt8] = [9]
      ConeTest(lonDeg: 30, latDeg: 90, radiusDeg: radiusDeg, inclusive: inclusive)
        .evaluate(lonDeg: [lon], latDeg: [lat], count: 1, into: &mask)
      return mask[0] == 1
    }
    #expect(holds(0, true, 211, 90))
    #expect(!holds(0, false, 211, 90))
    #expect(holds(180, true, 5, -90))
    #expect(!holds(180, false, 5, -90))
    #expect(holds(200, false, 5, -90))
    #expect(!holds(180, true, 5, .nan))
    #expect(!holds(-1, true, 30, 90))
    #expect(!holds(.nan, true, 30, 90))
    #expect(holds(90, true, 30, 0))
    #expect(!holds(90, false, 30, 0))
  }

  @Test(
    "an invalid centre holds nothing",
    arguments: [(Double.nan, 0.0), (0, .nan), (0, 91), (.infinity, 0)])
  func invalidCenter(lon: Double, lat: Double) {
    var mask: [UInt8] = [9, 9]
    ConeTest(lonDeg: lon, latDeg: lat, radiusDeg: 200, inclusive: true)
      .evaluate(lonDeg: [0, lon], latDeg: [0, lat], count: 2, into: &mask)
    #expect(mask == [0, 0])
  }
}
