import CBzip2

/// bzip2, by libbz2.
final class Bzip2Decoder: StreamDecoder {
  // libbz2 keeps the address: it must not move.
  private let stream: UnsafeMutablePointer<bz_stream>
  private var isOpen = false

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: bz_stream())
  }

  deinit {
    if isOpen { BZ2_bzDecompressEnd(stream) }
    stream.deallocate()
  }

  /// At level 9; it is less for lower ones.
  var sizeBytes: Int { 3700 << 10 }

  private func begin() throws(DecodingFailure) {
    stream.pointee = bz_stream()
    guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else {
      throw DecodingFailure(reason: "libbz2 has no memory")
    }
    isOpen = true
  }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(DecodingFailure) -> DecodingStep {
    if !isOpen { try begin() }
    let available = UInt32(clamping: input.count)
    let room = UInt32(clamping: output.count)
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: CChar.self))
    stream.pointee.avail_in = available
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: CChar.self)
    stream.pointee.avail_out = room
    let status = BZ2_bzDecompress(stream)
    guard status == BZ_OK || status == BZ_STREAM_END else {
      throw DecodingFailure(reason: Self.reason(status))
    }
    let step = DecodingStep(
      takenCount: Int(available - stream.pointee.avail_in),
      givenCount: Int(room - stream.pointee.avail_out), isMemberEnd: status == BZ_STREAM_END)
    if step.isMemberEnd {
      BZ2_bzDecompressEnd(stream)
      isOpen = false
    }
    return step
  }

  private static func reason(_ status: Int32) -> String {
    switch status {
    case BZ_DATA_ERROR: "incorrect block or checksum"
    case BZ_DATA_ERROR_MAGIC: "it does not begin as bzip2 data do"
    case BZ_MEM_ERROR: "libbz2 has no memory"
    default: "libbz2 status \(status)"
    }
  }
}
