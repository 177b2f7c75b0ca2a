import Base
import Vectors

/// AND or OR of any number of terms, in three-valued logic.
///
/// A term is evaluated only for rows that the terms before it left open, so that a false first term
/// protects the second one from its errors.
final class ConnectiveNode: ExpressionNode {
  private let terms: [CompiledExpression]
  private let isAnd: Bool

  init(terms: [CompiledExpression], isAnd: Bool) {
    self.terms = terms
    self.isAnd = isAnd
  }

  func evaluate(_ batch: Batch, _ context: EvaluationContext) throws(SQLError) -> Vector {
    let count = batch.rowCount
    // For AND, false decides; for OR, true does.
    let neutral: UInt8 = isAnd ? 1 : 0
    let result = Vector(type: .boolean, count: count)
    let out = result.values(as: UInt8.self)
    out.update(repeating: neutral, count: count)
    var nulls: ValidityMask?
    var open: SelectionVector?
    for (position, term) in terms.enumerated() {
      if position & 1023 == 1023 { try context.query.checkpoint() }
      let answer: Vector
      if let open {
        if open.count == 0 { break }
        answer = try term.evaluate(batch, rows: open, context).flattened()
      } else {
        answer = try term.evaluate(batch, context).flattened()
      }
      Self.merge(answer, into: out, nulls: &nulls, rows: open, count: count, neutral: neutral)
      if position + 1 < terms.count { open = Self.openRows(out, count, neutral) }
    }
    result.validity = Self.mask(nulls, out, count, neutral)
    return result
  }

  /// Writes decided rows to `out` and remembers NULLs; a decided row stays decided.
  private static func merge(
    _ answer: Vector, into out: UnsafeMutablePointer<UInt8>, nulls: inout ValidityMask?,
    rows: SelectionVector?, count: Int, neutral: UInt8
  ) {
    let values = answer.values(as: UInt8.self)
    for index in 0..<answer.count {
      let row = rows.map { Int($0.indices[index]) } ?? index
      if answer.isNull(index) {
        if nulls == nil { nulls = ValidityMask(count: count, allValid: true) }
        nulls?.setNull(row)
      } else if values[index] != neutral {
        out[row] = values[index]
      }
    }
  }

  private static func openRows(
    _ out: UnsafeMutablePointer<UInt8>, _ count: Int, _ neutral: UInt8
  ) -> SelectionVector? {
    let selection = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, count)) {
      (scratch) -> SelectionVector in
      for row in 0..<count { scratch[row] = out[row] == neutral ? 1 : 0 }
      guard let start = scratch.baseAddress else { return SelectionVector([]) }
      return SelectionVector(mask: start, count: count)
    }
    return selection.count == count ? nil : selection
  }

  /// A row is NULL if some term was and none decided it.
  private static func mask(
    _ nulls: ValidityMask?, _ out: UnsafeMutablePointer<UInt8>, _ count: Int, _ neutral: UInt8
  ) -> ValidityMask? {
    guard let nulls else { return nil }
    for row in 0..<count where out[row] != neutral { nulls.setValid(row) }
    return nulls.nullCount(count) == 0 ? nil : nulls
  }
}
