import Base
import Vectors

/// What the sinks of one decoder share.
struct AvroSinkState {
  /// Bytes that sinks may still take before the batch must end.
  var remainingBytes: Int
  /// A sink was refused more memory: what follows was not kept.
  var isFull = false
}

/// A vector in the making. Growing is the only slow path; a value without NULLs costs one store.
struct AvroSink {
  private var values: UnsafeMutableRawPointer
  private(set) var count = 0
  private var capacity = 0
  let width: Int
  /// The elements below a list so far.
  var elementCount = 0
  private var buffer = Buffer(sizeBytes: 0)
  private var heap = Buffer(sizeBytes: 0)
  private(set) var heapCount = 0
  /// One bit a row; rows behind its words hold values. Nil without a NULL.
  private var validity: UnsafeMutableBufferPointer<UInt64>?
  private let state: UnsafeMutablePointer<AvroSinkState>

  init(_ physical: PhysicalType, _ state: UnsafeMutablePointer<AvroSinkState>) {
    width = physical.widthBytes
    values = buffer.base
    self.state = state
  }

  func release() { validity?.deallocate() }

  var sizeBytes: Int { count &* width &+ heapCount }

  // MARK: Values

  @inline(__always)
  mutating func put<T: BitwiseCopyable>(_ value: T) {
    if count == capacity, !growValues() { return }
    values.storeBytes(of: value, toByteOffset: count &* MemoryLayout<T>.stride, as: T.self)
    count &+= 1
  }

  @inline(__always)
  mutating func put<T: BitwiseCopyable>(optional value: T?) {
    if let value { put(value) } else { putNull() }
  }

  @inline(__always)
  mutating func put(bytes: UnsafeRawPointer, count size: Int) {
    if heapCount &+ size > heap.sizeBytes, !growHeap(by: size) { return }
    (heap.base + heapCount).copyMemory(from: bytes, byteCount: size)
    put(
      View(
        offset: UInt32(truncatingIfNeeded: heapCount), length: UInt32(truncatingIfNeeded: size)))
    heapCount &+= size
  }

  /// A structure that is there.
  @inline(__always)
  mutating func putValid() { count &+= 1 }

  mutating func putNull() {
    if width > 0, count == capacity, !growValues() { return }
    let word = count &>> 6
    if word >= validity?.count ?? 0, !growValidity(toHold: word) { return }
    validity?[word] &= ~(1 &<< UInt64(count & 63))
    (values + count &* width).initializeMemory(as: UInt8.self, repeating: 0, count: width)
    count &+= 1
  }

  /// Sets the length of the list that was put last.
  @inline(__always)
  mutating func close(listFrom start: Int) {
    put(
      View(
        offset: UInt32(truncatingIfNeeded: start),
        length: UInt32(truncatingIfNeeded: elementCount &- start)))
  }

  // MARK: Memory

  private mutating func growValues() -> Bool {
    let more = max(64, capacity)
    guard take(more &* width) else { return false }
    let bigger = Buffer(sizeBytes: (capacity &+ more) &* width)
    bigger.base.copyMemory(from: buffer.base, byteCount: count &* width)
    buffer = bigger
    values = bigger.base
    capacity &+= more
    return true
  }

  private mutating func growHeap(by size: Int) -> Bool {
    let more = max(1024, heap.sizeBytes, size)
    guard heapCount &+ size <= Int(UInt32.max), take(more) else {
      state.pointee.isFull = true
      return false
    }
    let bigger = Buffer(sizeBytes: heap.sizeBytes &+ more)
    bigger.base.copyMemory(from: heap.base, byteCount: heapCount)
    heap = bigger
    return true
  }

  private mutating func growValidity(toHold word: Int) -> Bool {
    let old = validity?.count ?? 0
    let wordCount = max(16, old &* 2, word &+ 1)
    guard take((wordCount &- old) &* 8) else { return false }
    let bigger = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: wordCount)
    bigger.initialize(repeating: ~0)
    if let validity {
      for index in 0..<old { bigger[index] = validity[index] }
      validity.deallocate()
    }
    validity = bigger
    return true
  }

  private func take(_ sizeBytes: Int) -> Bool {
    state.pointee.remainingBytes &-= sizeBytes
    if state.pointee.remainingBytes >= 0 { return true }
    state.pointee.isFull = true
    return false
  }

  // MARK: The end

  /// The rows as a vector; the sink is empty afterwards.
  mutating func finish(_ type: LogicalType, children: [Vector]) -> Vector {
    var mask: ValidityMask?
    if let validity {
      let words = ValidityMask(count: count, allValid: true)
      for index in 0..<min(validity.count, ValidityMask.wordCount(count)) {
        words.pointer[index] = validity[index]
      }
      mask = words
      validity.deallocate()
    }
    let result = Vector(
      type: type, count: count, storage: buffer, validity: mask,
      heap: type.physical == .bytes ? heap : nil, children: children)
    validity = nil
    reset()
    return result
  }

  /// Room for as many rows again, so that batches of one size grow nothing.
  private mutating func reset() {
    let wanted = min(count, 1 << 20)
    let wantedHeap = min(heapCount, 8 << 20)
    buffer = Buffer(sizeBytes: wanted &* width)
    values = buffer.base
    capacity = width > 0 ? wanted : 0
    heap = Buffer(sizeBytes: wantedHeap)
    state.pointee.remainingBytes &-= wanted &* width &+ wantedHeap
    count = 0
    heapCount = 0
    elementCount = 0
  }
}
