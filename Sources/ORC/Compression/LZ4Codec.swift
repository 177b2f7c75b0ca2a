import CLZ4

/// Plain LZ4 blocks without a frame.
enum LZ4Codec {
  static func decompress(
    _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawPointer, capacity: Int
  ) -> Int? {
    guard let size = Int32(exactly: bytes.count), let room = Int32(exactly: capacity) else {
      return nil
    }
    let source = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    let count = LZ4_decompress_safe(
      source, target.assumingMemoryBound(to: CChar.self), size, room)
    return count >= 0 ? Int(count) : nil
  }

  /// Compresses into at most `capacity` bytes; nil if that is too little.
  static func compress(
    _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawPointer, capacity: Int
  ) -> Int? {
    guard let size = Int32(exactly: bytes.count), let room = Int32(exactly: capacity) else {
      return nil
    }
    let source = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    let count = LZ4_compress_default(
      source, target.assumingMemoryBound(to: CChar.self), size, room)
    return count > 0 ? Int(count) : nil
  }
}
