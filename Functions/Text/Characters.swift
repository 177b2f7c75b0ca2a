import Base

/// Characters (code points) of UTF-8 text.
enum Characters {
  static func count(_ text: UnsafeRawBufferPointer) -> Int {
    guard let start = text.baseAddress else { return 0 }
    let bytes = start.assumingMemoryBound(to: UInt8.self)
    var count = 0
    for index in 0..<text.count { count &+= bytes[index] & 0xC0 == 0x80 ? 0 : 1 }
    return count
  }

  /// Appends the characters at positions `from ..< until`, counted from 1.
  static func append(
    _ text: UnsafeRawBufferPointer, from: Int64, until: Int64, to out: inout ByteWriter
  ) {
    var position: Int64 = 1
    var offset = 0
    while offset < text.count, position < from {
      offset = TextSearch.nextCharacter(in: text, after: offset)
      position += 1
    }
    let start = offset
    while offset < text.count, position < until {
      offset = TextSearch.nextCharacter(in: text, after: offset)
      position += 1
    }
    out.append(UnsafeRawBufferPointer(rebasing: text[start..<offset]))
  }

  /// The parts between occurrences of `separator`, which is not empty.
  static func split(
    _ text: UnsafeRawBufferPointer, by separator: UnsafeRawBufferPointer
  ) -> [UnsafeRawBufferPointer] {
    var parts: [UnsafeRawBufferPointer] = []
    var start = 0
    while let found = TextSearch.offset(of: separator, in: text, from: start) {
      parts.append(UnsafeRawBufferPointer(rebasing: text[start..<found]))
      start = found + separator.count
    }
    parts.append(UnsafeRawBufferPointer(rebasing: text[start...]))
    return parts
  }

  static func trimmed(
    _ text: UnsafeRawBufferPointer, _ set: [Unicode.Scalar], atStart: Bool, atEnd: Bool
  ) -> UnsafeRawBufferPointer {
    let encoded = set.map { Array(String($0).utf8) }
    var start = 0
    var end = text.count
    while atStart, start < end {
      let next = min(end, TextSearch.nextCharacter(in: text, after: start))
      guard encoded.contains(where: { text[start..<next].elementsEqual($0) }) else { break }
      start = next
    }
    while atEnd, end > start {
      var previous = end - 1
      while previous > start, text[previous] & 0xC0 == 0x80 { previous -= 1 }
      guard encoded.contains(where: { text[previous..<end].elementsEqual($0) }) else { break }
      end = previous
    }
    return UnsafeRawBufferPointer(rebasing: text[start..<end])
  }
}
