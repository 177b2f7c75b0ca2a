import Base

/// Hashes of keys: multiply and fold, good in the low bits.
enum KeyHash {
  @inline(__always)
  static func mix(_ key: UInt64) -> UInt64 {
    let wide = (key ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    return wide.high ^ wide.low
  }

  @inline(__always)
  static func hash(_ bytes: UnsafeRawPointer, _ size: Int) -> UInt64 {
    var state: UInt64 = UInt64(truncatingIfNeeded: size) &* 0xA076_1D64_78BD_642F
    var offset = 0
    while offset &+ 8 <= size {
      state = mix(state ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset &+= 8
    }
    if offset < size {
      var tail: UInt64 = 0
      var shift: UInt64 = 0
      while offset < size {
        tail |= UInt64(bytes.load(fromByteOffset: offset, as: UInt8.self)) << shift
        shift &+= 8
        offset &+= 1
      }
      state = mix(state ^ tail)
    }
    return state
  }

  @inline(__always)
  static func equal(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ size: Int) -> Bool {
    var offset = 0
    while offset &+ 8 <= size {
      let left = a.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      if left != b.loadUnaligned(fromByteOffset: offset, as: UInt64.self) { return false }
      offset &+= 8
    }
    while offset < size {
      let left = a.load(fromByteOffset: offset, as: UInt8.self)
      if left != b.load(fromByteOffset: offset, as: UInt8.self) { return false }
      offset &+= 1
    }
    return true
  }
}

/// An array of plain values that grows by doubling; reading costs no check.
struct GrowingArray<T: BitwiseCopyable>: ~Copyable {
  private(set) var pointer: UnsafeMutablePointer<T>
  private(set) var count = 0
  private(set) var capacity = 16

  init() { pointer = GrowingMemory.allocate(16) }

  deinit { GrowingMemory.free(pointer, capacity) }

  @inline(__always)
  mutating func append(_ value: T) {
    if count == capacity { grow(to: capacity * 2) }
    pointer[count] = value
    count &+= 1
  }

  mutating func append(repeating value: T, count more: Int) {
    if count + more > capacity { grow(to: max(capacity * 2, count + more)) }
    (pointer + count).update(repeating: value, count: more)
    count += more
  }

  /// Makes room for `more` values behind those there are; `pointer` then holds until they are in.
  mutating func reserve(_ more: Int) {
    if count + more > capacity { grow(to: max(capacity * 2, count + more)) }
  }

  /// Counts `more` values that were written into the room behind.
  @inline(__always)
  mutating func commit(_ more: Int) { count &+= more }

  private mutating func grow(to newCapacity: Int) {
    pointer = GrowingMemory.grow(pointer, from: capacity, to: newCapacity)
    capacity = newCapacity
  }
}
