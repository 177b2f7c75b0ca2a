import Base

/// Cuts a stream of bytes into messages: a type byte, a length that counts itself, contents.
///
/// It keeps what has come of a message that is not whole yet, and never more: memory grows with the
/// bytes that arrive, not with the lengths that are announced.
public struct FrameReader {
  private var bytes: [UInt8] = []
  private var start = 0
  /// Kept for the next message when all is read; more goes back.
  private static let keptCapacity = 64 << 10

  public init() {}

  /// Bytes that have come and were not read.
  public var count: Int { bytes.count - start }

  /// Memory that is held beyond what every reader has.
  var heldBytes: Int { bytes.capacity > Self.keptCapacity ? bytes.capacity : 0 }

  public mutating func append(_ more: UnsafeRawBufferPointer) {
    if start > 0, start == bytes.count || start > 1 << 20 {
      bytes.removeFirst(start)
      start = 0
    }
    bytes.append(contentsOf: more)
  }

  /// Lets a large buffer go as soon as its last message is taken: an idle connection keeps little.
  private mutating func releaseWhenRead() {
    guard start == bytes.count, bytes.capacity > Self.keptCapacity else { return }
    bytes = []
    start = 0
  }

  /// One message.
  public struct Frame {
    public let type: UInt8
    public var body: MessageReader
  }

  /// The next whole message, or nil until it is there. `limit` is the most bytes of contents that a
  /// type may have; nil refuses the type.
  public mutating func next(limit: (UInt8) -> Int?) throws(SQLError) -> Frame? {
    guard let type = peek() else { return nil }
    guard let most = limit(type) else {
      throw SQLError.protocolViolation("message of unknown or unexpected type: \(type)")
    }
    guard count >= 5 else { return nil }
    let length = Int(bigEndian(at: 1)) - 4
    guard length >= 0, length <= most else {
      throw SQLError.protocolViolation("message length is not allowed: \(length + 4)")
    }
    guard count >= 5 + length else { return nil }
    let from = start + 5
    start = from + length
    let frame = Frame(type: type, body: MessageReader(bytes, from..<start))
    releaseWhenRead()
    return frame
  }

  /// The first message of a client, which has no type byte, or nil until it is there.
  public mutating func nextStartup() throws(SQLError) -> MessageReader? {
    guard count >= 4 else { return nil }
    let length = Int(bigEndian(at: 0))
    guard (8...10_000).contains(length) else {
      throw SQLError.protocolViolation("start-up message has an invalid length: \(length)")
    }
    guard count >= length else { return nil }
    let from = start + 4
    start += length
    return MessageReader(bytes, from..<start)
  }

  /// The next byte, which stays.
  public func peek() -> UInt8? { count > 0 ? bytes[start] : nil }

  /// The unread bytes begin with these.
  func hasPrefix(_ prefix: StaticString) -> Bool {
    prefix.withUTF8Buffer { bytes[start...].starts(with: $0) }
  }

  private func bigEndian(at offset: Int) -> Int32 {
    var value: UInt32 = 0
    for index in 0..<4 { value = value << 8 | UInt32(bytes[start + offset + index]) }
    return Int32(bitPattern: value)
  }
}
