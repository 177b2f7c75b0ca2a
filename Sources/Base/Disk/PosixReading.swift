import Glibc
import Synchronization

/// A file with positions, read by pread.
final class PosixReadableFile: ReadableFile {
  let path: String
  let sizeBytes: Int
  private let descriptor: Descriptor

  init(_ path: String, _ descriptor: Descriptor, sizeBytes: Int) {
    self.path = path
    self.sizeBytes = sizeBytes
    self.descriptor = descriptor
  }

  var systemPath: String? { "/proc/self/fd/\(descriptor.number)" }

  func read(at offset: Int, count: Int) throws(SQLError) -> ByteRegion {
    // Offsets come from file footers, so check them before memory is taken.
    guard offset >= 0, count >= 0, offset <= sizeBytes, count <= sizeBytes - offset else {
      throw ShortFile.error(path, offset: offset, count: count, sizeBytes: sizeBytes)
    }
    let buffer = Buffer(sizeBytes: count)
    let got = try read(
      at: offset, into: UnsafeMutableRawBufferPointer(start: buffer.base, count: count))
    guard got == count else {
      throw ShortFile.error(path, offset: offset, count: count, sizeBytes: offset + got)
    }
    return ByteRegion(buffer: buffer, count: count)
  }

  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int {
    guard let start = target.baseAddress else { return 0 }
    var done = 0
    while done < target.count {
      let got = pread(descriptor.number, start + done, target.count - done, offset &+ done)
      if got < 0 {
        if errno == EINTR { continue }
        throw SystemError.make("read file", path)
      }
      if got == 0 { break }
      done += got
    }
    return done
  }
}

enum ShortFile {
  static func error(_ path: String, offset: Int, count: Int, sizeBytes: Int) -> SQLError {
    SQLError(
      .dataCorrupted,
      "file is too short: \(count) bytes at byte \(offset) wanted of \(sizeBytes): \"\(path)\"")
  }
}

/// A pipe, terminal, socket or character device: read once, from front to back.
final class PosixReadableStream: ReadableFile {
  let path: String
  let sizeBytes = 0
  private let descriptor: Descriptor
  private let waitMS: Int32
  private let hasWriter = Atomic<Bool>(false)

  init(_ path: String, _ descriptor: Descriptor, waitMS: Int32) {
    self.path = path
    self.descriptor = descriptor
    self.waitMS = waitMS
  }

  func read(at offset: Int, count: Int) throws(SQLError) -> ByteRegion {
    throw SQLError(
      .ioError, "cannot read at a position of a pipe or device: \"\(path)\"",
      hint: "Write it to a file first.")
  }

  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int {
    guard let start = target.baseAddress else { return 0 }
    var done = 0
    while done < target.count {
      let waited = try waitForBytes()
      let got = Glibc.read(descriptor.number, start + done, target.count - done)
      if got > 0 {
        hasWriter.store(true, ordering: .relaxed)
        done += got
      } else if got == 0 {
        if waited { break }
        throw SQLError(
          .ioError, "no program has opened the pipe for writing: \"\(path)\"",
          hint: "Start the writer first; reading waits \(waitMS / 1000) s for it.")
      } else if errno == EAGAIN {
        // Only a pipe with a writer is empty without being at its end.
        hasWriter.store(true, ordering: .relaxed)
      } else if errno != EINTR {
        throw SystemError.make("read", path)
      }
    }
    return done
  }

  /// False if the time ran out before anybody opened the other end, as far as poll can tell.
  private func waitForBytes() throws(SQLError) -> Bool {
    var request = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
    while true {
      let ready = poll(&request, 1, hasWriter.load(ordering: .relaxed) ? -1 : waitMS)
      if ready >= 0 { return ready > 0 }
      if errno != EINTR { throw SystemError.make("read", path) }
    }
  }
}
