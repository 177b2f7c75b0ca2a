import Base

/// Base64 (RFC 4648) of bytes that come in pieces.
struct Base64Writer: ~Copyable {
  /// At most two bytes that wait for a third.
  private var waiting: [UInt8] = []

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  /// The two characters of every 12 bits, the first in the low byte.
  private static let pairs: [UInt16] = (0..<4096).map { bits in
    UInt16(alphabet[bits >> 6]) | UInt16(alphabet[bits & 63]) << 8
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer, into out: inout ByteWriter) {
    var start = 0
    while !waiting.isEmpty, waiting.count < 3, start < bytes.count {
      waiting.append(bytes[start])
      start += 1
    }
    if waiting.count == 3 {
      waiting.withUnsafeBytes { Self.encode($0, into: &out) }
      waiting.removeAll(keepingCapacity: true)
    }
    guard start < bytes.count else { return }
    let whole = (bytes.count - start) / 3 * 3
    Self.encode(UnsafeRawBufferPointer(rebasing: bytes[start..<start + whole]), into: &out)
    waiting.append(contentsOf: bytes[(start + whole)...])
  }

  /// Whole groups of three bytes.
  private static func encode(_ bytes: UnsafeRawBufferPointer, into out: inout ByteWriter) {
    let groups = bytes.count / 3
    out.reserve(groups * 4)
    let target = out.end
    pairs.withUnsafeBufferPointer { pairs in
      for group in 0..<groups {
        let at = group &* 3
        let bits = Int(bytes[at]) << 16 | Int(bytes[at &+ 1]) << 8 | Int(bytes[at &+ 2])
        let word = UInt32(pairs[bits >> 12]) | UInt32(pairs[bits & 0xFFF]) << 16
        target.storeBytes(of: word.littleEndian, toByteOffset: group &* 4, as: UInt32.self)
      }
    }
    out.advance(groups * 4)
  }

  /// The last bytes, padded.
  mutating func finish(into out: inout ByteWriter) {
    guard !waiting.isEmpty else { return }
    let count = waiting.count
    waiting += [UInt8](repeating: 0, count: 3 - count)
    waiting.withUnsafeBytes { Self.encode($0, into: &out) }
    out.truncate(to: out.count - (3 - count))
    out.append(repeating: UInt8(ascii: "="), count: 3 - count)
    waiting.removeAll()
  }
}
