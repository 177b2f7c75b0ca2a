import CZlib

/// DEFLATE without a zlib header, as ORC's ZLIB has it.
enum ZlibCodec {
  static func decompress(
    _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawPointer, capacity: Int
  ) -> Int? {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(&stream, -15, ZLIB_VERSION, size) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    guard let source = bytes.baseAddress, let available = UInt32(exactly: bytes.count),
      let room = UInt32(exactly: capacity)
    else { return nil }
    stream.next_in = UnsafeMutablePointer(
      mutating: source.assumingMemoryBound(to: UInt8.self))
    stream.avail_in = available
    stream.next_out = target.assumingMemoryBound(to: UInt8.self)
    stream.avail_out = room
    guard inflate(&stream, Z_FINISH) == Z_STREAM_END else { return nil }
    return capacity - Int(stream.avail_out)
  }
}
