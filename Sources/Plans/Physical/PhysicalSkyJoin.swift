import Vectors

/// A join by distance on the sky; its columns are the left ones, then the right ones.
public struct PhysicalSkyJoin: Hashable, Sendable {
  public var kind: JoinPlan.Kind
  public var left: PhysicalPlan
  public var right: PhysicalPlan
  /// The last column of this side holds the order-29 cells of its positions and ends here.
  public var leftHasCells: Bool
  public var rightHasCells: Bool
  public var condition: SkyJoinCondition
  /// Which side is held in memory. A left join that holds its left side holds it first, to find
  /// which rows of the right one are near enough, and then these.
  public var buildsLeft: Bool
  /// Further conditions over the columns of both.
  public var residual: [ScalarExpression]

  public init(
    kind: JoinPlan.Kind, left: PhysicalPlan, right: PhysicalPlan, leftHasCells: Bool = false,
    rightHasCells: Bool = false, condition: SkyJoinCondition, buildsLeft: Bool,
    residual: [ScalarExpression]
  ) {
    self.kind = kind
    self.left = left
    self.right = right
    self.leftHasCells = leftHasCells
    self.rightHasCells = rightHasCells
    self.condition = condition
    self.buildsLeft = buildsLeft
    self.residual = residual
  }

  public var leftTypes: [LogicalType] { left.types.dropLast(leftHasCells ? 1 : 0) }
  public var rightTypes: [LogicalType] { right.types.dropLast(rightHasCells ? 1 : 0) }
}
