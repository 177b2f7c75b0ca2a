/// A join by distance on the sky; its columns are the left ones, then the right ones.
public struct PhysicalSkyJoin: Hashable, Sendable {
  public var kind: JoinPlan.Kind
  public var left: PhysicalPlan
  public var right: PhysicalPlan
  public var condition: SkyJoinCondition
  /// Which side is held in memory; always the right one of a left join.
  public var buildsLeft: Bool
  /// Further conditions over the columns of both.
  public var residual: [ScalarExpression]

  public init(
    kind: JoinPlan.Kind, left: PhysicalPlan, right: PhysicalPlan, condition: SkyJoinCondition,
    buildsLeft: Bool, residual: [ScalarExpression]
  ) {
    self.kind = kind
    self.left = left
    self.right = right
    self.condition = condition
    self.buildsLeft = buildsLeft
    self.residual = residual
  }
}
