import Base
import CKernels
import Glibc

/// Ceilings and the kernels on plain bytes.
enum ByteCases {
  static var all: [KernelCase] {
    [
      copy("bytes: memcpy 8 KiB (level 1 cache)", sizeBytes: 8 << 10),
      copy("bytes: memcpy 256 KiB (level 2 cache)", sizeBytes: 256 << 10),
      copy("bytes: memcpy 64 MiB (memory)", sizeBytes: 64 << 20),
      checksum, unpack(width: 11), unpack(width: 20), unpack(width: 40), expand,
    ]
  }

  private static func copy(_ name: String, sizeBytes: Int) -> KernelCase {
    KernelCase(name, per: "8 bytes") {
      let source = Buffer(sizeBytes: sizeBytes, zeroed: true)
      let target = Buffer(sizeBytes: sizeBytes, zeroed: true)
      return .init(sizeBytes / 8, sizeBytes: sizeBytes) {
        memcpy(target.base, source.base, sizeBytes)
      }
    }
  }

  private static var checksum: KernelCase {
    KernelCase("bytes: crc32c of 64 KiB", per: "8 bytes") {
      let sizeBytes = 64 << 10
      let source = Buffer(sizeBytes: sizeBytes, zeroed: true)
      let result = Buffer(sizeBytes: 4)
      return .init(sizeBytes / 8, sizeBytes: sizeBytes) {
        let sum = CRC32C.checksum(UnsafeRawBufferPointer(start: source.base, count: sizeBytes))
        result.base.storeBytes(of: sum, as: UInt32.self)
      }
    }
  }

  /// Bytes are those of the unpacked values.
  private static func unpack(width: UInt32) -> KernelCase {
    KernelCase("bytes: unpack \(width)-bit integers") {
      let count = 1024
      let packedBytes = (count * Int(width) + 7) / 8
      let source = Buffer(sizeBytes: packedBytes)
      let random = SeededRandom(seed: 3)
      for offset in 0..<packedBytes {
        source.base.storeBytes(
          of: UInt8(truncatingIfNeeded: random.next()), toByteOffset: offset, as: UInt8.self)
      }
      let target = Buffer(sizeBytes: count * 8)
      return .init(count, sizeBytes: count * 8) {
        zij_unpack(
          source.base.assumingMemoryBound(to: UInt8.self), packedBytes, width, count,
          target.base.assumingMemoryBound(to: UInt64.self))
      }
    }
  }

  /// Spreads values over the rows that are not NULL. The work is in place, so the values decay into
  /// zeros from call to call, which costs the same.
  private static var expand: KernelCase {
    KernelCase("bytes: expand doubles over 10 % NULL") {
      let count = 1024
      let values = Buffer(sizeBytes: count * 8, zeroed: true)
      let words = Buffer(sizeBytes: count / 8)
      let bits = words.base.assumingMemoryBound(to: UInt64.self)
      let mask = SampleColumns(rowCount: count).mask(percent: 90)
      for word in 0..<count / 64 {
        bits[word] = (0..<64).reduce(0) { $0 | UInt64(mask[word * 64 + $1]) << UInt64($1) }
      }
      let valueCount = mask.count { $0 != 0 }
      return .init(count, sizeBytes: count * 8) {
        zij_expand64(values.base.assumingMemoryBound(to: UInt64.self), valueCount, bits, count)
      }
    }
  }
}
