import Base
import FunctionKit
import Vectors

/// A compiled expression. Nodes have no state, so all workers share them.
protocol ExpressionNode: AnyObject, Sendable {
  /// One value a row of `batch`, in any encoding.
  func evaluate(_ batch: Batch, _ context: EvaluationContext) throws(SQLError) -> Vector
}

/// What evaluation needs of the query.
struct EvaluationContext: Sendable {
  let query: QueryContext
  let domainErrors: FunctionContext.DomainErrors
  /// False for values that are computed a second time elsewhere: one row, one warning.
  var countsWarnings = true
  var facts: (any SessionFacts)?

  func function(at range: SourceRange?) -> FunctionContext {
    FunctionContext(
      domainErrors: domainErrors, warnings: countsWarnings ? query.warnings : WarningCounter(),
      range: range, facts: facts, query: query)
  }
}

/// A node with the input columns it reads.
struct CompiledExpression: Sendable {
  let node: any ExpressionNode
  let columns: [Int]

  func evaluate(_ batch: Batch, _ context: EvaluationContext) throws(SQLError) -> Vector {
    try node.evaluate(batch, context)
  }

  /// Evaluates only the rows of `selection`; the answer has as many rows as it.
  func evaluate(
    _ batch: Batch, rows selection: SelectionVector, _ context: EvaluationContext
  ) throws(SQLError) -> Vector {
    var narrow = batch
    narrow.rowCount = selection.count
    for column in columns {
      narrow.columns[column] = batch.columns[column].gathered(by: selection)
    }
    return try node.evaluate(narrow, context)
  }
}
