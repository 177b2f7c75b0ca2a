import Base
import Parsing
import Plans
import Vectors

/// UNNEST in FROM: lists may be columns of the tables before it, as if LATERAL stood there.
extension Binder {
  typealias Bound = (plan: LogicalPlan, scope: Scope)

  /// The rows of `left` with the elements of lists beside them.
  mutating func bindUnnest(
    _ unnest: Unnest, _ alias: TableAlias?, over left: Bound, isOuter: Bool = false
  ) throws(SQLError) -> Bound {
    let lists = try bindLists(unnest, in: left.scope)
    let passed = Array(left.plan.columns.indices)
    var plan = UnnestPlan(lists: lists, passed: passed, outputs: [], isOuter: isOuter)
    var columns: [PlanColumn] = []
    for (list, expression) in lists.enumerated() {
      if case .structure(let fields) = UnnestPlan.elementType(of: expression.type) {
        for (index, field) in fields.enumerated() {
          plan.outputs.append(.field(list, index))
          columns.append(PlanColumn(field.name, field.type))
        }
      } else {
        plan.outputs.append(.element(list))
        // The only column has the name of the table, as PostgreSQL has it.
        let name = lists.count == 1 ? alias?.name.text : nil
        columns.append(PlanColumn(name ?? "unnest", plan.type(of: .element(list))))
      }
    }
    if unnest.hasOrdinality {
      plan.outputs.append(.ordinal)
      columns.append(PlanColumn("ordinality", .int64))
    }
    let own = try named(columns, alias, from: left.scope.width, unnest.range)
    return (
      .unnest(left.plan, plan, columns: left.plan.columns + columns),
      Scope(relations: left.scope.relations + [own])
    )
  }

  private mutating func bindLists(
    _ unnest: Unnest, in scope: Scope
  ) throws(SQLError) -> [ScalarExpression] {
    guard !unnest.lists.isEmpty else {
      throw SQLError(.undefinedFunction, "UNNEST needs a list", at: unnest.range)
    }
    let saved = (aggregates, windows, clause)
    (aggregates, windows, clause) = (nil, nil, "UNNEST")
    defer { (aggregates, windows, clause) = saved }
    var lists: [ScalarExpression] = []
    for argument in unnest.lists {
      let bound = try bind(argument, in: scope)
      guard UnnestPlan.elementType(of: bound.type) != nil else {
        throw SQLError(
          .datatypeMismatch, "UNNEST takes lists, not \(bound.type)", at: bound.range)
      }
      lists.append(bound.expression)
    }
    return lists
  }

  private func named(
    _ columns: [PlanColumn], _ alias: TableAlias?, from first: Int, _ range: SourceRange
  ) throws(SQLError) -> Scope.Relation {
    let names = alias?.columns ?? []
    guard names.count <= columns.count else {
      throw SQLError(
        .invalidColumnReference,
        "\(names.count) column names given for \(columns.count) columns", at: range)
    }
    var own: [Scope.Column] = []
    for (index, column) in columns.enumerated() {
      var column = column
      if index < names.count { column.name = names[index].text }
      own.append(Scope.Column(column: column, index: first + index, isHidden: false))
    }
    return Scope.Relation(name: alias?.name.text ?? "unnest", schema: nil, columns: own)
  }

  /// `left JOIN UNNEST(…) ON condition`.
  mutating func bindUnnestJoin(
    _ join: Join, _ unnest: Unnest, _ alias: TableAlias?
  ) throws(SQLError) -> Bound {
    let left = try bindFrom([join.left])
    guard join.kind == .inner || join.kind == .cross || join.kind == .left else {
      throw SQLError(
        .featureNotSupported, "\(join.kind.rawValue.uppercased()) JOIN with UNNEST",
        at: join.range, hint: "What is unnested belongs to the rows before it.")
    }
    let both = try bindUnnest(unnest, alias, over: left, isOuter: join.kind == .left)
    let right = Scope(relations: Array(both.scope.relations.suffix(1)))
    try checkAliases(left.scope, right, join.right)
    switch join.condition {
    case .none: return both
    case .on(.literal(.boolean(true), _)): return both
    case .on(let condition) where join.kind != .left:
      let saved = (aggregates, clause)
      (aggregates, clause) = (nil, "JOIN")
      defer { (aggregates, clause) = saved }
      return (.filter(both.plan, [try bindCondition(condition, in: both.scope)]), both.scope)
    case .on, .using, .natural:
      throw SQLError(
        .featureNotSupported, "JOIN with UNNEST has only conditions of ON, LEFT JOIN only ON true",
        at: join.range, hint: "Put the condition into WHERE.")
    }
  }
}
