import Vectors

/// `anchor UNION step`: the rows of the anchor, then what the step makes of them, then what it makes of
/// these, until it makes no more. The step has the anchor's types and reads the rows that were found
/// last as `workingTable`.
public struct RecursionPlan: Sendable {
  public var anchor: LogicalPlan
  public var step: LogicalPlan
  /// Its number in the statement, by which the step's `workingTable` knows it.
  public var number: Int
  /// Rows that have come before are dropped; of UNION ALL they are not.
  public var isDistinct: Bool

  public init(anchor: LogicalPlan, step: LogicalPlan, number: Int, isDistinct: Bool) {
    self.anchor = anchor
    self.step = step
    self.number = number
    self.isDistinct = isDistinct
  }
}

/// The same of a physical plan.
public struct PhysicalRecursion: Hashable, Sendable {
  public var anchor: PhysicalPlan
  public var step: PhysicalPlan
  public var number: Int
  public var isDistinct: Bool

  public init(anchor: PhysicalPlan, step: PhysicalPlan, number: Int, isDistinct: Bool) {
    self.anchor = anchor
    self.step = step
    self.number = number
    self.isDistinct = isDistinct
  }
}
