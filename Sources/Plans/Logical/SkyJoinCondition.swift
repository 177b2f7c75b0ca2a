/// Longitude and latitude, degrees, as expressions over the columns of one input.
public struct SkyPosition: Hashable, Sendable {
  public var lon: ScalarExpression
  public var lat: ScalarExpression

  public init(lon: ScalarExpression, lat: ScalarExpression) {
    self.lon = lon
    self.lat = lat
  }

  public func mapping(_ body: (ScalarExpression) -> ScalarExpression) -> SkyPosition {
    SkyPosition(lon: body(lon), lat: body(lat))
  }

  /// The point whose two coordinates these are, for computing it once.
  public var point: ScalarExpression? {
    guard case .call(let first) = lon, case .call(let second) = lat, first.name == "coord1",
      second.name == "coord2", first.argumentTypes == [.point],
      first.arguments == second.arguments
    else { return nil }
    return first.arguments.first
  }
}

/// Two positions, one of each side of a join, at most a radius apart: what every spelling of a join
/// by distance becomes.
public struct SkyJoinCondition: Hashable, Sendable {
  /// Over the left side's columns.
  public var left: SkyPosition
  /// Over the right side's columns, which count from 0.
  public var right: SkyPosition
  /// Degrees. Nothing matches for a negative or NaN radius.
  public var radiusDeg: Double
  public var isInclusive: Bool

  public init(left: SkyPosition, right: SkyPosition, radiusDeg: Double, isInclusive: Bool) {
    self.left = left
    self.right = right
    self.radiusDeg = radiusDeg
    self.isInclusive = isInclusive
  }
}
