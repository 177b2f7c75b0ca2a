import Base

/// The first bytes of an RLEv2 run: its kind, its width and how many values it holds.
enum RunHeader {
  enum Kind: UInt8 {
    case shortRepeat = 0
    case direct = 1
    case patchedBase = 2
    case delta = 3
  }

  static let maximumCount = 512

  static func append(kind: Kind, widthCode: Int, _ count: Int, into out: inout ByteWriter) {
    let length = count - 1
    out.append(kind.rawValue << 6 | UInt8(widthCode) << 1 | UInt8(length >> 8))
    out.append(UInt8(truncatingIfNeeded: length))
  }

  /// Looks at the run the cursor stands before.
  @inline(__always)
  static func peek(_ cursor: StreamCursor) throws(SQLError) -> (kind: Kind, count: Int) {
    try cursor.ensure(1)
    let byte = cursor.next[0]
    guard let kind = Kind(rawValue: byte >> 6), kind != .shortRepeat else {
      return (.shortRepeat, Int(byte & 7) + 3)
    }
    try cursor.ensure(2)
    return (kind, (Int(byte & 1) << 8 | Int(cursor.next[1])) + 1)
  }
}
