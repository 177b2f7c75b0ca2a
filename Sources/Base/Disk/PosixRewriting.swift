import CPlatform
import Glibc
import Synchronization

/// A file that is written over by pwrite. After a failed sync it refuses to go on.
final class PosixRewritableFile: RewritableFile {
  let path: String
  let sizeBytes: Int
  private let descriptor: Descriptor
  private let hasFailed = Atomic<Bool>(false)

  init(_ path: String, _ descriptor: Descriptor, sizeBytes: Int) {
    self.path = path
    self.sizeBytes = sizeBytes
    self.descriptor = descriptor
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SQLError) {
    guard let start = bytes.baseAddress else { return }
    precondition(offset >= 0 && bytes.count <= sizeBytes - offset)
    try requireUsable()
    var done = 0
    while done < bytes.count {
      let written = pwrite(descriptor.number, start + done, bytes.count - done, offset + done)
      if written < 0 {
        if errno == EINTR { continue }
        throw SystemError.make("write file", path)
      }
      done += written
    }
  }

  func sync() throws(SQLError) {
    try requireUsable()
    while fdatasync(descriptor.number) != 0 {
      if errno == EINTR { continue }
      let error = SystemError.make("sync file", path)
      hasFailed.store(true, ordering: .relaxed)
      throw error
    }
  }

  private func requireUsable() throws(SQLError) {
    if hasFailed.load(ordering: .relaxed) {
      throw SQLError(.ioError, "cannot write file: an earlier sync failed: \"\(path)\"")
    }
  }
}

extension PosixDisk {
  public func rewrite(_ path: String) throws(SQLError) -> any RewritableFile {
    try SystemError.check(path, "open file")
    let number = zij_open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY, 0)
    if number < 0 { throw SystemError.make("open file for writing", path) }
    let descriptor = Descriptor(number)
    let status = try descriptor.status(path)
    guard status.isRegular else { throw SystemError.make("write over file", path, EINVAL) }
    return PosixRewritableFile(path, descriptor, sizeBytes: Int(status.st_size))
  }
}
