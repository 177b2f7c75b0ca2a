import Sky
import Testing

@Suite("Separation and proper motion")
struct SeparationTests {
  @Test("is symmetric, and zero only where it should be")
  func symmetry() {
    var random = Randomness(seed: 1)
    let positions = awkwardPositions + (0..<100).map { _ in random.position() }
    for (lon1, lat1) in positions {
      #expect(Separation.degrees(lon1, lat1, lon1, lat1) == 0)
      #expect(Separation.degrees(lon1, lat1, lon1 + 180, -lat1) > 179.9999999)
      for (lon2, lat2) in positions {
        let forth = Separation.degrees(lon1, lat1, lon2, lat2)
        #expect(forth.bitPattern == Separation.degrees(lon2, lat2, lon1, lat1).bitPattern)
        #expect(forth >= 0 && forth <= 180)
      }
    }
    #expect(Separation.degrees(0, 90, 77, 90) == 0)
    #expect(Separation.degrees(0, 10, 360, 10) == 0)
    #expect(Separation.degrees(-90, 10, 990, 10) == 0)
    #expect(Separation.degrees(12, 30, 192, -30) == 180)
    #expect(Separation.degrees(0, 0, 90, 0) == 90)
  }

  @Test("is NaN for what is no position", arguments: [Double.nan, .infinity, -.infinity, 90.5])
  func invalid(value: Double) {
    if !value.isFinite {
      #expect(Separation.degrees(value, 0, 0, 0).isNaN)
      #expect(Separation.degrees(0, 0, value, 0).isNaN)
    }
    #expect(Separation.degrees(0, value, 0, 0).isNaN)
    #expect(Separation.degrees(0, 0, 0, value).isNaN)
    #expect(!Separation.isWithin(0, value, 0, 0, radiusDeg: 500, inclusive: true))
  }

  struct Motion: Sendable {
    let parallax, pmDec, radialVelocity: Double?
    let target, ra, dec, toleranceMicroArcsec: Double
  }

  /// The examples of the IVOA's Catalogue of ADQL User Defined Functions 1.2, `ivo_epoch_prop_pos`.
  /// 50-digit arithmetic differs from them by up to 1e-4 µas; the one without a parallax is called
  /// approximate there.
  static let motions = [
    Motion(
      parallax: 125, pmDec: -428.8, radialVelocity: 52.51, target: 1992.25,
      ra: 7.604061404627978, dec: 11.7932703828279, toleranceMicroArcsec: 2e-4),
    Motion(
      parallax: 125, pmDec: -428.8, radialVelocity: 52.51, target: 1875,
      ra: 7.594068213694308, dec: 11.807251375203935, toleranceMicroArcsec: 2e-4),
    Motion(
      parallax: 125, pmDec: -428.8, radialVelocity: nil, target: 1875,
      ra: 7.594079587029898, dec: 11.807235464326332, toleranceMicroArcsec: 2e-4),
    Motion(
      parallax: 125, pmDec: nil, radialVelocity: nil, target: 1875,
      ra: 7.594080321498365, dec: 11.790440798509207, toleranceMicroArcsec: 2e-4),
    Motion(
      parallax: nil, pmDec: -428.8, radialVelocity: 52.51, target: 1875,
      ra: 7.594079587020846, dec: 11.807235464339055, toleranceMicroArcsec: 0.06),
  ]

  @Test("moves a star as the IVOA's examples do", arguments: motions)
  func motion(_ example: Motion) throws {
    let moved = try #require(
      ProperMotion.position(
        raDeg: 7.606083572, decDeg: 11.79044105, parallaxMas: example.parallax, pmRAMasYr: 300,
        pmDecMasYr: example.pmDec, radialVelocityKmS: example.radialVelocity, epochYr: 2016,
        targetEpochYr: example.target))
    let errorDeg = Separation.degrees(moved.raDeg, moved.decDeg, example.ra, example.dec)
    #expect(errorDeg * 3.6e9 <= example.toleranceMicroArcsec)
  }

  @Test("moves nothing without motion or for bad input")
  func noMotion() throws {
    let still = try #require(
      ProperMotion.position(raDeg: 12.5, decDeg: -33.25, epochYr: 2000, targetEpochYr: 2100))
    #expect(Separation.degrees(still.raDeg, still.decDeg, 12.5, -33.25) < 1e-13)
    #expect(ProperMotion.position(raDeg: .nan, decDeg: 0, epochYr: 0, targetEpochYr: 1) == nil)
    #expect(ProperMotion.position(raDeg: 0, decDeg: 91, epochYr: 0, targetEpochYr: 1) == nil)
    #expect(ProperMotion.position(raDeg: 0, decDeg: 0, epochYr: .nan, targetEpochYr: 1) == nil)
    #expect(
      ProperMotion.position(raDeg: 0, decDeg: 0, pmRAMasYr: .nan, epochYr: 0, targetEpochYr: 1)
        == nil)
  }

  @Test("position angles run from north through east")
  func positionAngle() throws {
    #expect(Direction.positionAngleDeg(10, 0, 10, 5) == 0)
    #expect(Direction.positionAngleDeg(10, 0, 11, 0) == 90)
    #expect(Direction.positionAngleDeg(10, 0, 10, -5) == 180)
    #expect(Direction.positionAngleDeg(0, 0, 359, 0) == 270)
    #expect(Direction.positionAngleDeg(.nan, 0, 0, 0).isNaN)
    var random = Randomness(seed: 2)
    for _ in 0..<200 {
      let (lon, lat) = random.position()
      let angle = Double.random(in: 1..<359, using: &random)
      let distance = Double.random(in: 0.001..<170, using: &random)
      let to = try #require(
        Direction.offset(lonDeg: lon, latDeg: lat, positionAngleDeg: angle, distanceDeg: distance))
      #expect(abs(Separation.degrees(lon, lat, to.lonDeg, to.latDeg) - distance) < 1e-12)
      let found = Direction.positionAngleDeg(lon, lat, to.lonDeg, to.latDeg)
      #expect(abs(found - angle) < 1e-9)
    }
  }
}
