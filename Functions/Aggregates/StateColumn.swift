import Base

/// One fixed-width value a group, growable, at a raw address: what aggregate states are made of.
final class StateColumn<T: BitwiseCopyable> {
  private(set) var values: UnsafeMutablePointer<T>
  private(set) var count = 0
  private var capacity: Int
  private let initial: T

  /// New groups begin with `initial`.
  init(_ initial: T) {
    self.initial = initial
    capacity = 4
    values = GrowingMemory.allocate(capacity)
  }

  deinit { GrowingMemory.free(values, capacity) }

  func resize(_ newCount: Int) {
    guard newCount > count else { return }
    if newCount > capacity {
      let newCapacity = max(newCount, capacity * 2)
      values = GrowingMemory.grow(values, from: capacity, to: newCapacity)
      capacity = newCapacity
    }
    (values + count).update(repeating: initial, count: newCount - count)
    count = newCount
  }

  var sizeBytes: Int { capacity * MemoryLayout<T>.stride }

  func serialise(_ groupCount: Int, into out: inout ByteWriter) {
    out.append(
      UnsafeRawBufferPointer(start: values, count: groupCount * MemoryLayout<T>.stride))
  }

  func deserialise(_ groupCount: Int, from bytes: inout ByteReader) throws(SQLError) {
    guard groupCount >= 0, groupCount <= bytes.remaining / MemoryLayout<T>.stride else {
      throw bytes.corrupt("state of \(groupCount) groups cut short")
    }
    let region = try bytes.read(groupCount * MemoryLayout<T>.stride)
    count = 0
    resize(groupCount)
    UnsafeMutableRawPointer(values).copyMemory(from: region.base, byteCount: region.count)
  }
}
