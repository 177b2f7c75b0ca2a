import CPlatform
import Glibc

/// The files of this machine.
///
/// Nothing here waits for another program except `read` on a pipe whose writer is slow, and `write`
/// to a pipe whose reader is.
public final class PosixDisk: Disk {
  /// How long a read waits for somebody to open the other end of a named pipe.
  private let pipeWaitMS: Int32

  public init(pipeWaitMS: Int32 = 10_000) { self.pipeWaitMS = pipeWaitMS }

  public func open(_ path: String) throws(SQLError) -> any ReadableFile {
    try SystemError.check(path, "open file")
    // Without O_NONBLOCK, opening a named pipe waits for a writer that may never come.
    var number = zij_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0)
    if number < 0, errno == ENXIO || errno == EACCES, let inherited = Self.inherited(path) {
      // A socket, or a descriptor of another user, can be read but not opened anew.
      number = fcntl(inherited, F_DUPFD_CLOEXEC, 0)
    }
    if number < 0 { throw SystemError.make("open file", path) }
    let descriptor = Descriptor(number)
    let status = try descriptor.status(path)
    if status.isDirectory { throw SystemError.make("open file", path, EISDIR) }
    if status.isRegular || status.isBlockDevice {
      let sizeBytes = status.isRegular ? Int(status.st_size) : Self.deviceSize(number)
      return PosixReadableFile(path, descriptor, sizeBytes: sizeBytes)
    }
    return PosixReadableStream(path, descriptor, waitMS: pipeWaitMS)
  }

  /// N of `/dev/fd/N` and of its other names.
  private static func inherited(_ path: String) -> Int32? {
    switch path {
    case "/dev/stdin": return 0
    case "/dev/stdout": return 1
    case "/dev/stderr": return 2
    default: break
    }
    for prefix in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(prefix) {
      return Int32(path.dropFirst(prefix.count))
    }
    return nil
  }

  private static func deviceSize(_ number: Int32) -> Int { max(0, lseek(number, 0, SEEK_END)) }

  public func create(_ path: String, replacing: Bool) throws(SQLError) -> any WritableFile {
    try create(path, replacing: replacing, rights: 0o666)
  }

  public func createPrivate(_ path: String) throws(SQLError) -> any WritableFile {
    try create(path, replacing: false, rights: 0o600)
  }

  private func create(
    _ path: String, replacing: Bool, rights: UInt32
  ) throws(SQLError) -> any WritableFile {
    try SystemError.check(path, "create file")
    let flags = O_WRONLY | O_CREAT | (replacing ? O_TRUNC : O_EXCL) | O_NONBLOCK | O_NOCTTY
    var number = zij_open(path, flags, rights)
    if number < 0, errno == ENXIO || errno == EACCES, let inherited = Self.inherited(path) {
      number = fcntl(inherited, F_DUPFD_CLOEXEC, 0)
    }
    if number < 0 {
      var error = SystemError.make("create file", path)
      if errno == ENXIO { error.hint = "A pipe must have a reader before it is written to." }
      throw error
    }
    let descriptor = Descriptor(number)
    let status = try descriptor.status(path)
    if !status.isRegular { _ = zij_clear_nonblocking(number) }
    return PosixWritableFile(path, descriptor, sizeBytes: 0, isRegular: status.isRegular)
  }

  public func append(
    to path: String, keeping sizeBytes: Int
  ) throws(SQLError) -> any WritableFile {
    try SystemError.check(path, "open file")
    let number = zij_open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY, 0)
    if number < 0 { throw SystemError.make("open file for appending", path) }
    let descriptor = Descriptor(number)
    let status = try descriptor.status(path)
    guard status.isRegular else { throw SystemError.make("append to file", path, EINVAL) }
    guard sizeBytes >= 0, Int(status.st_size) >= sizeBytes else {
      throw SQLError(
        .dataCorrupted, "file has \(status.st_size) of \(sizeBytes) expected bytes: \"\(path)\"")
    }
    if ftruncate(number, sizeBytes) != 0 || lseek(number, sizeBytes, SEEK_SET) < 0 {
      throw SystemError.make("cut file", path)
    }
    return PosixWritableFile(path, descriptor, sizeBytes: sizeBytes, isRegular: true)
  }

  public func rename(_ source: String, to target: String) throws(SQLError) {
    try SystemError.check(source, "rename file")
    try SystemError.check(target, "rename file")
    if Glibc.rename(source, target) != 0 {
      throw SystemError.make("rename file to \"\(target)\"", source)
    }
  }

  public func remove(_ path: String) throws(SQLError) {
    try SystemError.check(path, "remove file")
    if unlink(path) != 0 { throw SystemError.make("remove file", path) }
  }

  public func createDirectory(_ path: String) throws(SQLError) {
    try SystemError.check(path, "create directory")
    if mkdir(path, 0o777) == 0 { return }
    let number = errno
    if number == EEXIST, kind(of: path) == .directory { return }
    throw SystemError.make("create directory", path, number)
  }

  public func removeDirectory(_ path: String) throws(SQLError) {
    try SystemError.check(path, "remove directory")
    if rmdir(path) != 0 { throw SystemError.make("remove directory", path) }
  }

  public func syncDirectory(_ path: String) throws(SQLError) {
    try SystemError.check(path, "sync directory")
    let number = zij_open(path, O_RDONLY | O_DIRECTORY, 0)
    if number < 0 { throw SystemError.make("open directory", path) }
    let descriptor = Descriptor(number)
    while fsync(descriptor.number) != 0 {
      switch errno {
      case EINTR: continue
      // File systems that cannot sync a directory say so with EINVAL; there it is not needed.
      case EINVAL: return
      default: throw SystemError.make("sync directory", path)
      }
    }
  }

  public func list(_ path: String) throws(SQLError) -> [String] {
    try SystemError.check(path, "list directory")
    guard let directory = opendir(path) else { throw SystemError.make("list directory", path) }
    defer { closedir(directory) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(directory) else { break }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
        String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    if errno != 0 { throw SystemError.make("list directory", path) }
    return names.sorted()
  }

  public func kind(of path: String) -> FileKind? {
    if path.utf8.contains(0) { return nil }
    var status = stat()
    return stat(path, &status) == 0 ? status.fileKind : nil
  }

  public func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  public func lock(
    _ path: String, exclusive: Bool, holder: String
  ) throws(SQLError) -> any FileLock {
    try PosixLock.take(path, exclusive: exclusive, holder: holder)
  }
}
