import Plans

/// Makes joins whose condition bounds the distance of two positions, one of each side, sky joins.
///
/// Of several such conditions the one with the smallest radius joins; the others stay conditions.
enum RecogniseSkyJoins {
  /// With equal keys and a larger radius the keys are the better join.
  private static let largestRadiusDegBesideKeys = 1.0

  static func apply(_ plan: LogicalPlan) -> LogicalPlan {
    // Once: looking twice at every level would double the work with each.
    let mapped = plan.mappingInputs(apply)
    guard case .join(var join) = mapped, join.kind == .inner || join.kind == .left else {
      return mapped
    }
    let leftWidth = join.left.columns.count
    var best: (index: Int, condition: SkyJoinCondition)?
    for (index, term) in join.residual.enumerated() {
      guard let bound = RecogniseCones.bound(of: term),
        let condition = condition(bound, leftWidth: leftWidth)
      else { continue }
      if let best, best.condition.radiusDeg <= condition.radiusDeg { continue }
      best = (index, condition)
    }
    if let best,
      join.keys.isEmpty || best.condition.radiusDeg <= largestRadiusDegBesideKeys
    {
      join.sky = best.condition
      join.residual.remove(at: best.index)
    }
    return .join(join)
  }

  private static func condition(_ bound: DistanceBound, leftWidth: Int) -> SkyJoinCondition? {
    func isLeft(_ position: DistanceBound.Position) -> Bool {
      let columns = position.lon.columns.union(position.lat.columns)
      return !columns.isEmpty && columns.allSatisfy { $0 < leftWidth }
    }
    func isRight(_ position: DistanceBound.Position) -> Bool {
      let columns = position.lon.columns.union(position.lat.columns)
      return !columns.isEmpty && columns.allSatisfy { $0 >= leftWidth }
    }
    for (left, right) in [(bound.a, bound.b), (bound.b, bound.a)]
    where isLeft(left) && isRight(right) {
      return SkyJoinCondition(
        left: SkyPosition(lon: left.lon, lat: left.lat),
        right: SkyPosition(lon: right.lon, lat: right.lat)
          .mapping { $0.mappingColumns { $0 - leftWidth } },
        radiusDeg: radiusDeg(of: bound), isInclusive: bound.isInclusive)
    }
    return nil
  }

  /// Every finite distance is less than NaN, as everywhere in SQL; a circle of NaN is none.
  private static func radiusDeg(of bound: DistanceBound) -> Double {
    guard let radiusDeg = bound.radiusDeg else { return -1 }
    guard radiusDeg.isNaN else { return radiusDeg + 0 }
    return bound.isCircle ? -1 : .infinity
  }
}
