import Base
import Plans
import Vectors

/// Rows of plans so small that starting the workers would take longer than they do: constants and
/// what is computed from them. A statement that inserts one row is such a plan.
public enum ImmediateRows {
  private static let mostRows = 1024

  /// The plan's rows, computed on the calling thread; nil for other plans.
  public static func batches(
    of plan: PhysicalPlan, in environment: ExecutionEnvironment, context: QueryContext
  ) throws(SQLError) -> [Batch]? {
    switch plan {
    case .singleRow: return [Batch(columns: [], rowCount: 1)]
    case .values(let rows, let types):
      guard rows.count <= mostRows else { return nil }
      return [Batch(rows: rows, types: types)]
    case .project(let input, let expressions):
      guard let below = try batches(of: input, in: environment, context: context) else {
        return nil
      }
      let compiler = ExpressionCompiler(functions: environment.functions, memory: context.memory)
      let compiled = try compiler.compile(expressions)
      let evaluation = EvaluationContext(
        query: context, domainErrors: environment.domainErrors, facts: environment.facts)
      var result: [Batch] = []
      for batch in below {
        var columns: [Vector] = []
        for expression in compiled { columns.append(try expression.evaluate(batch, evaluation)) }
        result.append(Batch(columns: columns, rowCount: batch.rowCount))
      }
      return result
    default: return nil
    }
  }
}
