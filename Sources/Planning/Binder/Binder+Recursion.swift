import Base
import FunctionKit
import Functions
import Parsing
import Plans
import Vectors

/// WITH RECURSIVE: `anchor UNION step`, where the step reads the table that is being defined.
extension Binder {
  /// A table of WITH RECURSIVE that may read itself; nil for all others, which are bound as without
  /// the word.
  mutating func bindRecursion(_ table: CommonTable) throws(SQLError) -> BoundCommonTable? {
    let query = table.query
    guard table.isRecursive, case .setOperation(var operation) = query.body,
      query.with.isEmpty, query.orderBy.isEmpty, query.limit == nil, query.offset == nil,
      let last = operation.rest.popLast(), last.symbol == .union
    else { return nil }
    let first: QueryBody = operation.rest.isEmpty ? operation.first : .setOperation(operation)
    let outer = levels
    levels = BinderLevels(depth: outer.depth, deepest: outer.depth)
    defer { levels = outer }
    try enter(query.range, levels: 2)
    let anchor = try renaming(
      try bindBody(first, orderBy: []), to: table.columns, range: table.name.range)
    let number = recursionMentions.count
    recursionMentions.append(0)
    let step = try bindStep(last.operand, of: table, .workingTable(number, columns: anchor.columns))
    guard step.columns.count == anchor.columns.count else {
      throw SQLError(
        .syntaxError,
        "UNION needs as many columns on both sides: \(anchor.columns.count), \(step.columns.count)",
        at: last.range)
    }
    let plan: LogicalPlan
    switch recursionMentions[number] {
    case 0:
      let both = SetOperation(first: first, rest: [last], range: operation.range)
      plan = try united([anchor, step], both)
    case 1:
      plan = .recursion(
        RecursionPlan(
          anchor: anchor, step: try fitted(step, to: anchor.columns, last.range), number: number,
          isDistinct: !last.isAll))
    default:
      throw SQLError(
        .featureNotSupported, "a recursive query reads itself more than once: \(table.name.text)",
        at: last.range)
    }
    return BoundCommonTable(
      name: table.name.text, plan: plan, depth: levels.deepest - outer.depth,
      relationCount: levels.relationCount, outerCount: outerQueries.count)
  }

  /// The step, which sees the working table under the table's name.
  private mutating func bindStep(
    _ step: QueryBody, of table: CommonTable, _ working: LogicalPlan
  ) throws(SQLError) -> LogicalPlan {
    let count = commonTables.count
    defer { commonTables.removeLast(commonTables.count - count) }
    commonTables.append(
      BoundCommonTable(
        name: table.name.text, plan: working, depth: 1, relationCount: 1,
        outerCount: outerQueries.count))
    return try bindBody(step, orderBy: [])
  }

  /// The types are those of the anchor; where the step gives others, they are cast.
  private mutating func fitted(
    _ step: LogicalPlan, to columns: [PlanColumn], _ range: SourceRange
  ) throws(SQLError) -> LogicalPlan {
    for (index, wanted) in columns.enumerated() {
      let (from, to) = (step.columns[index].type, wanted.type)
      let isNumber = from.isNumeric && to.isNumeric && (from.isInteger == to.isInteger)
      guard from == to || isNumber || step.isUntyped(index) || Coercion.cost(from: from, to: to) != nil
      else {
        throw SQLError(
          .datatypeMismatch,
          "a recursive query gives \(to) first and then \(from), column \"\(wanted.name)\"",
          at: range, hint: "CAST the first one to \(from).")
      }
    }
    return try retyped(step, to: columns.map(\.type), at: range)
  }
}
