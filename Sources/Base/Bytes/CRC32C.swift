import CKernels

/// The Castagnoli checksum, by the processor's instruction where it has one.
public enum CRC32C {
  public static func checksum(_ bytes: UnsafeRawBufferPointer, continuing crc: UInt32 = 0) -> UInt32 {
    guard let start = bytes.baseAddress else { return crc }
    return zij_crc32c(crc, start, bytes.count)
  }

  public static func checksum(_ region: ByteRegion) -> UInt32 { region.withBytes { checksum($0) } }
}
