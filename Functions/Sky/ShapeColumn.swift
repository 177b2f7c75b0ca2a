import FunctionKit
import Sky
import Vectors

/// The coordinates of a vector of points, flat.
struct PointColumn {
  private let vector: Vector
  let lonDeg: UnsafeMutablePointer<Double>
  let latDeg: UnsafeMutablePointer<Double>
  let validity: ValidityMask?

  init(_ points: Vector) {
    vector = points.flattened()
    lonDeg = vector.children[0].values(as: Double.self)
    latDeg = vector.children[1].values(as: Double.self)
    validity = vector.validity
  }

  /// True if all rows, NULL or not, are places on the sky.
  func areAllPositions(_ count: Int) -> Bool {
    var outside: UInt64 = 0
    for row in 0..<count {
      outside |= lonDeg[row].magnitude <= .greatestFiniteMagnitude ? 0 : 1
      outside |= latDeg[row].magnitude <= 90 ? 0 : 1
    }
    return outside == 0
  }
}

enum Shape {
  case point(lonDeg: Double, latDeg: Double)
  case circle(SkyCircle)
  case polygon(SkyPolygon)
}

/// Reads the shapes of a vector one by one; a constant is prepared once.
struct ShapeColumn {
  let validity: ValidityMask?
  private let vector: Vector
  private var constant: Shape?
  private let isConstant: Bool

  init(_ source: Vector) {
    isConstant = source.isConstant
    vector = source.isConstant ? source.resizedConstant(1).flattened() : source.flattened()
    validity = source.isConstant ? nil : vector.validity
    if isConstant { constant = read(0) }
  }

  /// The shape of a row that is not NULL; nil when it is none.
  func shape(_ row: Int) -> Shape? { isConstant ? constant : read(row) }

  private func number(_ child: Int, _ row: Int) -> Double {
    let column = vector.children[child]
    return column.isNull(row) ? .nan : column.values(as: Double.self)[row]
  }

  private func read(_ row: Int) -> Shape? {
    switch vector.type {
    case .point:
      let (lon, lat) = (number(0, row), number(1, row))
      return lon.isFinite && abs(lat) <= 90 ? .point(lonDeg: lon, latDeg: lat) : nil
    case .circle:
      return SkyCircle(
        lonDeg: number(0, row), latDeg: number(1, row), radiusDeg: number(2, row)
      ).map { .circle($0) }
    case .polygon: return SkyPolygon(vertices(row)).map { .polygon($0) }
    default: return nil
    }
  }

  private func vertices(_ row: Int) -> [(lonDeg: Double, latDeg: Double)] {
    let view = vector.values(as: View.self)[row]
    let points = PointColumn(vector.children[0])
    return (view.start..<view.start + view.count).map {
      (lonDeg: points.lonDeg[$0], latDeg: points.latDeg[$0])
    }
  }
}
