import CZlib

/// gzip (RFC 1952), by zlib.
final class GzipDecoder: StreamDecoder {
  // zlib keeps the address: it must not move.
  private let stream: UnsafeMutablePointer<z_stream>

  init() throws(DecodingFailure) {
    let made = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    made.initialize(to: z_stream())
    // 15 for the largest window, 16 for gzip's header and checksum.
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(made, 15 + 16, ZLIB_VERSION, size) == Z_OK else {
      made.deallocate()
      throw DecodingFailure(reason: "zlib has no memory")
    }
    stream = made
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  var sizeBytes: Int { 48 << 10 }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(DecodingFailure) -> DecodingStep {
    let available = UInt32(clamping: input.count)
    let room = UInt32(clamping: output.count)
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = available
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = room
    let status = inflate(stream, Z_NO_FLUSH)
    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
      throw DecodingFailure(reason: stream.pointee.msg.map { String(cString: $0) } ?? "no gzip data")
    }
    let step = DecodingStep(
      takenCount: Int(available - stream.pointee.avail_in),
      givenCount: Int(room - stream.pointee.avail_out), isMemberEnd: status == Z_STREAM_END)
    if step.isMemberEnd { inflateReset(stream) }
    return step
  }
}
