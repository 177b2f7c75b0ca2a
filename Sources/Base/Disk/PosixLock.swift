import CPlatform
import Glibc
import Synchronization

/// An advisory lock of a whole file (flock): the kernel drops it with the process, however it ends.
final class PosixLock: FileLock {
  private let descriptor: Mutex<Descriptor?>

  private let processID = getpid()

  private init(_ descriptor: Descriptor?) { self.descriptor = Mutex(descriptor) }

  /// A child that was forked meanwhile has the file open, too, and closing it here would leave the
  /// lock with that. The child in turn must not give back its parent's lock.
  func release() {
    descriptor.withLock { descriptor in
      if let descriptor, getpid() == processID { _ = zij_funlock(descriptor.number) }
      descriptor = nil
    }
  }

  static func take(
    _ path: String, exclusive: Bool, holder: String
  ) throws(SQLError) -> PosixLock {
    try SystemError.check(path, "lock file")
    guard let descriptor = try openFile(path, exclusive: exclusive) else { return PosixLock(nil) }
    while zij_flock(descriptor.number, exclusive ? 1 : 0) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK: throw inUse(path, descriptor)
      default: throw SystemError.make("lock file", path)
      }
    }
    if exclusive { try write(holder, to: descriptor, path) }
    return PosixLock(descriptor)
  }

  /// Nil where nobody can write, so that a reader needs no lock.
  private static func openFile(_ path: String, exclusive: Bool) throws(SQLError) -> Descriptor? {
    // The holder's name is written into it: not into whatever a link leads to.
    let flags = O_NONBLOCK | O_NOCTTY | O_NOFOLLOW
    let number = zij_open(path, O_RDWR | O_CREAT | flags, 0o666)
    if number >= 0 { return try requireRegular(Descriptor(number), path) }
    let reason = errno
    guard !exclusive, reason == EROFS || reason == EACCES else {
      throw SystemError.make("open lock file", path, reason)
    }
    let readable = zij_open(path, O_RDONLY | flags, 0)
    if readable >= 0 { return try requireRegular(Descriptor(readable), path) }
    if reason == EROFS, errno == ENOENT { return nil }
    throw SystemError.make("open lock file", path, reason)
  }

  private static func requireRegular(
    _ descriptor: Descriptor, _ path: String
  ) throws(SQLError) -> Descriptor {
    guard try descriptor.status(path).isRegular else {
      throw SQLError(.ioError, "lock file is no regular file: \"\(path)\"")
    }
    return descriptor
  }

  private static func inUse(_ path: String, _ descriptor: Descriptor) -> SQLError {
    // If the shared lock is to be had, those in the way are readers, and the file's text is that of
    // an earlier owner.
    if zij_flock(descriptor.number, 0) == 0 { return LockText.inUse(path, by: nil) }
    var text = [UInt8](repeating: 0, count: 256)
    let count = text.withUnsafeMutableBytes { pread(descriptor.number, $0.baseAddress, 256, 0) }
    let holder = String(decoding: text.prefix(max(0, count)), as: UTF8.self)
    return LockText.inUse(path, by: String(holder.prefix { $0 != "\n" }))
  }

  private static func write(
    _ holder: String, to descriptor: Descriptor, _ path: String
  ) throws(SQLError) {
    let text = Array((holder + "\n").utf8)
    let written = text.withUnsafeBytes { pwrite(descriptor.number, $0.baseAddress, $0.count, 0) }
    // A full disk is no reason to refuse: the text only helps the one who is turned away.
    if written >= 0 { _ = ftruncate(descriptor.number, written) }
  }
}

enum LockText {
  /// `holder` is nil for readers, and empty if the owner has not yet written its name.
  static func inUse(_ path: String, by holder: String?) -> SQLError {
    guard let holder else {
      return SQLError(
        .objectInUse, "in use by readers in other sessions: \"\(path)\"",
        hint: "Close them first, or open read-only.")
    }
    let name = holder.isEmpty ? "another process" : holder
    return SQLError(
      .objectInUse, "in use by \(name): \"\(path)\"",
      hint: "One process may write, or many may read; close the other one first.")
  }
}

/// What a lock file says about its holder.
public enum ProcessIdentity {
  /// "pid 4711 (zij)".
  public static var text: String { text(program: nil) }

  /// The same with another name than the running program's.
  public static func text(program: String?) -> String {
    "pid \(getpid()) (\(program ?? String(cString: zij_program_name())))"
  }
}
