import Base
import FunctionKit
import Sky
import Vectors

/// ADQL's shapes: POINT, CIRCLE, BOX, POLYGON. Degrees; longitudes wrap, latitudes must lie in
/// -90…90. What is no place on the sky becomes NULL with a counted warning.
///
/// Each constructor also takes ADQL 2.0's coordinate system in front: ICRS, FK5 or the empty string.
enum Shapes {
  static let functions: [ScalarFunction] =
    bothWays(
      "point", [longitude, latitude], .point, "Makes a position from longitude and latitude.",
      ["370", "-5"], "(10,-5)", .vectors(point))
    + bothWays(
      "circle", [longitude, latitude, radius], .circle, "Makes a circle on the sky.",
      ["10", "20", "1"], "<(10,20),1>", .vectors(circle))
    + bothWays(
      "circle", [center, radius], .circle, "Makes a circle around a position.",
      ["POINT(10, 20)", "1"], "<(10,20),1>", .vectors(circleAroundPoint))
    + bothWays(
      "box", [longitude, latitude, width, height], .polygon, boxSummary, ["0", "0", "10", "10"],
      nil, .vectors(box))
    + bothWays(
      "box", [center, width, height], .polygon, boxSummary, ["POINT(0, 0)", "10", "10"], nil,
      .vectors(boxAroundPoint))
    + bothWays(
      "polygon", [Quantity("coordinate", .double, unit: "deg")], isVariadic: true, .polygon,
      "Makes a polygon from three or more pairs of longitude and latitude.",
      ["0", "0", "1", "0", "0", "1"], "((0,0),(1,0),(0,1))", .vectors(polygonOfNumbers))
    + bothWays(
      "polygon", [Quantity("vertex", .point)], isVariadic: true, .polygon,
      "Makes a polygon from three or more positions.",
      ["POINT(0, 0)", "POINT(1, 0)", "POINT(0, 1)"], "((0,0),(1,0),(0,1))",
      .vectors(polygonOfPoints))

  static let longitude = Quantity("lon", .double, unit: "deg")
  static let latitude = Quantity("lat", .double, unit: "deg")
  private static let radius = Quantity("radius", .double, unit: "deg")
  private static let width = Quantity("width", .double, unit: "deg")
  private static let height = Quantity("height", .double, unit: "deg")
  private static let center = Quantity("center", .point)
  private static let boxSummary =
    "Makes the polygon whose sides are great circles at right angles to a cross of arms."

  /// The function as it stands and with a coordinate system in front.
  private static func bothWays(
    _ name: String, _ parameters: [Quantity], isVariadic: Bool = false, _ result: LogicalType,
    _ summary: String, _ example: [String], _ answer: String?, _ kernel: Kernel
  ) -> [ScalarFunction] {
    let call = "\(name.uppercased())(\(example.joined(separator: ", ")))"
    let shown = Example(answer == nil ? "AREA(\(call)) > 99" : call, gives: answer ?? "t")
    var plain = ScalarFunction(
      name, variadic: isVariadic, returns: Quantity("shape", result), summary: summary,
      source: "ADQL 2.1", examples: [shown], kernel: kernel)
    plain.parameters = parameters
    var framed = plain
    framed.parameters = [Quantity("frame", .text)] + parameters
    framed.examples = []
    framed.kernel = .vectors {
      (arguments: [Vector], count: Int, type, context) throws(SQLError) -> Vector in
      try checkFrame(arguments[0], count, context)
      let rest = Array(arguments.dropFirst())
      return try kernel.evaluate(rest, count, type, context)
        .masked(by: arguments[0].flattened().validity)
    }
    return [plain, framed]
  }

  private static func checkFrame(
    _ frames: Vector, _ count: Int, _ context: FunctionContext
  ) throws(SQLError) {
    for row in 0..<(frames.isConstant ? min(1, count) : count) where !frames.isNull(row) {
      guard case .text(let frame) = frames.value(at: row) else { continue }
      let word = frame.split(separator: " ").first.map { $0.uppercased() } ?? ""
      guard ["", "ICRS", "FK5", "J2000", "UNKNOWNFRAME"].contains(word) else {
        throw SQLError(
          .featureNotSupported, "coordinate system is not supported: \"\(frame)\"",
          at: context.range, hint: "Coordinates are ICRS; leave the first argument out.")
      }
    }
  }
}

// MARK: Points and circles

extension Shapes {
  private static func point(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let lon = arguments[0].flattened()
    let lat = arguments[1].flattened()
    let validity = ValidityMask.and(lon.validity, lat.validity, count: count)
    let lonDeg = lon.values(as: Double.self)
    let latDeg = lat.values(as: Double.self)
    var outside: UInt64 = 0
    for row in 0..<count {
      // No branches, so that the loop vectorises; the sign bit also finds -0.
      outside |= lonDeg[row].bitPattern &>> 63
      outside |= lonDeg[row] < 360 ? 0 : 1
      outside |= latDeg[row].magnitude <= 90 ? 0 : 1
    }
    // Nearly always the columns are positions already: they become the children as they are.
    if outside == 0 { return structure(type, count, validity, [lon, lat]) }
    let newLon = Vector(type: .float64, count: count)
    let newLat = Vector(type: .float64, count: count)
    let mask = try collect(count, validity, context) { (row) -> Bool in
      newLon.values(as: Double.self)[row] = Angle.normalized(lonDeg[row])
      newLat.values(as: Double.self)[row] = latDeg[row] + 0
      return lonDeg[row].isFinite && abs(latDeg[row]) <= 90
    }
    return structure(type, count, mask, [newLon, newLat])
  }

  /// Runs `body` for the rows valid in `validity`, and makes those where it is false NULL with a
  /// warning.
  static func collect(
    _ count: Int, _ validity: ValidityMask?, _ context: FunctionContext, _ body: (Int) -> Bool
  ) throws(SQLError) -> ValidityMask? {
    var mask: ValidityMask?
    var failures = 0
    for row in 0..<count where validity?.isValid(row) ?? true {
      if body(row) { continue }
      let changed = mask ?? validity?.copy(count: count) ?? .init(count: count, allValid: true)
      changed.setNull(row)
      mask = changed
      failures += 1
    }
    guard let mask else { return validity }
    try Kernel.report(.noPosition, rows: failures, context)
    return mask
  }

  static func structure(
    _ type: LogicalType, _ count: Int, _ validity: ValidityMask?, _ children: [Vector]
  ) -> Vector {
    Vector(type: type, count: count, validity: validity, children: children)
  }

  private static func circle(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let center = try point(arguments, count, .point, context)
    return try circleAroundPoint([center, arguments[2]], count, type, context)
  }

  private static func circleAroundPoint(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let center = arguments[0].flattened()
    let radius = arguments[1].flattened()
    let validity = ValidityMask.and(center.validity, radius.validity, count: count)
    let radiusDeg = radius.values(as: Double.self)
    let mask = try collect(count, validity, context) { (row) -> Bool in radiusDeg[row] >= 0 }
    return structure(type, count, mask, center.children + [radius])
  }
}

// MARK: Boxes and polygons

extension Shapes {
  private static func box(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let center = try point(arguments, count, .point, context)
    return try boxAroundPoint([center, arguments[2], arguments[3]], count, type, context)
  }

  private static func boxAroundPoint(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let center = PointColumn(arguments[0])
    let width = arguments[1].flattened()
    let height = arguments[2].flattened()
    let sizes = ValidityMask.and(width.validity, height.validity, count: count)
    let validity = ValidityMask.and(center.validity, sizes, count: count)
    let builder = VectorBuilder(type: type)
    let boxes: [SkyPolygon?] = (0..<count).map { row in
      guard validity?.isValid(row) ?? true else { return nil }
      return SkyPolygon(
        boxLonDeg: center.lonDeg[row], latDeg: center.latDeg[row],
        widthDeg: width.values(as: Double.self)[row], heightDeg: height.values(as: Double.self)[row]
      )
    }
    _ = try collect(count, validity, context) { (row) -> Bool in boxes[row] != nil }
    for box in boxes {
      builder.append(
        box.map { polygon in .list(polygon.vertices.map { value($0.lonLatDeg) }) } ?? .null)
    }
    return builder.finish()
  }

  private static func value(_ position: (Double, Double)) -> Value {
    .structure([.float64(position.0), .float64(position.1)])
  }

  private static func polygonOfNumbers(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    guard arguments.count >= 6, arguments.count % 2 == 0 else {
      throw SQLError(
        .invalidParameterValue,
        "a polygon needs three or more pairs of coordinates: \(arguments.count) numbers given",
        at: context.range)
    }
    var vertices: [Vector] = []
    for index in stride(from: 0, to: arguments.count, by: 2) {
      vertices.append(
        try point([arguments[index], arguments[index + 1]], count, .point, context))
    }
    return try polygonOfPoints(vertices, count, type, context)
  }

  private static func polygonOfPoints(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    guard arguments.count >= 3 else {
      throw SQLError(
        .invalidParameterValue,
        "a polygon needs three or more vertices: \(arguments.count) given", at: context.range)
    }
    let corners = arguments.map { PointColumn($0) }
    let validity = corners.reduce(nil as ValidityMask?) {
      ValidityMask.and($0, $1.validity, count: count)
    }
    let lon = Vector(type: .float64, count: count * corners.count)
    let lat = Vector(type: .float64, count: count * corners.count)
    let result = Vector(type: type, count: count)
    let views = result.values(as: View.self)
    for row in 0..<count {
      let start = row * corners.count
      views[row] = View(
        offset: UInt32(truncatingIfNeeded: start),
        length: UInt32(truncatingIfNeeded: corners.count))
      for (index, corner) in corners.enumerated() {
        lon.values(as: Double.self)[start + index] = corner.lonDeg[row]
        lat.values(as: Double.self)[start + index] = corner.latDeg[row]
      }
    }
    let points = structure(.point, count * corners.count, nil, [lon, lat])
    return Vector(
      type: type, count: count, storage: result.storage, validity: validity, children: [points])
  }
}
