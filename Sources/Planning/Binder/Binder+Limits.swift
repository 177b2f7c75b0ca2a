import Base
import Parsing
import Plans

/// A WITH table that is bound: its plan, how deep it is and how many relations it has.
struct BoundCommonTable {
  let name: String
  let plan: LogicalPlan
  let depth: Int
  let relationCount: Int
  /// How many queries were around it.
  let outerCount: Int
}

/// How much of a plan is bound: everything after the binder walks the plan recursively.
struct BinderLevels {
  var depth = 0
  /// The greatest depth so far.
  var deepest = 0
  var relationCount = 0
}

/// What keeps plans small enough for the stages that follow, whatever the text is.
extension Binder {
  /// Levels of queries and expressions; each costs at most about 1 KiB of stack.
  static let depthLimit = 400
  static let relationLimit = 4096
  /// Nodes that BETWEEN, CASE and IN may make of an expression that they compare several times.
  static let copyLimit = 100_000

  /// Goes down `count` levels of the plan; `leave` comes up again.
  mutating func enter(_ range: SourceRange, levels count: Int = 1) throws(SQLError) {
    levels.depth += count
    levels.deepest = max(levels.deepest, levels.depth)
    if levels.depth > Self.depthLimit {
      throw SQLError(
        .statementTooComplex, "statement is nested too deeply", at: range,
        hint: "At most \(Self.depthLimit) levels are possible.")
    }
  }

  mutating func leave(levels count: Int = 1) { levels.depth -= count }

  /// Plans are trees, so a WITH table that is named twice is there twice: names that double what
  /// they refer to would grow without bound.
  mutating func addRelations(_ count: Int, _ range: SourceRange) throws(SQLError) {
    levels.relationCount += count
    if levels.relationCount > Self.relationLimit {
      throw SQLError(
        .statementTooComplex, "more than \(Self.relationLimit) tables in one statement", at: range,
        hint: "Each mention of a WITH table counts the tables in it.")
    }
  }

  /// Binds the query of a WITH table and measures it. Unused, it costs the statement nothing.
  mutating func bindMeasured(
    _ query: Query
  ) throws(SQLError) -> (plan: LogicalPlan, depth: Int, relationCount: Int) {
    let outer = levels
    levels = BinderLevels(depth: outer.depth, deepest: outer.depth)
    let plan = try bindQuery(query)
    defer { levels = outer }
    return (plan, levels.deepest - outer.depth, levels.relationCount)
  }

  /// Counts a WITH table where it is mentioned.
  mutating func mention(_ table: BoundCommonTable, _ range: SourceRange) throws(SQLError) {
    try enter(range, levels: table.depth)
    leave(levels: table.depth)
    try addRelations(table.relationCount, range)
  }

  /// Refuses to write an expression out `copies` times if that gets too long.
  func requireShort(
    _ expression: ScalarExpression, copies: Int, _ range: SourceRange
  ) throws(SQLError) {
    let most = Self.copyLimit / max(1, copies)
    let nodes = expression.nodeCount(atMost: most + 1)
    if nodes > 1, nodes > most {
      throw SQLError(
        .statementTooComplex, "expression is too long to be compared \(copies) times", at: range,
        hint: "Compute it in a subquery.")
    }
  }
}

extension ScalarExpression {
  /// The number of its nodes, or `limit` if there are more.
  fileprivate func nodeCount(atMost limit: Int) -> Int {
    var count = 1
    for child in children {
      if count >= limit { return limit }
      count += child.nodeCount(atMost: limit - count)
    }
    return min(count, limit)
  }
}
