import Base
import Glibc
import Synchronization

/// The most anonymous memory that the process held: what it allocated, without the pages of files.
///
/// The kernel keeps no such maximum, so a thread looks every few milliseconds (`RssAnon` of
/// `/proc/self/status`), as the harness does for its other peers.
final class MemorySampler: Sendable {
  private static let intervalMicroseconds: UInt32 = 5000

  private let state: State
  private let thread: WorkerThread?

  private final class State: Sendable {
    let peakKB = Atomic<Int>(0)
    let isStopped = Atomic<Bool>(false)
  }

  init() {
    let state = State()
    self.state = state
    thread = WorkerThread {
      while !state.isStopped.load(ordering: .relaxed) {
        state.peakKB.max(Self.residentKB(), ordering: .relaxed)
        usleep(Self.intervalMicroseconds)
      }
    }
  }

  var peakMB: Double { (Double(state.peakKB.load(ordering: .relaxed)) / 102.4).rounded() / 10 }

  func stop() {
    state.isStopped.store(true, ordering: .relaxed)
    thread?.join()
  }

  /// 0 where the system does not tell.
  private static func residentKB() -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if text.hasPrefix("RssAnon:") { return Int(text.filter(\.isNumber)) ?? 0 }
    }
    return 0
  }
}
