import Base
import CPlatform

/// A socket that does not block, with or without TLS on it. Used by one thread at a time.
final class SocketChannel {
  let socket: Int32
  private(set) var tls: TLSChannel?

  init(_ socket: Int32) { self.socket = socket }

  deinit {
    tls?.finish()
    zij_close(socket)
  }

  func startTLS(_ context: TLSContext) -> Bool {
    tls = TLSChannel(context, socket: socket)
    return tls != nil
  }

  func receive(into target: UnsafeMutableRawBufferPointer) -> ChannelOutcome {
    if let tls { return tls.receive(into: target) }
    return Self.outcome(zij_receive(socket, target.baseAddress, target.count), .wantsRead)
  }

  func send(_ bytes: UnsafeRawBufferPointer) -> ChannelOutcome {
    if let tls { return tls.send(bytes) }
    return Self.outcome(zij_send(socket, bytes.baseAddress, bytes.count), .wantsWrite)
  }

  /// The first byte that has come, which stays; nil if there is none yet or the other side is gone.
  func peek() -> UInt8? {
    var byte: UInt8 = 0
    return zij_peek(socket, &byte, 1) == 1 ? byte : nil
  }

  private static func outcome(_ count: Int, _ wants: ChannelOutcome) -> ChannelOutcome {
    if count > 0 { return .done(count) }
    return count < 0 && zij_would_block() == 1 ? wants : .closed
  }
}
