import CPlatform
import Glibc
import Synchronization

/// A file open for appending. After any failure it refuses to go on: what the kernel then holds of
/// it is not known.
final class PosixWritableFile: WritableFile {
  let path: String
  private let isRegular: Bool
  private let state: Mutex<State>

  private struct State {
    var descriptor: Descriptor?
    var sizeBytes: Int
    var hasFailed = false
  }

  init(_ path: String, _ descriptor: Descriptor, sizeBytes: Int, isRegular: Bool) {
    self.path = path
    self.isRegular = isRegular
    state = Mutex(State(descriptor: descriptor, sizeBytes: sizeBytes))
  }

  var sizeBytes: Int { state.withLock { $0.sizeBytes } }

  func write(_ bytes: UnsafeRawBufferPointer) throws(SQLError) {
    guard let start = bytes.baseAddress else { return }
    try state.withLock { state throws(SQLError) in
      let descriptor = try usable(state)
      var done = 0
      while done < bytes.count {
        let written =
          isRegular
          ? Glibc.write(descriptor.number, start + done, bytes.count - done)
          : zij_write_no_signal(descriptor.number, start + done, bytes.count - done)
        if written < 0 {
          if errno == EINTR { continue }
          let error = SystemError.make("write file", path)
          state.hasFailed = true
          throw error
        }
        done += written
        state.sizeBytes += written
      }
    }
  }

  func sync() throws(SQLError) {
    try state.withLock { state throws(SQLError) in
      let descriptor = try usable(state)
      guard isRegular else { return }
      while fdatasync(descriptor.number) != 0 {
        if errno == EINTR { continue }
        let error = SystemError.make("sync file", path)
        state.hasFailed = true
        throw error
      }
    }
  }

  func close() throws(SQLError) {
    let descriptor = state.withLock { state in
      defer { state.descriptor = nil }
      return state.descriptor
    }
    guard let descriptor, isRegular else { return }
    // Quotas of network file systems may speak up only here; the descriptor itself closes with its
    // last reference.
    let copy = dup(descriptor.number)
    if copy >= 0, Glibc.close(copy) != 0, errno != EINTR {
      throw SystemError.make("close file", path)
    }
  }

  private func usable(_ state: borrowing State) throws(SQLError) -> Descriptor {
    guard !state.hasFailed, let descriptor = state.descriptor else {
      let reason = state.hasFailed ? "an earlier write failed" : "it is closed"
      throw SQLError(.ioError, "cannot write file: \(reason): \"\(path)\"")
    }
    return descriptor
  }
}
