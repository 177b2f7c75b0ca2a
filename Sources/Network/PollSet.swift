import Base
import CPlatform

enum NumericAddress {
  /// Nil for what is no numeric address.
  static func isLoopback(_ text: String) -> Bool? {
    let answer = zij_is_loopback(text)
    return answer < 0 ? nil : answer == 1
  }
}

/// What to wait for, or what has happened, at a socket.
struct SocketEvents: OptionSet {
  let rawValue: Int32

  static let read = SocketEvents(rawValue: Int32(ZIJ_POLL_READ))
  static let write = SocketEvents(rawValue: Int32(ZIJ_POLL_WRITE))
  /// The other side sends no more.
  static let hangup = SocketEvents(rawValue: Int32(ZIJ_POLL_HANGUP))
  static let error = SocketEvents(rawValue: Int32(ZIJ_POLL_ERROR))
}

/// The descriptors that one thread waits for. Adding and changing may be done from any thread.
final class PollSet: Sendable {
  private let descriptor: Int32
  private let event: Int32
  static let wakeNumber: UInt64 = 0

  init() throws(SQLError) {
    descriptor = zij_poll_create()
    event = zij_event_create()
    guard descriptor >= 0, event >= 0,
      zij_poll_set(descriptor, event, 1, SocketEvents.read.rawValue, 0, Self.wakeNumber) == 0
    else { throw SQLError(.ioError, "the system gives no way to wait for sockets") }
  }

  deinit {
    if event >= 0 { zij_close(event) }
    if descriptor >= 0 { zij_close(descriptor) }
  }

  /// Waits for the events, once unless `always`.
  func add(
    _ socket: Int32, number: UInt64, _ events: SocketEvents, always: Bool = false
  ) -> Bool {
    zij_poll_set(descriptor, socket, 1, events.rawValue, always ? 0 : 1, number) == 0
  }

  func change(_ socket: Int32, number: UInt64, _ events: SocketEvents) {
    _ = zij_poll_set(descriptor, socket, 0, events.rawValue, 1, number)
  }

  func remove(_ socket: Int32) { zij_poll_remove(descriptor, socket) }

  /// Makes `wait` return.
  func wake() { zij_event_raise(event) }

  /// Calls `body` with the number and the events of each descriptor where something has happened.
  func wait(milliseconds: Int, _ body: (UInt64, SocketEvents) -> Void) {
    let most = 64
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: most) { numbers in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: most) { happened in
        let count = zij_poll_wait(
          descriptor, numbers.baseAddress, happened.baseAddress, Int32(most), Int32(milliseconds))
        for index in 0..<max(0, Int(count)) {
          if numbers[index] == Self.wakeNumber {
            zij_event_clear(event)
          } else {
            body(numbers[index], SocketEvents(rawValue: happened[index]))
          }
        }
      }
    }
  }
}
