import CPlatform
import Glibc

/// Turns an `errno` into an `SQLError` that names what was tried, the reason and the path.
enum SystemError {
  static func make(_ action: String, _ path: String, _ number: Int32 = errno) -> SQLError {
    var hint: String?
    if number == EDQUOT || number == ENOSPC {
      hint = "Free some space, or choose another file system."
    }
    return SQLError(
      state(of: number), "cannot \(action): \(reason(number)): \"\(path)\"", hint: hint)
  }

  static func state(of number: Int32) -> SQLState {
    switch number {
    case ENOSPC, EDQUOT: .diskFull
    case ENOENT: .undefinedFile
    case EEXIST: .duplicateFile
    default: .ioError
    }
  }

  /// The system's words in lower case, as our messages are.
  private static func reason(_ number: Int32) -> String {
    let text = String(cString: zij_error_text(number))
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  /// Refuses what C would silently cut short.
  static func check(_ path: String, _ action: String) throws(SQLError) {
    if path.utf8.contains(0) {
      throw SQLError(.ioError, "cannot \(action): the path holds a zero byte: \"\(path)\"")
    }
  }
}

/// A file descriptor that is closed with its last reference.
final class Descriptor: Sendable {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  deinit { close(number) }

  func status(_ path: String) throws(SQLError) -> stat {
    var status = stat()
    if fstat(number, &status) != 0 { throw SystemError.make("examine file", path) }
    return status
  }
}

extension stat {
  var isRegular: Bool { st_mode & S_IFMT == S_IFREG }
  var isDirectory: Bool { st_mode & S_IFMT == S_IFDIR }
  var isBlockDevice: Bool { st_mode & S_IFMT == S_IFBLK }

  var fileKind: FileKind { isRegular ? .file : isDirectory ? .directory : .other }
}
