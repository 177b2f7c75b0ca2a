import Base
import Engine
import Synchronization

/// The sessions that can be told to cancel, by the numbers that clients know them by.
final class CancelRegistry: Sendable {
  private struct Entry {
    let secret: [UInt8]
    let target: CancelTarget
  }

  private let entries = Mutex<[Int32: Entry]>([:])

  /// Gives a session a number and a secret.
  func register(
    _ target: CancelTarget, secretSizeBytes: Int
  ) throws(SQLError) -> (processID: Int32, secret: [UInt8]) {
    let secret = try Cryptography.random(secretSizeBytes)
    let numbers = try Cryptography.random(4 * 16)
    let processID = entries.withLock { entries -> Int32? in
      for attempt in 0..<16 {
        var bits: UInt32 = 0
        for byte in numbers[attempt * 4..<attempt * 4 + 4] { bits = bits << 8 | UInt32(byte) }
        let number = Int32(bitPattern: bits & 0x7FFF_FFFF)
        guard number > 0, entries[number] == nil else { continue }
        entries[number] = Entry(secret: secret, target: target)
        return number
      }
      return nil
    }
    guard let processID else { throw SQLError(.tooManyConnections, "no session number is free") }
    return (processID, secret)
  }

  func remove(_ processID: Int32) { _ = entries.withLock { $0.removeValue(forKey: processID) } }

  /// Cancels what the session runs, if the secret is right. Nobody is told whether it was.
  func cancel(_ processID: Int32, secret: [UInt8]) {
    let entry = entries.withLock { $0[processID] }
    guard let entry, Cryptography.areEqual(entry.secret, secret) else { return }
    entry.target.cancel()
  }
}

/// What a session runs at the moment, for those who want to cancel it from another thread. A request
/// that comes when nothing runs does nothing, also to the next statement.
public final class CancelTarget: Sendable {
  private enum Running {
    case nothing
    /// A statement begins: it is parsed and bound, or does all its work before it answers.
    case beginning(Session)
    case rows(ResultStream)
  }

  private let running = Mutex<Running>(.nothing)

  init() {}

  func begin(_ session: Session) { running.withLock { $0 = .beginning(session) } }
  func deliver(_ stream: ResultStream) { running.withLock { $0 = .rows(stream) } }
  func end() { running.withLock { $0 = .nothing } }

  public func cancel() {
    running.withLock { running in
      switch running {
      case .nothing: break
      case .beginning(let session): session.cancel()
      case .rows(let stream): stream.cancel()
      }
    }
  }
}
