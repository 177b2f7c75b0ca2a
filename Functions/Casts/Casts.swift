import Base
import FunctionKit
import Vectors

/// Conversions between types, for `CAST`, literals and implicit coercions.
///
/// | from → to | rule |
/// |---|---|
/// | floating point → integer | rounds half to even, NaN and what does not fit is out of range |
/// | decimal → integer, decimal of smaller scale | rounds half away from zero |
/// | text → anything | PostgreSQL's text forms, blanks around; shapes also as DALI's `10 20` |
/// | anything → text | as results show it, but `true` and `false` |
/// | boolean ↔ integer | 0 and 1; any other number is true |
/// | timestamp → date | drops the time of day, UTC |
/// | list → list, structure → structure | element by element, field by field |
public enum Casts {
  /// A kernel with one argument of type `from`; nil when there is no such cast. The kernel's result
  /// type is `to`. In `adql` what cannot be converted becomes NULL with a warning.
  public static func kernel(from: LogicalType, to: LogicalType) -> Kernel? {
    if from == to { return identity }
    if from == .null { return .vectors { (_, count, type, _) in Vector.nulls(type, count: count) } }
    if let kernel = number(from: from, to: to) { return kernel }
    switch (from, to) {
    case (_, .text): return toText(from)
    case (.text, _): return fromText(to)
    case (.date, .timestamp):
      return .mapChecked(.outOfRange) { (days: Int32) -> Int64? in
        let (value, overflow) = Int64(days).multipliedReportingOverflow(
          by: DateText.nanosecondsPerDay)
        return overflow ? nil : value
      }
    case (.timestamp, .date):
      return .map { (nanoseconds: Int64) -> Int32 in
        Int32(truncatingIfNeeded: DateText.floorDivide(nanoseconds, DateText.nanosecondsPerDay).0)
      }
    case (.list(let source), .list(let target)): return list(from: source, to: target)
    case (.structure(let source), .structure(let target)):
      return structure(from: source, to: target)
    default: return nil
    }
  }

  /// The value of a literal's text as `type`; `NULL` is not special.
  public static func value(_ text: String, to type: LogicalType) throws(SQLError) -> Value {
    guard let kernel = kernel(from: .text, to: type) else {
      throw SQLError(.cannotCoerce, "cannot cast text to \(type)")
    }
    let argument = Vector.of([.text(text)], type: .text)
    return try kernel.evaluate([argument], 1, type, FunctionContext()).value(at: 0)
  }

  private static let identity = Kernel.vectors {
    (arguments: [Vector], _, _, _) throws(SQLError) -> Vector in arguments[0]
  }

  private static func list(from: LogicalType, to: LogicalType) -> Kernel? {
    guard let element = kernel(from: from, to: to) else { return nil }
    return .vectors {
      (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
      let source = arguments[0].flattened()
      let result = Vector(type: type, count: count, validity: source.validity)
      let views = source.values(as: View.self)
      let out = result.values(as: View.self)
      // Only the elements that rows use: others may be what a filter removed.
      var used: [UInt32] = []
      for row in 0..<count {
        let view = source.isNull(row) ? View(offset: 0, length: 0) : views[row]
        out[row] = View(offset: UInt32(truncatingIfNeeded: used.count), length: view.length)
        for index in 0..<view.length { used.append(view.offset &+ index) }
      }
      let child = used.withUnsafeBufferPointer { indices -> Vector in
        guard let start = indices.baseAddress else { return Vector(type: from, count: 0) }
        return source.children[0].gathered(by: start, count: indices.count)
      }
      let converted =
        used.isEmpty
        ? VectorBuilder(type: to).finish()
        : try element.evaluate([child], used.count, to, context).flattened()
      return Vector(
        type: type, count: count, storage: result.storage, validity: source.validity,
        children: [converted])
    }
  }

  private static func structure(from: [StructField], to: [StructField]) -> Kernel? {
    guard from.count == to.count else { return nil }
    var fields: [Kernel] = []
    for (source, target) in zip(from, to) {
      guard let kernel = kernel(from: source.type, to: target.type) else { return nil }
      fields.append(kernel)
    }
    let kernels = fields
    let types = to.map(\.type)
    return .vectors {
      (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
      let source = arguments[0].flattened()
      var children: [Vector] = []
      for (index, kernel) in kernels.enumerated() {
        let child = source.children[index]
        let visible = child.masked(by: source.validity)
        children.append(
          try kernel.evaluate([visible], count, types[index], context).flattened())
      }
      return Vector(type: type, count: count, validity: source.validity, children: children)
    }
  }
}
