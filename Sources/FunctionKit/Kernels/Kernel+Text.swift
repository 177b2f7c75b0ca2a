import Base
import Vectors

/// Kernels over text. Bytes are UTF-8; NULL rows are skipped.
extension Kernel {
  /// Text to a fixed-width value.
  @inlinable
  public static func measureText<R: VectorElement>(
    _ body: @escaping @Sendable (UnsafeRawBufferPointer) -> R
  ) -> Kernel {
    Kernel { arguments, count, type, _ throws(SQLError) in
      let a = ByteColumn(arguments[0])
      let result = Vector(type: type, count: count, validity: a.validity)
      let out = result.values(as: R.self)
      for row in 0..<count where !a.isNull(row) { out[row] = body(a.bytes(row)) }
      return result
    }
  }

  /// Two texts to a fixed-width value.
  @inlinable
  public static func measureText<R: VectorElement>(
    _ body: @escaping @Sendable (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> R
  ) -> Kernel {
    Kernel { arguments, count, type, _ throws(SQLError) in
      let a = ByteColumn(arguments[0])
      let b = ByteColumn(arguments[1])
      let validity = ValidityMask.and(a.validity, b.validity, count: count)
      let result = Vector(type: type, count: count, validity: validity)
      let out = result.values(as: R.self)
      for row in 0..<count where validity?.isValid(row) ?? true {
        out[row] = body(a.bytes(row), b.bytes(row))
      }
      return result
    }
  }

  /// Text to text: the body appends the answer to `out`.
  @inlinable
  public static func mapText(
    _ body: @escaping @Sendable (UnsafeRawBufferPointer, inout ByteWriter) -> Void
  ) -> Kernel {
    Kernel { arguments, count, type, context throws(SQLError) in
      let a = ByteColumn(arguments[0])
      return try buildText(count, type, validity: a.validity, context) { (row, out) in
        body(a.bytes(row), &out)
        return true
      }
    }
  }

  /// A text vector whose rows `body` appends one by one; false makes the row NULL. Skips rows that
  /// are NULL in `validity`.
  @inlinable
  public static func buildText(
    _ count: Int, _ type: LogicalType, validity: ValidityMask?, _ context: FunctionContext,
    _ body: (Int, inout ByteWriter) throws(SQLError) -> Bool
  ) throws(SQLError) -> Vector {
    var heap = ByteWriter(capacity: count * 16)
    let result = Vector(type: type, count: count, validity: validity)
    let views = result.values(as: View.self)
    var mask: ValidityMask?
    for row in 0..<count {
      let start = heap.count
      views[row] = View(offset: 0, length: 0)
      if let validity, !validity.isValid(row) { continue }
      if try body(row, &heap) {
        guard heap.count <= Int(UInt32.max) else {
          throw SQLError(
            .programLimitExceeded, "text of more than 4 GiB in one batch", at: context.range)
        }
        views[row] = View(
          offset: UInt32(truncatingIfNeeded: start),
          length: UInt32(truncatingIfNeeded: heap.count - start))
      } else {
        if mask == nil { mask = validity?.copy(count: count) ?? .init(count: count, allValid: true) }
        mask?.setNull(row)
      }
    }
    if let mask { result.validity = mask }
    let buffer = Buffer(sizeBytes: heap.count)
    buffer.base.copyMemory(from: heap.base, byteCount: heap.count)
    result.heap = buffer
    return result
  }
}
