import Base
import Vectors

/// Takes the buffers of a record batch in their order.
protocol BufferTarget {
  /// A buffer of `sizeBytes` bytes that `fill` writes. It may write up to 64 bytes more.
  mutating func append(sizeBytes: Int, _ fill: (UnsafeMutableRawPointer) -> Void)
  /// A buffer that lies in somebody's memory already.
  mutating func append(_ region: ByteRegion)
}

extension BufferTarget {
  /// Stands for a mask without NULLs.
  mutating func appendNothing() { append(sizeBytes: 0) { _ in } }
}

/// The body of an IPC message: buffers one behind the other, each from a multiple of 64 bytes.
struct MessageBody: BufferTarget {
  private let out: UnsafeMutablePointer<ByteWriter>
  private let start: Int
  /// Place and size of each buffer, by turns.
  private(set) var places: [Int64] = []

  /// Appends to `out`, which must stay where it is.
  init(into out: UnsafeMutablePointer<ByteWriter>) {
    self.out = out
    start = out.pointee.count
  }

  var sizeBytes: Int { out.pointee.count - start }

  mutating func append(sizeBytes: Int, _ fill: (UnsafeMutableRawPointer) -> Void) {
    places.append(Int64(self.sizeBytes))
    places.append(Int64(sizeBytes))
    let padded = (sizeBytes + 63) & ~63
    out.pointee.reserve(padded + 64)
    let target = out.pointee.end
    fill(target)
    (target + sizeBytes).initializeMemory(as: UInt8.self, repeating: 0, count: padded - sizeBytes)
    out.pointee.advance(padded)
  }

  mutating func append(_ region: ByteRegion) {
    append(sizeBytes: region.count) { target in
      target.copyMemory(from: region.base, byteCount: region.count)
    }
  }
}

/// Buffers in memory of their own or in that of vectors, to be shared with others.
struct SharedBuffers: BufferTarget {
  private(set) var regions: [ByteRegion] = []

  mutating func append(sizeBytes: Int, _ fill: (UnsafeMutableRawPointer) -> Void) {
    let buffer = Buffer(sizeBytes: sizeBytes)
    fill(buffer.base)
    regions.append(ByteRegion(buffer: buffer, count: sizeBytes))
  }

  mutating func append(_ region: ByteRegion) { regions.append(region) }
}
