import Base
import Vectors

/// The bytes of a text or binary vector, any encoding, for loops over rows: reads no class fields and
/// retains nothing, unlike `Vector.bytes(at:)`. The vector must outlive the loop, so the column keeps
/// it.
public struct ByteColumn {
  public let vector: Vector
  public let validity: ValidityMask?
  @usableFromInline let views: UnsafePointer<View>
  @usableFromInline let heap: UnsafeRawPointer

  public init(_ source: Vector) {
    vector = source.flattened()
    validity = vector.validity
    views = UnsafePointer(vector.values(as: View.self))
    heap = UnsafeRawPointer(vector.heap?.base ?? vector.base)
  }

  /// The bytes of a row that is not NULL.
  @inlinable @inline(__always)
  public func bytes(_ row: Int) -> UnsafeRawBufferPointer {
    let view = views[row]
    return UnsafeRawBufferPointer(start: heap + view.start, count: view.count)
  }

  @inlinable @inline(__always)
  public func isNull(_ row: Int) -> Bool {
    guard let validity else { return false }
    return !validity.isValid(row)
  }
}
