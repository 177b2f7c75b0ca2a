import Base
import Vectors

/// coalesce whose later arguments are computed only for the rows that are still NULL, so that they
/// raise no errors elsewhere.
final class CoalesceNode: ExpressionNode {
  private let arguments: [CompiledExpression]
  private let type: LogicalType

  init(arguments: [CompiledExpression], type: LogicalType) {
    self.arguments = arguments
    self.type = type
  }

  func evaluate(_ batch: Batch, _ context: EvaluationContext) throws(SQLError) -> Vector {
    guard let first = arguments.first else { return Vector.nulls(type, count: batch.rowCount) }
    var result = try first.evaluate(batch, context).flattened()
    for argument in arguments.dropFirst() {
      let open = Self.nullRows(of: result)
      if open.isEmpty { break }
      let more = try argument.evaluate(batch, rows: SelectionVector(open), context).flattened()
      result = filled(result, open, more)
    }
    return result
  }

  private static func nullRows(of vector: Vector) -> [UInt16] {
    guard vector.validity != nil else { return [] }
    return (0..<vector.count).filter { vector.isNull($0) }.map { UInt16(truncatingIfNeeded: $0) }
  }

  /// `base` with the values of `more` in `rows`, one after the other.
  private func filled(_ base: Vector, _ rows: [UInt16], _ more: Vector) -> Vector {
    let builder = VectorBuilder(type: type)
    var next = 0
    for row in 0..<base.count {
      if next < rows.count, Int(rows[next]) == row {
        builder.append(more, row: next)
        next += 1
      } else {
        builder.append(base, row: row)
      }
    }
    return builder.finish()
  }
}
