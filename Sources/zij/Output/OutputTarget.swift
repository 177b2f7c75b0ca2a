import Base
import CPlatform
import Glibc

/// Where results go: standard output or a file. Buffered; a reader that went away is no error.
final class OutputTarget {
  private let descriptor: Int32
  private var buffer = ByteWriter(capacity: 128 << 10)
  private static let flushSizeBytes = 64 << 10
  let isTerminal: Bool
  /// The other end of the pipe is closed: nothing more can be written.
  private(set) var isBroken = false
  /// The disk is full, or the like; nil when all is well.
  private(set) var failure: SQLError?

  init(descriptor: Int32) {
    self.descriptor = descriptor
    isTerminal = zij_isatty(descriptor) != 0
  }

  /// A file, made or emptied.
  static func file(_ path: String) throws(SQLError) -> OutputTarget {
    let descriptor = zij_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    guard descriptor >= 0 else {
      throw SQLError(.ioError, "\(path): \(String(cString: strerror(errno)))")
    }
    return OutputTarget(descriptor: descriptor)
  }

  /// Appends to the buffer, and writes it when it is full.
  func write<E: Error>(_ body: (inout ByteWriter) throws(E) -> Void) throws(E) {
    try body(&buffer)
    if buffer.count >= Self.flushSizeBytes { flush() }
  }

  func write(_ text: String) { write { $0.append(text) } }

  var canWrite: Bool { !isBroken && failure == nil }

  func flush() {
    let bytes = buffer.bytes
    var offset = 0
    while offset < bytes.count, canWrite {
      let count = Glibc.write(
        descriptor, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
      if count >= 0 {
        offset += count
      } else if errno == EPIPE {
        isBroken = true
      } else if errno == EAGAIN {
        // Somebody made the terminal non-blocking.
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wanted, 1, -1)
      } else if errno != EINTR {
        failure = SQLError(
          errno == ENOSPC ? .diskFull : .ioError,
          "cannot write: \(String(cString: strerror(errno)))")
      }
    }
    // Room for one giant value is not kept for ever.
    if buffer.capacity > 4 << 20 {
      buffer = ByteWriter(capacity: 128 << 10)
    } else {
      buffer.removeAll()
    }
  }

  func close() {
    flush()
    if descriptor > 2 { Glibc.close(descriptor) }
  }
}
