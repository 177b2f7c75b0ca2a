import CSnappy

enum SnappyCodec {
  static func decompress(
    _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawPointer, capacity: Int
  ) -> Int? {
    let source = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    var size = 0
    guard snappy_uncompressed_length(source, bytes.count, &size) == SNAPPY_OK, size <= capacity,
      snappy_uncompress(source, bytes.count, target.assumingMemoryBound(to: CChar.self), &size)
        == SNAPPY_OK
    else { return nil }
    return size
  }
}
