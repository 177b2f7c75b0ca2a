import Base
import Wire

/// Whole messages over a socket.
final class MessageStream {
  private let socket: ClientSocket
  private var frames = FrameReader()
  /// Of the server's certificate, once the connection has TLS.
  var certificateHash: [UInt8]?
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

  init(_ socket: ClientSocket) { self.socket = socket }

  deinit { buffer.deallocate() }

  /// See `ClientSocket.deadline`.
  var deadline: Deadline? {
    get { socket.deadline }
    set { socket.deadline = newValue }
  }

  func send(_ messages: [FrontendMessage]) throws(SQLError) {
    var out = ByteWriter()
    for message in messages { message.append(to: &out) }
    try send(out)
  }

  func send(_ message: StartupMessage) throws(SQLError) {
    var out = ByteWriter()
    message.append(to: &out)
    try send(out)
  }

  private func send(_ out: borrowing ByteWriter) throws(SQLError) { try socket.send(out.bytes) }

  /// The next message, waiting for it.
  func next() throws(SQLError) -> BackendMessage {
    while true {
      if let frame = try frames.next(limit: BackendMessage.limit(of:)) {
        return try BackendMessage(frame)
      }
      try fill()
    }
  }

  /// The one byte that answers a request for TLS.
  func answerByte() throws(SQLError) -> UInt8 {
    let single = UnsafeMutableRawBufferPointer(rebasing: buffer[..<1])
    guard try socket.receive(into: single) == 1 else { throw Self.ended }
    return single[0]
  }

  func startTLS(_ tls: ClientTLS) throws(SQLError) { try socket.startTLS(tls) }

  private func fill() throws(SQLError) {
    let count = try socket.receive(into: buffer)
    guard count > 0 else { throw Self.ended }
    frames.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
  }

  private static var ended: SQLError {
    SQLError(.connectionFailure, "the server ended the connection")
  }
}
