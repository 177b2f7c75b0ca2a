import Base

extension DatabaseDirectory {
  /// Opens the database in the directory `path`.
  ///
  /// `.objectInUse` if another session writes it, or if this one wants to write and others read;
  /// `.undefinedFile` if there is nothing; `.invalidParameterValue` if it is something else.
  public static func open(
    _ path: String, disk: any Disk, mode: Mode, random: any RandomSource = SystemRandom(),
    holder: String = ProcessIdentity.text
  ) throws(SQLError) -> DatabaseDirectory {
    try open(path, disk, mode, random, holder: holder, Manifest.Limits())
  }

  static func open(
    _ path: String, _ disk: any Disk, _ mode: Mode, _ random: any RandomSource, holder: String,
    _ limits: Manifest.Limits
  ) throws(SQLError) -> DatabaseDirectory {
    let path = withoutTrailingSlashes(path)
    if try contents(of: path, disk) == .missing {
      guard mode == .createIfMissing else {
        throw SQLError(.undefinedFile, "database does not exist: \"\(path)\"")
      }
      try disk.createDirectory(path)
    }
    try refuseLinks(in: path, disk)
    // Look before locking, so that no LOCK is left in somebody else's directory; and again with the
    // lock held, because another process may be making the database at this moment.
    try requireDatabase(path, disk, mode)
    let isReadOnly = mode == .readOnly
    let lock = try disk.lock(path + "/LOCK", exclusive: !isReadOnly, holder: holder)
    try requireDatabase(path, disk, mode)
    if try contents(of: path, disk) == .unfinished { try createDatabase(path, disk) }
    guard let manifest = try Manifest.load(path + "/manifest", disk, limits) else {
      throw SQLError(.dataCorrupted, "database has lost its manifest: \"\(path)\"")
    }
    let reason =
      isReadOnly
      ? SQLError(
        .readOnlyTransaction, "database was opened read-only: \"\(path)\"",
        hint: "Open it for writing.") : nil
    let directory = DatabaseDirectory(path, disk, random, lock, manifest, readOnlyReason: reason)
    if !isReadOnly { directory.sweep() }
    return directory
  }

  /// What is written, emptied and removed under these names must be ours. The whole database may well
  /// be behind a link.
  private static func refuseLinks(in path: String, _ disk: any Disk) throws(SQLError) {
    for name in ["LOCK", "manifest", "tables", "temp", "wal"] {
      guard disk.isLink(path + "/" + name) else { continue }
      throw SQLError(
        .invalidParameterValue, "symbolic link inside of a database: \"\(path)/\(name)\"",
        hint: "Put what it leads to in its place. A link to the whole database is no trouble.")
    }
  }

  private enum Contents {
    case missing
    /// Empty, or with the beginnings of a database.
    case unfinished
    case database, somethingElse
  }

  private static func contents(of path: String, _ disk: any Disk) throws(SQLError) -> Contents {
    switch disk.kind(of: path) {
    case nil: return .missing
    case .file, .other: return .somethingElse
    case .directory: break
    }
    let folders = ["manifest", "tables", "temp"]
    let published = disk.kind(of: path + "/manifest") == .directory
    if published, try disk.list(path + "/manifest").contains(where: { Manifest.isPublished($0) }) {
      return .database
    }
    for name in try disk.list(path) where name != "LOCK" {
      let inner = path + "/" + name
      guard folders.contains(name), disk.kind(of: inner) == .directory else {
        return .somethingElse
      }
      // With files inside, this is a database without its manifest: nothing to write over.
      if try disk.list(inner).contains(where: { name != "manifest" || !$0.hasPrefix("_") }) {
        return .somethingElse
      }
    }
    return .unfinished
  }

  private static func requireDatabase(
    _ path: String, _ disk: any Disk, _ mode: Mode
  ) throws(SQLError) {
    let contents = try contents(of: path, disk)
    if contents == .database || contents == .unfinished && mode == .createIfMissing { return }
    let what = disk.kind(of: path) == .directory ? "directory without a manifest" : "file"
    throw SQLError(
      .invalidParameterValue, "not a Zij database but a \(what): \"\(path)\"",
      hint: "Name a database directory, or a path where nothing is yet.")
  }

  /// Makes everything durable before the manifest appears: from then on it is a database.
  private static func createDatabase(_ path: String, _ disk: any Disk) throws(SQLError) {
    for folder in ["tables", "temp", "manifest"] { try disk.createDirectory(path + "/" + folder) }
    try disk.syncDirectory(path)
    try disk.syncDirectory(parent(of: path))
    try Manifest.create(path + "/manifest", disk)
  }

  private static func withoutTrailingSlashes(_ path: String) -> String {
    var path = path
    while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
