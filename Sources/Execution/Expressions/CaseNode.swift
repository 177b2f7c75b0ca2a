import Base
import Vectors

/// CASE: each result is computed only for the rows whose branch is taken.
final class CaseNode: ExpressionNode {
  private let conditions: [CompiledExpression]
  private let results: [CompiledExpression]
  private let otherwise: CompiledExpression?
  private let type: LogicalType

  init(
    conditions: [CompiledExpression], results: [CompiledExpression],
    otherwise: CompiledExpression?, type: LogicalType
  ) {
    self.conditions = conditions
    self.results = results
    self.otherwise = otherwise
    self.type = type
  }

  func evaluate(_ batch: Batch, _ context: EvaluationContext) throws(SQLError) -> Vector {
    let count = batch.rowCount
    var choice = [UInt16](repeating: .max, count: count)
    var position = [UInt16](repeating: 0, count: count)
    var answers: [Vector] = []
    var open = SelectionVector((0..<UInt16(truncatingIfNeeded: count)).map { $0 })
    for (condition, result) in zip(conditions, results) where open.count > 0 {
      let truth = try condition.evaluate(batch, rows: open, context)
      let (taken, rest) = Self.split(open, by: truth)
      if taken.count > 0 {
        try take(
          result, taken, batch, context, &answers, choice: &choice, position: &position)
      }
      open = rest
    }
    if let otherwise, open.count > 0 {
      try take(
        otherwise, open, batch, context, &answers, choice: &choice, position: &position)
    }
    return assemble(answers, choice, position, count)
  }

  private func take(
    _ result: CompiledExpression, _ rows: SelectionVector, _ batch: Batch,
    _ context: EvaluationContext, _ answers: inout [Vector], choice: inout [UInt16],
    position: inout [UInt16]
  ) throws(SQLError) {
    let number = UInt16(truncatingIfNeeded: answers.count)
    answers.append(try result.evaluate(batch, rows: rows, context).flattened())
    for index in 0..<rows.count {
      let row = Int(rows.indices[index])
      choice[row] = number
      position[row] = UInt16(truncatingIfNeeded: index)
    }
  }

  private static func split(
    _ open: SelectionVector, by truth: Vector
  ) -> (taken: SelectionVector, rest: SelectionVector) {
    let flat = truth.flattened()
    let values = flat.values(as: UInt8.self)
    var taken: [UInt16] = []
    var rest: [UInt16] = []
    for index in 0..<open.count {
      if values[index] != 0, !flat.isNull(index) {
        taken.append(open.indices[index])
      } else {
        rest.append(open.indices[index])
      }
    }
    return (SelectionVector(taken), SelectionVector(rest))
  }

  /// Puts the branches' answers into one vector; rows without a branch are NULL.
  private func assemble(
    _ answers: [Vector], _ choice: [UInt16], _ position: [UInt16], _ count: Int
  ) -> Vector {
    if answers.isEmpty { return Vector.nulls(type, count: count) }
    if answers.count == 1, answers[0].count == count { return answers[0] }
    switch type.physical.widthBytes {
    case 1: return scatter(UInt8.self, answers, choice, position, count)
    case 2: return scatter(UInt16.self, answers, choice, position, count)
    case 4: return scatter(UInt32.self, answers, choice, position, count)
    case 8 where type.physical != .bytes && type.physical != .list:
      return scatter(UInt64.self, answers, choice, position, count)
    default: break
    }
    let builder = VectorBuilder(type: type)
    for row in 0..<count {
      if choice[row] == .max {
        builder.appendNull()
      } else {
        builder.append(answers[Int(choice[row])], row: Int(position[row]))
      }
    }
    return builder.finish()
  }

  private func scatter<T: BitwiseCopyable>(
    _: T.Type, _ answers: [Vector], _ choice: [UInt16], _ position: [UInt16], _ count: Int
  ) -> Vector {
    let result = Vector(type: type, count: count)
    let out = result.values(as: T.self)
    memsetZero(out, count)
    let mask = ValidityMask(count: count, allValid: true)
    for row in 0..<count {
      guard choice[row] != .max else {
        mask.setNull(row)
        continue
      }
      let answer = answers[Int(choice[row])]
      let index = Int(position[row])
      if answer.isNull(index) { mask.setNull(row) }
      out[row] = answer.values(as: T.self)[index]
    }
    if mask.nullCount(count) > 0 { result.validity = mask }
    return result
  }

  private func memsetZero<T>(_ pointer: UnsafeMutablePointer<T>, _ count: Int) {
    UnsafeMutableRawPointer(pointer).initializeMemory(
      as: UInt8.self, repeating: 0, count: count * MemoryLayout<T>.stride)
  }
}
