import CZstd

enum ZstdCodec {
  static func decompress(
    _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawPointer, capacity: Int
  ) -> Int? {
    let size = ZSTD_decompress(target, capacity, bytes.baseAddress, bytes.count)
    return ZSTD_isError(size) == 0 ? size : nil
  }
}
