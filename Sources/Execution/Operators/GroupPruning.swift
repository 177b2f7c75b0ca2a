import Plans
import Sky
import Storage
import Vectors

/// Decides from zones alone which row groups of a scan may hold matching rows.
struct GroupPruning {
  private let scan: PhysicalScan
  private let near: [HEALPixRange]?
  private let cones: [Cone]
  private let bounds: [ColumnBound]

  /// A conjunct `column op constant`, as far as zones can judge it.
  private struct ColumnBound {
    enum Test { case less, lessOrEqual, greater, greaterOrEqual, equal }

    /// Position in the table's columns.
    let column: Int
    let test: Test
    let value: Value
  }

  /// Rows outside of the order-29 cells `near` do not match either.
  init(_ scan: PhysicalScan, near: [HEALPixRange]?) {
    self.scan = scan
    self.near = near
    // Caps are those of the table's sky columns: only where the planner found cells for them.
    cones = scan.cells == nil
      ? []
      : scan.filters.compactMap { filter in
        if case .inCone(.column, .column, let cone) = filter { return cone }
        return nil
      }
    bounds = scan.filters.flatMap { Self.bounds(of: $0, scan) }
  }

  /// What the zones of a group say.
  enum Verdict: Equatable {
    case mayMatch
    /// A comparison of columns rules every row out.
    case outOfBounds
    /// No row lies in the cones, or near enough; so many of them lie nowhere on the sky.
    case notInCones(outsideCount: Int)
  }

  func verdict(_ part: any TablePart, _ group: Int) -> Verdict {
    for bound in bounds
    where !Self.mayHold(bound, part.columnZone(ofGroup: group, column: bound.column)) {
      return .outOfBounds
    }
    if scan.cells == nil, near == nil { return .mayMatch }
    let zone = part.zone(ofGroup: group)
    for cells in [scan.cells, near].compactMap({ $0 }) where !zone.mayOverlap(cells) {
      return .notInCones(outsideCount: zone.outsideCount)
    }
    if cones.count == 1, let cap = zone.cap,
      !cap.mayIntersect(cones[0].lonDeg, cones[0].latDeg, radiusDeg: cones[0].radiusDeg)
    {
      return .notInCones(outsideCount: zone.outsideCount)
    }
    return .mayMatch
  }

  // MARK: bounds

  private static func bounds(of filter: ScalarExpression, _ scan: PhysicalScan) -> [ColumnBound] {
    switch filter {
    case .and(let terms): return terms.flatMap { bounds(of: $0, scan) }
    case .call(let call) where call.arguments.count == 2:
      let (a, b) = (call.arguments[0], call.arguments[1])
      if let bound = bound(call.name, a, b, scan) { return [bound] }
      if let flipped = flipped[call.name], let bound = bound(flipped, b, a, scan) { return [bound] }
      return []
    default: return []
    }
  }

  private static let flipped = ["=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="]

  private static func bound(
    _ name: String, _ column: ScalarExpression, _ constant: ScalarExpression, _ scan: PhysicalScan
  ) -> ColumnBound? {
    let tests: [String: ColumnBound.Test] = [
      "=": .equal, "<": .less, "<=": .lessOrEqual, ">": .greater, ">=": .greaterOrEqual,
    ]
    guard let test = tests[name], case .literal(let value, _) = constant,
      let index = plainColumn(column)
    else { return nil }
    return ColumnBound(column: scan.columns[index], test: test, value: value)
  }

  /// The column itself or widened to double without changing its order.
  static func plainColumn(_ expression: ScalarExpression) -> Int? {
    switch expression {
    case .column(let index, _): return index
    case .cast(.column(let index, let from), .float64)
    where from == .float32 || from == .int32 || from == .int16 || from == .int8:
      return index
    default: return nil
    }
  }

  private static func mayHold(_ bound: ColumnBound, _ zone: ColumnZone) -> Bool {
    switch (zone.bounds, bound.value) {
    case (.unknown, _): return true
    case (.none, _):
      // Only NULLs, which match nothing, and perhaps NaNs, which are above everything.
      return (zone.nanCount ?? 1) > 0 && bound.test != .less && bound.test != .lessOrEqual
    case (.integers(let low, let high), .integer(let value)):
      return mayHold(bound.test, low, high, value, nans: 0)
    case (.integers(let low, let high), .date(let value)):
      return mayHold(bound.test, low, high, Int64(value), nans: 0)
    case (.integers(let low, let high), .timestamp(let value)):
      return mayHold(bound.test, low, high, value, nans: 0)
    case (.integers(let low, let high), .float64(let value)) where value == value:
      return mayHold(bound.test, Double(low).nextDown, Double(high).nextUp, value, nans: 0)
    case (.floats(let low, let high), .float64(let value)) where value == value:
      return mayHold(bound.test, low, high, value, nans: zone.nanCount ?? 1)
    case (.floats(let low, let high), .float32(let value)) where value == value:
      return mayHold(bound.test, low, high, Double(value), nans: zone.nanCount ?? 1)
    default: return true
    }
  }

  private static func mayHold<T: Comparable>(
    _ test: ColumnBound.Test, _ low: T, _ high: T, _ value: T, nans: Int
  ) -> Bool {
    switch test {
    case .less: low < value
    case .lessOrEqual: low <= value
    case .greater: high > value || nans > 0
    case .greaterOrEqual: high >= value || nans > 0
    case .equal: low <= value && value <= high
    }
  }
}
