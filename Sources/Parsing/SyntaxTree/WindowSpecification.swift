import Base

/// Which rows a window function sees: `(base PARTITION BY … ORDER BY … frame)`, or only a name.
public struct WindowSpecification: Hashable, Sendable {
  /// The window of the WINDOW clause that this one refers to.
  public var base: Identifier?
  /// `OVER w` without parentheses.
  public var isBareName = false
  public var partitionBy: [Expression] = []
  public var orderBy: [SortItem] = []
  public var frame: WindowFrameClause?
  public var range: SourceRange

  public init(range: SourceRange) { self.range = range }
}

/// `ROWS BETWEEN start AND end`; without an end it is CURRENT ROW.
public struct WindowFrameClause: Hashable, Sendable {
  public enum Bound: Hashable, Sendable {
    case unboundedPreceding
    case preceding(Expression)
    case currentRow
    case following(Expression)
    case unboundedFollowing
  }

  public enum Units: String, Hashable, Sendable {
    case rows = "ROWS"
    case range = "RANGE"
    case groups = "GROUPS"
  }

  public var units: Units
  public var start: Bound
  public var end: Bound
  public var range: SourceRange

  public init(units: Units, start: Bound, end: Bound, range: SourceRange) {
    self.units = units
    self.start = start
    self.end = end
    self.range = range
  }
}

/// A window of the WINDOW clause.
public struct NamedWindow: Hashable, Sendable {
  public var name: Identifier
  public var specification: WindowSpecification

  public init(name: Identifier, specification: WindowSpecification) {
    self.name = name
    self.specification = specification
  }
}
