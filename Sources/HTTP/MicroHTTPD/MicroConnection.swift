import Glibc
import Synchronization

/// A connection of libmicrohttpd: its socket, and until when its next request must have begun or be
/// complete.
final class MicroConnection: Sendable {
  let descriptor: Int32
  /// Monotonic nanoseconds; `.max` while a request is worked on.
  let deadlineNS: Atomic<Int64>

  init(descriptor: Int32, deadlineNS: Int64) {
    self.descriptor = descriptor
    self.deadlineNS = Atomic(deadlineNS)
  }

  /// Ends both directions; libmicrohttpd sees it and closes the socket.
  func breakOff() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// True once the client has closed its side and everything that it sent before has been read.
  var clientHasGone: Bool {
    var byte: UInt8 = 0
    let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
    if count == 0 { return true }
    return count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR
  }
}
