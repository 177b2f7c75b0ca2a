import Base

/// Text inside XML 1.0. What XML cannot hold at all, control characters and bytes that are not UTF-8,
/// becomes U+FFFD; nothing that a value holds is read as markup.
public enum XMLText {
  /// Appends the contents of an element or of an attribute in double quotes.
  public static func append(_ bytes: UnsafeRawBufferPointer, into out: inout ByteWriter) {
    var start = 0
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if isPlain[Int(byte)] {
        index &+= 1
        continue
      }
      let (scalar, length) = UTF8Scalar.decode(bytes, at: index)
      if byte < 0x80 || scalar == nil || scalar == 0xFFFE || scalar == 0xFFFF {
        out.append(UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
        appendReplacement(of: byte, into: &out)
        start = index &+ length
      }
      index &+= length
    }
    out.append(UnsafeRawBufferPointer(rebasing: bytes[start...]))
  }

  public static func append(_ text: String, into out: inout ByteWriter) {
    var copy = text
    copy.withUTF8 { append(UnsafeRawBufferPointer($0), into: &out) }
  }

  /// The text as XML holds it.
  public static func escaped(_ text: String) -> String {
    var out = ByteWriter()
    append(text, into: &out)
    return String(decoding: out.bytes, as: UTF8.self)
  }

  /// Bytes that stand for themselves wherever they are.
  private static let isPlain: [Bool] = (0..<256).map { byte in
    byte >= 0x20 && byte < 0x7F && !"<>&\"'".utf8.contains(UInt8(byte))
  }

  private static func appendReplacement(of byte: UInt8, into out: inout ByteWriter) {
    switch byte {
    case UInt8(ascii: "<"): out.append("&lt;")
    case UInt8(ascii: ">"): out.append("&gt;")
    case UInt8(ascii: "&"): out.append("&amp;")
    case UInt8(ascii: "\""): out.append("&quot;")
    case UInt8(ascii: "'"): out.append("&#39;")
    // As they are, readers would make blanks of them, or of CR LF one line feed.
    case 9: out.append("&#9;")
    case 10: out.append("&#10;")
    case 13: out.append("&#13;")
    case 0x7F: out.append("&#127;")
    default: out.append("\u{FFFD}")
    }
  }
}
