import CZstd

/// zstd (RFC 8878), by libzstd. Windows up to 128 MiB, which is what `zstd -d` takes unasked.
final class ZstdDecoder: StreamDecoder {
  private let stream: OpaquePointer

  init() throws(DecodingFailure) {
    guard let created = ZSTD_createDCtx() else {
      throw DecodingFailure(reason: "libzstd has no memory")
    }
    stream = created
    ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, 27)
  }

  deinit { ZSTD_freeDCtx(stream) }

  var sizeBytes: Int { ZSTD_sizeof_DCtx(stream) }

  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(DecodingFailure) -> DecodingStep {
    var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
    var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let status = ZSTD_decompressStream(stream, &target, &source)
    guard ZSTD_isError(status) == 0 else {
      throw DecodingFailure(reason: String(cString: ZSTD_getErrorName(status)))
    }
    return DecodingStep(
      takenCount: source.pos, givenCount: target.pos, isMemberEnd: status == 0)
  }
}
