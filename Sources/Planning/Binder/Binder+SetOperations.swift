import Base
import FunctionKit
import Functions
import Parsing
import Plans
import Vectors

/// UNION, INTERSECT and EXCEPT. Rows that all their values make the same are the same row: NULL is
/// like NULL here, as everywhere that rows are compared and not values.
extension Binder {
  mutating func bindSetOperation(_ operation: SetOperation) throws(SQLError) -> LogicalPlan {
    var operands = [try bindBody(operation.first, orderBy: [])]
    for link in operation.rest {
      let next = try bindBody(link.operand, orderBy: [])
      let (given, wanted) = (next.columns.count, operands[0].columns.count)
      guard given == wanted else {
        throw SQLError(
          .syntaxError,
          "\(link.symbol.rawValue.uppercased()) needs as many columns on both sides: "
            + "\(wanted), \(given)", at: link.range)
      }
      operands.append(next)
    }
    return try united(operands, operation)
  }

  /// The operands, bound and of as many columns each.
  mutating func united(
    _ operands: [LogicalPlan], _ operation: SetOperation
  ) throws(SQLError) -> LogicalPlan {
    var operands = operands
    let types = try unifiedTypes(operands, operation)
    var columns = operands[0].columns
    for index in columns.indices { columns[index].type = types[index] }
    for index in operands.indices {
      operands[index] = try retyped(operands[index], to: types, at: operation.range)
    }
    return try combined(operands, operation, columns)
  }

  /// Left to right. Unions that follow one another are one node, however many there are.
  private mutating func combined(
    _ operands: [LogicalPlan], _ operation: SetOperation, _ columns: [PlanColumn]
  ) throws(SQLError) -> LogicalPlan {
    var union = [operands[0]]
    var isDistinct = false
    var levels = 0
    defer { leave(levels: levels) }
    func flat() -> LogicalPlan {
      let all = union.count == 1 && !isDistinct ? union[0] : LogicalPlan.union(union, columns: columns)
      return isDistinct ? .distinct(all) : all
    }
    for (link, operand) in zip(operation.rest, operands.dropFirst()) {
      if link.symbol == .union, !(isDistinct && link.isAll) {
        union.append(operand)
        isDistinct = isDistinct || !link.isAll
        continue
      }
      try enter(link.range, levels: 4)
      levels += 4
      let left = flat()
      isDistinct = false
      union =
        link.symbol == .union
        ? [left, operand]
        : [try matched(left, operand, link, columns)]
    }
    return flat()
  }

  /// INTERSECT keeps, EXCEPT drops rows that are on the right, too. With ALL, the second of equal rows
  /// needs a second one on the right, and so on.
  private func matched(
    _ left: LogicalPlan, _ right: LogicalPlan, _ link: SetOperation.Link, _ columns: [PlanColumn]
  ) throws(SQLError) -> LogicalPlan {
    let all = columns.indices.map { ScalarExpression.column($0, columns[$0].type) }
    func numbered(_ plan: LogicalPlan) -> LogicalPlan {
      let call = WindowCall(
        name: "row_number", isAggregate: false, argumentTypes: [], arguments: [], frame: .standard,
        type: .int64)
      return .window(
        plan, WindowPlan(partitions: all, order: [], calls: [call]),
        columns: columns + [PlanColumn("row_number", .int64)])
    }
    for column in columns where link.isAll {
      if case .list = column.type.physical {
        throw SQLError(
          .featureNotSupported, "\(link.symbol.rawValue.uppercased()) ALL cannot compare lists",
          at: link.range)
      }
    }
    let keys = all + (link.isAll ? [.column(columns.count, .int64)] : [])
    let join = LogicalPlan.join(
      JoinPlan(
        kind: link.symbol == .intersect ? .semi : .anti,
        left: link.isAll ? numbered(left) : .distinct(left),
        right: link.isAll ? numbered(right) : right,
        keys: keys.map { JoinKey(left: $0, right: $0, matchesNulls: true) }, residual: []))
    return .project(join, all, columns: columns)
  }

  // MARK: types

  /// The type of each column that all operands can take. NULLs and texts in quotes take whatever the
  /// others have.
  private func unifiedTypes(
    _ operands: [LogicalPlan], _ operation: SetOperation
  ) throws(SQLError) -> [LogicalType] {
    var result: [LogicalType] = []
    for index in operands[0].columns.indices {
      var common: LogicalType?
      for (number, operand) in operands.enumerated() where !operand.isUntyped(index) {
        let type = operand.columns[index].type
        guard let known = common else {
          common = type
          continue
        }
        guard let wider = Coercion.common(known, type) else {
          let link = operation.rest[max(0, number - 1)]
          throw SQLError(
            .datatypeMismatch,
            "\(link.symbol.rawValue.uppercased()) cannot take \(known) and \(type) together, "
              + "column \(index + 1)", at: link.range, hint: "An explicit CAST may help.")
        }
        common = wider
      }
      result.append(common ?? .text)
    }
    return result
  }

  /// The plan with columns of these types.
  mutating func retyped(
    _ plan: LogicalPlan, to types: [LogicalType], at range: SourceRange
  ) throws(SQLError) -> LogicalPlan {
    var columns = plan.columns
    if columns.map(\.type) == types { return plan }
    if case .project(let input, var expressions, _) = plan {
      for index in expressions.indices {
        expressions[index] = try retyped(expressions[index], to: types[index], at: range)
        columns[index].type = types[index]
      }
      return .project(input, expressions, columns: columns)
    }
    var expressions: [ScalarExpression] = []
    for index in columns.indices {
      let column = ScalarExpression.column(index, columns[index].type)
      expressions.append(try retyped(column, to: types[index], at: range))
      columns[index].type = types[index]
    }
    return .project(plan, expressions, columns: columns)
  }

  private mutating func retyped(
    _ expression: ScalarExpression, to type: LogicalType, at range: SourceRange
  ) throws(SQLError) -> ScalarExpression {
    if expression.type == type { return expression }
    if expression.isUntypedLiteral {
      return try coerce(
        BoundExpression(expression, isUntyped: true, range: range), to: type)
    }
    return .cast(expression, type)
  }
}

extension LogicalPlan {
  /// Is a column NULL or a text in quotes, whose type is open?
  func isUntyped(_ index: Int) -> Bool {
    switch self {
    case .project(_, let expressions, _): expressions[index].isUntypedLiteral
    case .values(let rows, _):
      rows.allSatisfy { if case .literal(.null, _) = $0[index] { true } else { false } }
    default: false
    }
  }
}

extension ScalarExpression {
  fileprivate var isUntypedLiteral: Bool {
    switch self {
    case .literal(.null, .text), .literal(.text, .text), .parameter(_, .text): true
    default: false
    }
  }
}
