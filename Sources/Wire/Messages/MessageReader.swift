import Base

/// Reads the fields of one message and trusts nothing: whatever does not fit is an error 08P01.
public struct MessageReader {
  private let bytes: [UInt8]
  private var position: Int
  private let end: Int

  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  public var remaining: Int { end - position }

  public mutating func readByte() throws(SQLError) -> UInt8 {
    try require(1)
    defer { position += 1 }
    return bytes[position]
  }

  public mutating func readInt16() throws(SQLError) -> Int16 {
    Int16(bitPattern: UInt16(truncatingIfNeeded: try readBigEndian(2)))
  }

  public mutating func readInt32() throws(SQLError) -> Int32 {
    Int32(bitPattern: UInt32(truncatingIfNeeded: try readBigEndian(4)))
  }

  public mutating func readUInt32() throws(SQLError) -> UInt32 {
    UInt32(truncatingIfNeeded: try readBigEndian(4))
  }

  public mutating func readInt64() throws(SQLError) -> Int64 {
    Int64(bitPattern: try readBigEndian(8))
  }

  /// A count of 0…65,535, which the protocol keeps in 16 bits.
  public mutating func readCount() throws(SQLError) -> Int { Int(try readBigEndian(2)) }

  private mutating func readBigEndian(_ count: Int) throws(SQLError) -> UInt64 {
    try require(count)
    var value: UInt64 = 0
    for _ in 0..<count {
      value = value << 8 | UInt64(bytes[position])
      position += 1
    }
    return value
  }

  public mutating func readBytes(_ count: Int) throws(SQLError) -> [UInt8] {
    try require(count)
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  /// Everything that is left.
  public mutating func readRest() -> [UInt8] {
    defer { position = end }
    return Array(bytes[position..<end])
  }

  /// A value with its length in front; nil for -1, which means NULL.
  public mutating func readValue() throws(SQLError) -> [UInt8]? {
    let length = try readInt32()
    if length == -1 { return nil }
    guard length >= 0 else { throw SQLError.protocolViolation("negative length: \(length)") }
    return try readBytes(Int(length))
  }

  /// A text that a zero byte ends. Text that is not UTF-8 is an error 22021.
  public mutating func readText() throws(SQLError) -> String {
    guard let zero = bytes[position..<end].firstIndex(of: 0) else {
      throw SQLError.protocolViolation("text without an end")
    }
    defer { position = zero + 1 }
    guard let text = String(validating: bytes[position..<zero], as: UTF8.self) else {
      throw SQLError(.characterNotInRepertoire, "text is not valid UTF-8")
    }
    return text
  }

  public func requireEnd() throws(SQLError) {
    guard position == end else {
      throw SQLError.protocolViolation("\(remaining) bytes too many in a message")
    }
  }

  private func require(_ count: Int) throws(SQLError) {
    guard count >= 0, count <= end - position else {
      throw SQLError.protocolViolation("message is too short: \(count) bytes wanted, \(remaining) left")
    }
  }
}

extension SQLError {
  /// The other side does not keep to the protocol.
  static func protocolViolation(_ what: String) -> SQLError {
    SQLError(.protocolViolation, what)
  }
}
