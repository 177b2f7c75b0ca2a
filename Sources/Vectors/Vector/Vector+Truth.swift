import Base
import Glibc

extension Vector {
  /// One byte a row: 1 where this boolean vector is true, 0 where it is false or NULL.
  ///
  /// The result lies in `scratch` (room for `count` bytes) or in the vector itself.
  public func truthMask(scratch: UnsafeMutablePointer<UInt8>) -> UnsafePointer<UInt8> {
    precondition(physical == .bool8)
    let flat = flattened()
    let bytes = flat.values(as: UInt8.self)
    memcpy(scratch, bytes, count)
    if let validity = flat.validity {
      validity.clearBytes(in: scratch, count: count)
    }
    return UnsafePointer(scratch)
  }

  /// The rows where this boolean vector is true; nil if all are.
  public func selectionOfTrue() -> SelectionVector? {
    if isConstant {
      return !isNull(0) && values(as: UInt8.self)[0] != 0 ? nil : SelectionVector([])
    }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, count)) { scratch in
      guard let start = scratch.baseAddress else { return SelectionVector([]) }
      let selection = SelectionVector(mask: truthMask(scratch: start), count: count)
      return selection.count == count ? nil : selection
    }
  }
}
