import Base
import FunctionKit
import Vectors

/// `x = ANY (list)` and `x <> ALL (list)`, which the binder lowers to `list_any(list, x, '=')`.
extension Lists {
  static let quantifiers: [ScalarFunction] = [
    quantifier("list_any", "any element", "f", isAll: false),
    quantifier("list_all", "all elements", "f", isAll: true),
  ]

  private static func quantifier(
    _ name: String, _ which: String, _ answer: String, isAll: Bool
  ) -> ScalarFunction {
    ScalarFunction(
      name, takes: Quantity("list", .anyList), Quantity("x", .any), Quantity("operator", .text),
      returns: Quantity("answer", .boolean),
      summary: "True if x compares so with \(which); NULL where NULLs leave that open.",
      examples: [
        Example("\(name)(ARRAY[1, 2, 3], 4, '=')", gives: answer),
        Example("\(name)(ARRAY[1, NULL], 2, '>')", gives: isAll ? "NULL" : "t"),
      ], nulls: .custom,
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
        try ListComparison(arguments, isAll: isAll).answers(count, type, context)
      })
  }
}

/// One value a row compared with all elements of a list, in chunks of a batch.
private struct ListComparison {
  private let list: Vector
  private let elements: Vector
  private let values: Vector
  private let function: ScalarFunction?
  private let isAll: Bool

  init(_ arguments: [Vector], isAll: Bool) throws(SQLError) {
    list = arguments[0].flattened()
    elements = list.children[0].flattened()
    values = arguments[1].flattened()
    self.isAll = isAll
    guard arguments[2].count > 0, case .text(let symbol) = arguments[2].value(at: 0) else {
      function = nil
      return
    }
    let operands = [ArgumentType(values.type), ArgumentType(elements.type)]
    let resolved = try BuiltInFunctions.all.resolveScalar(symbol, operands, at: nil)
    guard resolved.argumentTypes == [values.type, elements.type], resolved.resultType == .boolean
    else {
      throw SQLError(
        .undefinedFunction, "no comparison of \(values.type) and \(elements.type): \(symbol)")
    }
    function = resolved.function
  }

  func answers(
    _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    guard let function else { return Vector.nulls(type, count: count) }
    var decided = [Bool](repeating: false, count: count)
    var open = [Bool](repeating: false, count: count)
    let views = list.values(as: View.self)
    var rows: [UInt32] = []
    var places: [UInt32] = []
    for row in 0..<count where !list.isNull(row) {
      for index in 0..<views[row].count {
        rows.append(UInt32(truncatingIfNeeded: row))
        places.append(views[row].offset &+ UInt32(truncatingIfNeeded: index))
        if rows.count == Batch.capacity {
          try compare(rows, places, function, context, &decided, &open)
          rows.removeAll(keepingCapacity: true)
          places.removeAll(keepingCapacity: true)
        }
      }
    }
    if !rows.isEmpty { try compare(rows, places, function, context, &decided, &open) }
    let mask = ValidityMask(count: count, allValid: true)
    let result = Vector(type: type, count: count, validity: mask)
    let out = result.values(as: Bool.self)
    for row in 0..<count {
      out[row] = decided[row] != isAll
      if list.isNull(row) || (open[row] && !decided[row]) { mask.setNull(row) }
    }
    return result
  }

  /// Notes for each row whether a pair decides: true for any, false for all.
  private func compare(
    _ rows: [UInt32], _ places: [UInt32], _ function: ScalarFunction, _ context: FunctionContext,
    _ decided: inout [Bool], _ open: inout [Bool]
  ) throws(SQLError) {
    let left = rows.withUnsafeBufferPointer { gathered(values, $0) }
    let right = places.withUnsafeBufferPointer { gathered(elements, $0) }
    let truth = try function.evaluate(
      [left, right], count: rows.count, returning: .boolean, in: context
    ).flattened()
    let flags = truth.values(as: Bool.self)
    for (index, row) in rows.enumerated() {
      if truth.isNull(index) {
        open[Int(row)] = true
      } else if flags[index] != isAll {
        decided[Int(row)] = true
      }
    }
  }

  private func gathered(_ vector: Vector, _ rows: UnsafeBufferPointer<UInt32>) -> Vector {
    guard let start = rows.baseAddress else { return vector }
    return vector.gathered(by: start, count: rows.count).flattened()
  }
}
