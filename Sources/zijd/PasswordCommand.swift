import Base
import CPlatform
import Glibc
import Wire

/// `zijd passwd --users FILE NAME`.
enum PasswordCommand {
  static func run(_ user: String, path: String) throws(SQLError) {
    guard UserStore.isName(user) else {
      throw SQLError(.invalidParameterValue, "no name for a user: \"\(user)\"")
    }
    var line = [CChar](repeating: 0, count: 1024)
    let length = zij_read_secret("Password for \(user): ", &line, line.count)
    guard length > 0 else { throw SQLError(.invalidPassword, "a password is not empty") }
    let password = String(decoding: line.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var users = try UsersFile.read(path, isNew: true)
    users[user] = try ScramVerifier(password: password)
    try UsersFile.write(users, to: path)
  }
}

/// The file of `--users`.
enum UsersFile {
  /// Nobody without a path; `isNew` allows that there is no file yet.
  static func read(_ path: String?, isNew: Bool = false) throws(SQLError) -> UserStore {
    guard let path else { return UserStore() }
    let disk = PosixDisk()
    if isNew, disk.kind(of: path) == nil { return UserStore() }
    let file = try disk.open(path)
    guard file.sizeBytes <= 64 << 20 else {
      throw SQLError(.programLimitExceeded, "file of users is too large: \"\(path)\"")
    }
    let text = String(decoding: try file.read(at: 0, count: file.sizeBytes).bytes, as: UTF8.self)
    do throws(SQLError) {
      return try UserStore(text: text)
    } catch {
      throw SQLError(error.state, "\(path): \(error.message)", hint: error.hint)
    }
  }

  /// Writes beside the file and renames, so that a server never reads half of it. Only its owner may
  /// read a new file; one that is there keeps its owner and its rights.
  static func write(_ users: UserStore, to path: String) throws(SQLError) {
    let disk = PosixDisk()
    let part = "\(path).\(SystemRandom().uuidText())"
    let file = try disk.createPrivate(part)
    do throws(SQLError) {
      let text = ByteRegion(copying: Array(users.text.utf8))
      try text.withBytes { (bytes) throws(SQLError) in try file.write(bytes) }
      keepRights(of: path, for: part)
      try file.sync()
      try file.close()
      try disk.rename(part, to: path)
    } catch {
      try? disk.remove(part)
      throw error
    }
  }

  private static func keepRights(of path: String, for part: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    // Rights that the owner gave to a group must not go to another group.
    if chown(part, status.st_uid, status.st_gid) == 0 { chmod(part, status.st_mode & 0o777) }
  }
}
