import Base
import CKernels

/// Which rows of a batch take part: ascending row indices (UInt16).
public struct SelectionVector: @unchecked Sendable {
  private let storage: Buffer
  public let count: Int

  public var indices: UnsafePointer<UInt16> {
    UnsafePointer(storage.base.assumingMemoryBound(to: UInt16.self))
  }

  /// The rows whose byte in `mask` is not 0.
  public init(mask: UnsafePointer<UInt8>, count rowCount: Int) {
    precondition(rowCount <= 1 << 16)
    storage = Buffer(sizeBytes: (rowCount + 32) * 2)
    count = zij_select(mask, rowCount, storage.base.assumingMemoryBound(to: UInt16.self))
  }

  private init(count: Int) {
    storage = Buffer(sizeBytes: count * 2)
    self.count = count
  }

  public init(_ rows: [UInt16]) {
    storage = Buffer(sizeBytes: rows.count * 2)
    count = rows.count
    let target = storage.base.assumingMemoryBound(to: UInt16.self)
    for i in rows.indices { target[i] = rows[i] }
  }

  /// The rows of `outer` that `self`, counted within `outer`, names.
  public func composed(with outer: SelectionVector) -> SelectionVector {
    let result = SelectionVector(count: count)
    let target = result.storage.base.assumingMemoryBound(to: UInt16.self)
    let (inner, outer) = (indices, outer.indices)
    for i in 0..<count { target[i] = outer[Int(inner[i])] }
    return result
  }

  public var rows: [UInt16] { Array(UnsafeBufferPointer(start: indices, count: count)) }
}
