import Base
import Testing

@testable import Avro

@Suite("Avro codecs")
struct AvroCodecTests {
  /// Stored blocks of DEFLATE: 5 bytes before each 65,535.
  private static func stored(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = count
    repeat {
      let here = min(rest, 65_535)
      rest -= here
      bytes += [rest == 0 ? 1 : 0, UInt8(here & 255), UInt8(here >> 8)]
      bytes += [~UInt8(here & 255), ~UInt8(here >> 8)]
      bytes += [UInt8](repeating: 7, count: here)
    } while rest > 0
    return bytes
  }

  @Test("blocks of any size up to the limit are read", arguments: [0, 1, 4096, 5000, 70_000])
  func sizes(count: Int) throws {
    let block = ByteRegion(copying: Self.stored(count))
    for most in [count, count + 1, 4 * count + 1] where most >= count {
      let data = try AvroCodec.deflate.decompress(block, atMost: most) { (_) throws(SQLError) in }
      #expect(data.count == count)
    }
    guard count > 0 else { return }
    #expect(throws: SQLError.self) {
      try AvroCodec.deflate.decompress(block, atMost: count - 1) { (_) throws(SQLError) in }
    }
  }
}
