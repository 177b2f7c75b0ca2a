import Base
import Glibc

extension Vector {
  /// The value of one row. Slow: for edges and tests.
  public func value(at row: Int) -> Value {
    precondition(row >= 0 && row < count)
    if isNull(row) { return .null }
    switch encoding {
    case .constant where physical != .structure: return flatValue(at: 0)
    case .dictionary: return children[0].value(at: Int(values(as: UInt32.self)[row]))
    case .sequence:
      let start = base.load(as: Int64.self)
      let step = base.load(fromByteOffset: 8, as: Int64.self)
      return .integer(start &+ step &* Int64(row))
    default: return flatValue(at: row)
    }
  }

  private func flatValue(at row: Int) -> Value {
    switch physical {
    case .bool8: return type == .null ? .null : .boolean(values(as: UInt8.self)[row] != 0)
    case .int8: return .integer(Int64(values(as: Int8.self)[row]))
    case .int16: return .integer(Int64(values(as: Int16.self)[row]))
    case .int32:
      let value = values(as: Int32.self)[row]
      return type == .date ? .date(value) : .integer(Int64(value))
    case .int64:
      let value = values(as: Int64.self)[row]
      return type == .timestamp ? .timestamp(value) : .integer(value)
    case .int128:
      guard case .decimal(_, let scale) = type else { return .null }
      return .decimal(values(as: Int128.self)[row], scale: scale)
    case .float32: return .float32(values(as: Float.self)[row])
    case .float64: return .float64(values(as: Double.self)[row])
    case .bytes:
      let bytes = self.bytes(at: row)
      return type == .text ? .text(String(decoding: bytes, as: UTF8.self)) : .binary(Array(bytes))
    case .list:
      let view = values(as: View.self)[row]
      return .list((view.start..<view.start + view.count).map { children[0].value(at: $0) })
    case .structure: return .structure(children.map { $0.value(at: row) })
    }
  }

  /// The bytes of a text or binary value that is not NULL. Valid while the vector lives.
  @inlinable
  public func bytes(at row: Int) -> UnsafeRawBufferPointer {
    let view = values(as: View.self)[encoding == .constant ? 0 : row]
    guard let heap else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: heap.base + view.start, count: view.count)
  }

  /// A constant vector; NULL of any type for `.null`. The value must fit the type.
  public static func constant(_ value: Value, type: LogicalType, count: Int) -> Vector {
    if value.isNull { return nulls(type, count: count) }
    return Vector.of([value], type: type).repeated(count)
  }

  /// The only row of a flat vector, `newCount` times. Fields of structures become constants at every
  /// depth; elements below a list stay what they are.
  private func repeated(_ newCount: Int) -> Vector {
    Vector(
      type: type, encoding: .constant, count: newCount, storage: storage, validity: validity,
      heap: heap,
      children: physical == .structure ? children.map { $0.repeated(newCount) } : children)
  }

  /// A flat vector of the values, each NULL or of a case that fits the type; what does not fit
  /// becomes NULL.
  public static func of(_ values: [Value], type: LogicalType) -> Vector {
    let builder = VectorBuilder(type: type)
    for value in values { builder.append(value) }
    return builder.finish()
  }
}
