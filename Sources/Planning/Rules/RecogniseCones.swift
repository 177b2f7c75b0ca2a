import Plans
import Sky
import Vectors

/// Makes every spelling of a cone search one condition, and tells scans of clustered tables in which
/// HEALPix cells to look:
///
/// `CONTAINS(POINT(a, b), CIRCLE(x, y, r)) = 1`, `1 = CONTAINS(…)`, bare `CONTAINS(…)`, the same with
/// the circle around the rows' positions, `DISTANCE(p, q) < r`, `<=`, `r > DISTANCE(p, q)`, with
/// points, columns of points or four numbers, in either order.
enum RecogniseCones {
  static func apply(_ plan: LogicalPlan, tables: any TableOrders) -> LogicalPlan {
    switch plan.mappingInputs({ apply($0, tables: tables) }) {
    case .scan(var scan):
      scan.filters = scan.filters.map(rewrite)
      scan.cells = cells(for: scan, tables: tables)
      return .scan(scan)
    case .filter(let input, let terms):
      return .filter(input, terms.map(rewrite))
    case let other:
      return other
    }
  }

  /// The cells of all cones over the table's sky columns, intersected; nil without any.
  private static func cells(for scan: TableScan, tables: any TableOrders) -> [HEALPixRange]? {
    guard let sky = tables.skyColumns(schema: scan.schema, name: scan.name) else { return nil }
    var result: [HEALPixRange]?
    for filter in scan.filters {
      guard case .inCone(.column(sky.lon, _), .column(sky.lat, _), let cone) = filter else {
        continue
      }
      let cover = SkyCover.cone(
        lonDeg: cone.lonDeg, latDeg: cone.latDeg, radiusDeg: cone.radiusDeg)
      result = result.map { HEALPixRanges.intersection($0, cover) } ?? cover
    }
    return result
  }

  /// The condition as a cone, or as it was.
  static func rewrite(_ term: ScalarExpression) -> ScalarExpression {
    bound(of: term).flatMap(cone) ?? term
  }

  /// The two positions that a condition keeps near each other, however that is spelt.
  static func bound(of term: ScalarExpression) -> DistanceBound? {
    guard case .call(let call) = term, call.arguments.count == 2 else { return nil }
    let (a, b) = (call.arguments[0], call.arguments[1])
    switch call.name {
    case "=":
      // 0 and 1 stay what they are in any numeric type; a distance would be rounded.
      if number(b) == 1 { return contains(withoutCast(a)) }
      return number(a) == 1 ? contains(withoutCast(b)) : nil
    case "<": return distance(a, within: b, isInclusive: false)
    case "<=": return distance(a, within: b, isInclusive: true)
    case ">": return distance(b, within: a, isInclusive: false)
    case ">=": return distance(b, within: a, isInclusive: true)
    default: return nil
    }
  }

  private static func withoutCast(_ expression: ScalarExpression) -> ScalarExpression {
    if case .cast(let inner, let type) = expression, type.isNumeric { return inner }
    return expression
  }

  private static func number(_ expression: ScalarExpression) -> Double? {
    guard case .literal(let value, _) = expression else { return nil }
    switch value {
    case .integer(let number): return Double(number)
    case .float64(let number): return number
    case .float32(let number): return Double(number)
    case .decimal(let digits, let scale):
      var result = Double(digits)
      for _ in 0..<scale { result /= 10 }
      return result
    default: return nil
    }
  }

  // MARK: CONTAINS

  private static func contains(_ expression: ScalarExpression) -> DistanceBound? {
    guard case .call(let call) = expression, call.name == "contains", call.arguments.count == 2,
      let point = position(call.arguments[0]), let circle = circle(call.arguments[1])
    else { return nil }
    return DistanceBound(
      a: point, b: circle.center, radiusDeg: circle.radiusDeg, isInclusive: true, isCircle: true)
  }

  private static func circle(
    _ expression: ScalarExpression
  ) -> (center: (ScalarExpression, ScalarExpression), radiusDeg: Double)? {
    if case .literal(.structure(let fields), .circle) = expression, fields.count == 3,
      case .float64(let lon) = fields[0], case .float64(let lat) = fields[1],
      case .float64(let radius) = fields[2]
    {
      return ((.literal(.float64(lon), .float64), .literal(.float64(lat), .float64)), radius)
    }
    guard case .call(let call) = expression, call.name == "circle" else { return nil }
    let arguments = withoutFrame(call.arguments)
    if arguments.count == 3, let radius = number(withoutCast(arguments[2])) {
      return ((arguments[0], arguments[1]), radius)
    }
    if arguments.count == 2, let center = position(arguments[0]),
      let radius = number(withoutCast(arguments[1]))
    {
      return (center, radius)
    }
    return nil
  }

  /// Drops the coordinate system that older ADQL puts first.
  private static func withoutFrame(_ arguments: [ScalarExpression]) -> [ScalarExpression] {
    if let first = arguments.first, first.type == .text { return Array(arguments.dropFirst()) }
    return arguments
  }

  /// Longitude and latitude of a point expression.
  private static func position(
    _ expression: ScalarExpression
  ) -> (ScalarExpression, ScalarExpression)? {
    if case .literal(.structure(let fields), .point) = expression, fields.count == 2,
      case .float64(let lon) = fields[0], case .float64(let lat) = fields[1]
    {
      return (.literal(.float64(lon), .float64), .literal(.float64(lat), .float64))
    }
    if case .call(let call) = expression, call.name == "point" {
      let arguments = withoutFrame(call.arguments)
      return arguments.count == 2 ? (arguments[0], arguments[1]) : nil
    }
    guard expression.type == .point else { return nil }
    return (coordinate("coord1", of: expression), coordinate("coord2", of: expression))
  }

  private static func coordinate(_ name: String, of point: ScalarExpression) -> ScalarExpression {
    .call(
      FunctionCallExpression(
        name: name, argumentTypes: [.point], arguments: [point], type: .float64))
  }

  // MARK: DISTANCE

  private static func distance(
    _ expression: ScalarExpression, within limit: ScalarExpression, isInclusive: Bool
  ) -> DistanceBound? {
    guard case .literal(let value, _) = limit, case .call(let call) = expression,
      call.name == "distance"
    else { return nil }
    let radiusDeg = number(limit)
    guard radiusDeg != nil || value.isNull else { return nil }
    let arguments = call.arguments
    if arguments.count == 4 {
      return DistanceBound(
        a: (arguments[0], arguments[1]), b: (arguments[2], arguments[3]), radiusDeg: radiusDeg,
        isInclusive: isInclusive)
    }
    guard arguments.count == 2, let a = position(arguments[0]), let b = position(arguments[1])
    else { return nil }
    return DistanceBound(a: a, b: b, radiusDeg: radiusDeg, isInclusive: isInclusive)
  }

  /// One of the two positions is constant: it becomes the centre.
  private static func cone(_ bound: DistanceBound) -> ScalarExpression? {
    guard let radiusDeg = bound.radiusDeg else { return nil }
    for (center, rows) in [(bound.b, bound.a), (bound.a, bound.b)] {
      guard let lon = number(center.lon), let lat = number(center.lat) else { continue }
      // What computes a point would run once for either coordinate.
      if case .call = SkyPosition(lon: rows.lon, lat: rows.lat).point { continue }
      // As POINT has it: one name for every place, so that all spellings give one plan.
      let cone = Cone(
        lonDeg: Angle.normalized(lon), latDeg: lat + 0, radiusDeg: radiusDeg + 0,
        isInclusive: bound.isInclusive)
      return .inCone(lon: rows.lon, lat: rows.lat, cone)
    }
    return nil
  }
}

/// A condition that two positions are at most so far apart.
struct DistanceBound {
  typealias Position = (lon: ScalarExpression, lat: ScalarExpression)

  var a: Position
  var b: Position
  /// nil for NULL, which nothing is below.
  var radiusDeg: Double?
  var isInclusive: Bool
  /// Spelt with a circle, which has no NaN radius; a distance is less than NaN.
  var isCircle = false
}

/// Set operations on sorted disjoint ranges.
enum HEALPixRanges {
  static func intersection(_ a: [HEALPixRange], _ b: [HEALPixRange]) -> [HEALPixRange] {
    var result: [HEALPixRange] = []
    var i = 0
    var j = 0
    while i < a.count, j < b.count {
      let lower = max(a[i].lower, b[j].lower)
      let upper = min(a[i].upper, b[j].upper)
      if lower < upper { result.append(HEALPixRange(lower: lower, upper: upper)) }
      if a[i].upper < b[j].upper { i += 1 } else { j += 1 }
    }
    return result
  }
}
