/// Decoding UTF-8 that may be wrong.
public enum UTF8Scalar {
  /// The character at `offset` and its length; nil and 1 where the bytes are not UTF-8.
  @inlinable
  public static func decode(
    _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) -> (scalar: UInt32?, length: Int) {
    let first = bytes[offset]
    if first < 0x80 { return (UInt32(first), 1) }
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    guard first >= 0xC2, first <= 0xF4, bytes.count - offset >= length else { return (nil, 1) }
    var scalar = UInt32(first) & (0x7F >> UInt32(length))
    for index in 1..<length {
      let byte = bytes[offset + index]
      guard byte & 0xC0 == 0x80 else { return (nil, 1) }
      scalar = scalar << 6 | UInt32(byte & 0x3F)
    }
    // Overlong forms, surrogates and numbers beyond Unicode are no characters.
    let smallest: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
    guard scalar >= smallest, scalar <= 0x10FFFF, !(0xD800...0xDFFF).contains(scalar) else {
      return (nil, 1)
    }
    return (scalar, length)
  }

  /// Whether all of `bytes` is UTF-8.
  public static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var offset = 0
    while offset < bytes.count {
      if bytes.count &- offset >= 8 {
        let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        if word & 0x8080_8080_8080_8080 == 0 {
          offset &+= 8
          continue
        }
      }
      let (scalar, length) = decode(bytes, at: offset)
      if scalar == nil { return false }
      offset &+= length
    }
    return true
  }
}
