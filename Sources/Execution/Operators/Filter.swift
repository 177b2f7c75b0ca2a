import Base
import Vectors

/// Keeps the rows that pass all conditions, each tried on the rows that passed those before it.
final class Filter: Transform {
  private let conditions: [CompiledExpression]
  private let context: EvaluationContext
  private var pending: Batch?

  init(_ conditions: [CompiledExpression], _ context: EvaluationContext) {
    self.conditions = conditions
    self.context = context
  }

  func accept(_ batch: Batch) throws(SQLError) {
    var current = batch
    for condition in conditions {
      let truth = try condition.evaluate(current, context)
      guard let passed = truth.selectionOfTrue() else { continue }
      if passed.count == 0 { return }
      current = current.filtered(by: passed)
    }
    pending = current
  }

  func next() throws(SQLError) -> Batch? {
    defer { pending = nil }
    return pending
  }
}

/// Computes new columns.
final class Project: Transform {
  private let expressions: [CompiledExpression]
  private let context: EvaluationContext
  private var pending: Batch?

  init(_ expressions: [CompiledExpression], _ context: EvaluationContext) {
    self.expressions = expressions
    self.context = context
  }

  func accept(_ batch: Batch) throws(SQLError) {
    var columns: [Vector] = []
    columns.reserveCapacity(expressions.count)
    for expression in expressions { columns.append(try expression.evaluate(batch, context)) }
    pending = Batch(columns: columns, rowCount: batch.rowCount)
  }

  func next() throws(SQLError) -> Batch? {
    defer { pending = nil }
    return pending
  }
}
