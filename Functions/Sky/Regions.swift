import Base
import FunctionKit
import Sky
import Vectors

/// ADQL's questions about shapes: CONTAINS, INTERSECTS, DISTANCE, AREA, CENTROID, COORD1, COORD2 and
/// COORDSYS. Borders belong to their shapes.
enum Regions {
  static let functions: [ScalarFunction] = predicates + measures

  private static let shapes: [LogicalType] = [.point, .circle, .polygon]

  private static let predicates: [ScalarFunction] = shapes.flatMap { a in
    shapes.flatMap { b -> [ScalarFunction] in
      let contains = predicate(
        "contains", a, b, "1 if the first shape lies in the second, borders included, else 0.",
        Example("CONTAINS(POINT(10, 20.5), CIRCLE(10, 20, 1))", gives: "1"), isWithin)
      let intersects = predicate(
        "intersects", a, b, "1 if the shapes have a position in common, else 0.",
        Example("INTERSECTS(CIRCLE(10, 20, 1), CIRCLE(12, 20, 1))", gives: "1"), overlap)
      return [contains, intersects]
    }
  }

  private static func predicate(
    _ name: String, _ a: LogicalType, _ b: LogicalType, _ summary: String, _ example: Example,
    _ test: @escaping @Sendable (Shape, Shape) -> Bool
  ) -> ScalarFunction {
    ScalarFunction(
      name, takes: Quantity("a", a), Quantity("b", b),
      returns: Quantity("answer", LogicalType.int32),
      summary: "Gives " + summary, source: "ADQL 2.1", examples: [example],
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
        if let fast = try positionsInConstant(arguments, count, type, context) { return fast }
        let left = ShapeColumn(arguments[0])
        let right = ShapeColumn(arguments[1])
        let result = Vector(type: type, count: count)
        let out = result.values(as: Int32.self)
        let validity = ValidityMask.and(left.validity, right.validity, count: count)
        result.validity = try Shapes.collect(count, validity, context) { (row) -> Bool in
          guard let first = left.shape(row), let second = right.shape(row) else { return false }
          out[row] = test(first, second) ? 1 : 0
          return true
        }
        return result
      })
  }

  /// Points of a column and a constant circle or polygon: the case that must be fast.
  private static func positionsInConstant(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector? {
    guard arguments[0].type == .point, arguments[1].isConstant, count > 0,
      let shape = ShapeColumn(arguments[1]).shape(0)
    else { return nil }
    let points = PointColumn(arguments[0])
    let result = Vector(type: type, count: count)
    let out = result.values(as: Int32.self)
    let done = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { scratch -> Bool in
      guard let mask = scratch.baseAddress else { return false }
      switch shape {
      case .point: return false
      case .circle(let circle):
        let cone = ConeTest(
          lonDeg: circle.lonDeg, latDeg: circle.latDeg, radiusDeg: circle.radiusDeg,
          inclusive: true)
        cone.evaluate(lonDeg: points.lonDeg, latDeg: points.latDeg, count: count, into: mask)
      case .polygon(let polygon):
        polygon.evaluate(lonDeg: points.lonDeg, latDeg: points.latDeg, count: count, into: mask)
      }
      for row in 0..<count { out[row] = Int32(mask[row]) }
      return true
    }
    guard done else { return nil }
    result.validity = points.validity
    if points.areAllPositions(count) { return result }
    result.validity = try Shapes.collect(count, points.validity, context) { (row) -> Bool in
      points.lonDeg[row].isFinite && abs(points.latDeg[row]) <= 90
    }
    return result
  }

  private static func isWithin(_ inner: Shape, _ outer: Shape) -> Bool {
    switch (inner, outer) {
    case (.point(let lon, let lat), .point(let lon2, let lat2)):
      return Separation.degrees(lon, lat, lon2, lat2) == 0
    case (.point(let lon, let lat), .circle(let circle)):
      return circle.contains(lonDeg: lon, latDeg: lat)
    case (.point(let lon, let lat), .polygon(let polygon)):
      return polygon.contains(lonDeg: lon, latDeg: lat)
    case (.circle(let circle), .point(let lon, let lat)):
      return circle.radiusDeg == 0
        && Separation.degrees(circle.lonDeg, circle.latDeg, lon, lat) == 0
    case (.circle(let circle), .circle(let outer)): return outer.contains(circle)
    case (.circle(let circle), .polygon(let polygon)): return polygon.contains(circle)
    case (.polygon, .point): return false
    case (.polygon(let polygon), .circle(let circle)): return circle.contains(polygon)
    case (.polygon(let polygon), .polygon(let outer)): return outer.contains(polygon)
    }
  }

  private static func overlap(_ a: Shape, _ b: Shape) -> Bool {
    switch (a, b) {
    case (.point, _): return isWithin(a, b)
    case (_, .point): return isWithin(b, a)
    case (.circle(let first), .circle(let second)): return first.intersects(second)
    case (.circle(let circle), .polygon(let polygon)): return circle.intersects(polygon)
    case (.polygon(let polygon), .circle(let circle)): return circle.intersects(polygon)
    case (.polygon(let first), .polygon(let second)): return first.intersects(second)
    }
  }
}

// MARK: Measures

extension Regions {
  private static let measures: [ScalarFunction] =
    distances + [coordinate("coord1", 0), coordinate("coord2", 1)]
    + shapes.flatMap { [area($0), centroid($0), frame($0)] }

  private static let separationError =
    "below 2e-4 µas everywhere, below 1e-8 µas up to one arcsecond; 0 for identical positions"

  private static let distances: [ScalarFunction] = [
    ScalarFunction(
      "distance", takes: Quantity("lon1", .double, unit: "deg"),
      Quantity("lat1", .double, unit: "deg"), Quantity("lon2", .double, unit: "deg"),
      Quantity("lat2", .double, unit: "deg"), returns: Quantity("distance", .double, unit: "deg"),
      summary: "Gives the angle between two positions on the sky.", source: "ADQL 2.1",
      errorBound: separationError,
      examples: [Example("DISTANCE(0, 0, 0, 90)", gives: "90", within: 1e-12)],
      kernel: .mapChecked(.noPosition) {
        (lon1: Double, lat1: Double, lon2: Double, lat2: Double) -> Double? in
        let distance = Separation.degrees(lon1, lat1, lon2, lat2)
        return distance.isNaN ? nil : distance
      }),
    ScalarFunction(
      "distance", takes: Quantity("a", .point), Quantity("b", .point),
      returns: Quantity("distance", .double, unit: "deg"),
      summary: "Gives the angle between two positions on the sky.", source: "ADQL 2.1",
      errorBound: separationError,
      examples: [Example("DISTANCE(POINT(359, 0), POINT(1, 0))", gives: "2", within: 1e-12)],
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
        let a = PointColumn(arguments[0])
        let b = PointColumn(arguments[1])
        let result = Vector(type: type, count: count)
        let out = result.values(as: Double.self)
        let validity = ValidityMask.and(a.validity, b.validity, count: count)
        result.validity = try Shapes.collect(count, validity, context) { (row) -> Bool in
          out[row] = Separation.degrees(a.lonDeg[row], a.latDeg[row], b.lonDeg[row], b.latDeg[row])
          return !out[row].isNaN
        }
        return result
      }),
  ]

  private static func coordinate(_ name: String, _ child: Int) -> ScalarFunction {
    ScalarFunction(
      name, takes: Quantity("position", .point),
      returns: Quantity(child == 0 ? "lon" : "lat", .double, unit: "deg"),
      summary: child == 0 ? "Gives the longitude." : "Gives the latitude.", source: "ADQL 2.1",
      examples: [Example("\(name.uppercased())(POINT(10, 20))", gives: child == 0 ? "10" : "20")],
      kernel: .vectors { (arguments: [Vector], count: Int, _, _) throws(SQLError) -> Vector in
        let points = arguments[0].flattened()
        return points.children[child].flattened().masked(by: points.validity)
      })
  }

  private static func sample(_ type: LogicalType) -> String {
    switch type {
    case .point: "POINT(10, 20)"
    case .circle: "CIRCLE(10, 20, 1)"
    default: "POLYGON(0, 0, 1, 0, 1, 1)"
    }
  }

  private static func area(_ type: LogicalType) -> ScalarFunction {
    let answers = [LogicalType.point: "0", .circle: "3.141512905", .polygon: "0.500025"]
    return ScalarFunction(
      "area", takes: Quantity("shape", type), returns: Quantity("area", .double, unit: "deg**2"),
      summary: "Gives the area of a shape on the sphere.", source: "ADQL 2.1",
      errorBound: "relative 1e-15 for circles",
      examples: [
        Example("AREA(\(sample(type)))", gives: answers[type] ?? "0", within: 1e-4)
      ],
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
        let shapes = ShapeColumn(arguments[0])
        let result = Vector(type: type, count: count)
        let out = result.values(as: Double.self)
        result.validity = try Shapes.collect(count, shapes.validity, context) { (row) -> Bool in
          switch shapes.shape(row) {
          case .point: out[row] = 0
          case .circle(let circle): out[row] = circle.areaDeg2
          case .polygon(let polygon): out[row] = polygon.areaDeg2
          case nil: return false
          }
          return true
        }
        return result
      })
  }

  private static func centroid(_ type: LogicalType) -> ScalarFunction {
    let answer = type == .polygon ? "t" : "(10,20)"
    let call = "CENTROID(\(sample(type)))"
    return ScalarFunction(
      "centroid", takes: Quantity("shape", type), returns: Quantity("center", .point),
      summary: "Gives the centre of a shape: of a polygon, the centroid of its surface.",
      source: "ADQL 2.1",
      examples: [
        Example(type == .polygon ? "COORD1(\(call)) BETWEEN 0.6 AND 0.7" : call, gives: answer)
      ],
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
        let shapes = ShapeColumn(arguments[0])
        let lon = Vector(type: .float64, count: count)
        let lat = Vector(type: .float64, count: count)
        let validity = try Shapes.collect(count, shapes.validity, context) { (row) -> Bool in
          guard let center = center(of: shapes.shape(row)) else { return false }
          lon.values(as: Double.self)[row] = center.lonDeg
          lat.values(as: Double.self)[row] = center.latDeg
          return true
        }
        return Shapes.structure(type, count, validity, [lon, lat])
      })
  }

  private static func center(of shape: Shape?) -> (lonDeg: Double, latDeg: Double)? {
    switch shape {
    case .point(let lon, let lat): (lon, lat)
    case .circle(let circle): (circle.lonDeg, circle.latDeg)
    case .polygon(let polygon): polygon.centroid
    case nil: nil
    }
  }

  private static func frame(_ type: LogicalType) -> ScalarFunction {
    ScalarFunction(
      "coordsys", takes: Quantity("shape", type), returns: Quantity("frame", .text),
      summary: "Gives the coordinate system of a shape: always ICRS.", source: "ADQL 2.1",
      examples: [Example("COORDSYS(\(sample(type)))", gives: "ICRS")],
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
        let shapes = arguments[0].flattened()
        return try Kernel.buildText(count, type, validity: shapes.validity, context) { (_, out) in
          out.append("ICRS")
          return true
        }
      })
  }
}
