import Base
import Sky
import Vectors

/// Functions on positions: the plain loops of `Sky` and their names in SQL.
enum SkyCases {
  static var all: [KernelCase] {
    [
      index(order: 29),
      FunctionCases.call("sky: SQL healpix_index, order 10", "healpix_index") {
        [
          Vector.constant(.integer(10), type: .int64, count: $0.rowCount), $0.longitudes(),
          $0.latitudes(),
        ]
      },
      FunctionCases.call("sky: SQL distance, all sky", "distance") {
        [$0.longitudes(), $0.latitudes(), $0.longitudes(), $0.latitudes()]
      },
      FunctionCases.call("sky: SQL distance, arc seconds", "distance") {
        [
          $0.near(56.75, radius: 1e-3), $0.near(24, radius: 1e-3), $0.near(56.75, radius: 1e-3),
          $0.near(24, radius: 1e-3),
        ]
      },
      cone("sky: cone 1°, positions all over the sky", 1) { ($0.longitudes(), $0.latitudes()) },
      cone("sky: cone 90°, positions all over the sky", 90) { ($0.longitudes(), $0.latitudes()) },
      cone("sky: cone 1°, positions around it", 1) {
        ($0.near(56.75, radius: 1.1), $0.near(24, radius: 1.1))
      },
      cone("sky: cone 1°, positions far in latitude", 1) {
        ($0.longitudes(), $0.near(-40, radius: 5))
      },
    ]
  }

  private static func index(order: Int) -> KernelCase {
    KernelCase("sky: healpix index, order \(order)") {
      let samples = SampleColumns()
      let longitudes = samples.longitudes()
      let latitudes = samples.latitudes()
      let cells = Vector(type: .int64, count: samples.rowCount)
      return .init(samples.rowCount, sizeBytes: samples.rowCount * 16) {
        _ = HEALPix.indices(
          order: order, lonDeg: longitudes.values(as: Double.self),
          latDeg: latitudes.values(as: Double.self), count: samples.rowCount,
          into: cells.values(as: Int64.self))
      }
    }
  }

  /// A cone around 56.75, +24.
  private static func cone(
    _ name: String, _ radiusDeg: Double,
    _ positions: @escaping (SampleColumns) -> (Vector, Vector)
  ) -> KernelCase {
    KernelCase(name) {
      let samples = SampleColumns()
      let (longitudes, latitudes) = positions(samples)
      let test = ConeTest(lonDeg: 56.75, latDeg: 24, radiusDeg: radiusDeg, inclusive: true)
      let mask = Vector(type: .boolean, count: samples.rowCount)
      return .init(samples.rowCount, sizeBytes: samples.rowCount * 16) {
        test.evaluate(
          lonDeg: longitudes.values(as: Double.self), latDeg: latitudes.values(as: Double.self),
          count: samples.rowCount, into: mask.values(as: UInt8.self))
      }
    }
  }
}
