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
        var comparison = ListComparison(arguments, isAll: isAll)
        return try comparison.answers(count, type, context)
      })
  }
}

/// One value a row compared with all elements of a list, in chunks of a batch.
private struct ListComparison {
  private let list: Vector
  private let elements: Vector
  private let values: Vector
  private let symbols: Vector
  private let isAll: Bool
  /// Comparing a chunk takes as long as so many steps of a loop.
  private static let stepsOfChunk = 8 * Batch.capacity
  /// By row: does a pair decide, true for any, false for all? Is a pair NULL?
  private var decided: [Bool] = []
  private var open: [Bool] = []

  init(_ arguments: [Vector], isAll: Bool) {
    list = arguments[0].flattened()
    elements = list.children[0].flattened()
    values = arguments[1].flattened()
    symbols = arguments[2]
    self.isAll = isAll
  }

  mutating func answers(
    _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    decided = [Bool](repeating: false, count: count)
    open = decided
    let mask = ValidityMask(count: count, allValid: true)
    if symbols.isConstant, count > 0 {
      guard case .text(let symbol) = symbols.value(at: 0) else {
        return Vector.nulls(type, count: count)
      }
      try compare(Array(0..<count), by: symbol, context)
    } else {
      var rows: [String: [Int]] = [:]
      let flat = symbols.flattened()
      for row in 0..<count {
        if case .text(let symbol) = flat.value(at: row) {
          rows[symbol, default: []].append(row)
        } else {
          mask.setNull(row)
        }
      }
      for (symbol, rows) in rows { try compare(rows, by: symbol, context) }
    }
    let result = Vector(type: type, count: count, validity: mask)
    let out = result.values(as: Bool.self)
    for row in 0..<count {
      out[row] = decided[row] != isAll
      if list.isNull(row) || (open[row] && !decided[row]) { mask.setNull(row) }
    }
    return result
  }

  private mutating func compare(
    _ rows: [Int], by symbol: String, _ context: FunctionContext
  ) throws(SQLError) {
    let operands = [ArgumentType(values.type), ArgumentType(elements.type)]
    let resolved = try BuiltInFunctions.all.resolveScalar(symbol, operands, at: context.range)
    guard resolved.resultType == .boolean else {
      throw SQLError(.undefinedFunction, "not a comparison: \(symbol)", at: context.range)
    }
    let views = list.values(as: View.self)
    var watch = KernelWatch(context)
    var left: [UInt32] = []
    var right: [UInt32] = []
    for row in rows where !list.isNull(row) {
      for index in 0..<views[row].count {
        left.append(UInt32(truncatingIfNeeded: row))
        right.append(views[row].offset &+ UInt32(truncatingIfNeeded: index))
        if left.count == Batch.capacity {
          try watch.step(Self.stepsOfChunk)
          try compare(left, right, resolved, context)
          left.removeAll(keepingCapacity: true)
          right.removeAll(keepingCapacity: true)
        }
      }
    }
    if !left.isEmpty { try compare(left, right, resolved, context) }
  }

  private mutating func compare(
    _ rows: [UInt32], _ places: [UInt32], _ resolved: ResolvedCall<ScalarFunction>, _ context: FunctionContext
  ) throws(SQLError) {
    let left = try gathered(values, rows, as: resolved.argumentTypes[0], context)
    let right = try gathered(elements, places, as: resolved.argumentTypes[1], context)
    let truth = try resolved.function.evaluate(
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

  private func gathered(
    _ vector: Vector, _ rows: [UInt32], as type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let picked = rows.withUnsafeBufferPointer { rows -> Vector in
      guard let start = rows.baseAddress else { return vector }
      return vector.gathered(by: start, count: rows.count).flattened()
    }
    guard picked.type != type, let cast = Casts.kernel(from: picked.type, to: type) else {
      return picked
    }
    return try cast.evaluate([picked], rows.count, type, context).flattened()
  }
}
