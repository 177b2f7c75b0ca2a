import Base

/// The catalogue's history in `<database>/manifest`: where a commit happens.
///
/// The directory holds one published file, named after the version of its first record. That record
/// is the full state; each commit appends a record with its changes. When the file has grown, the
/// next commit begins a new file. The state on disk is that of the file with the highest number.
struct Manifest: ~Copyable {
  /// When a file is given up for a new one.
  struct Limits: Sendable {
    var sizeBytes = 1 << 20
    var recordCount = 1000
  }

  /// Why a commit did not happen, or may not have.
  struct Failure: Error {
    let error: SQLError
    /// The disk may or may not hold the commit, and asking again would not tell.
    let isAmbiguous: Bool
  }

  /// No catalogue's history comes near.
  private static let largestFileBytes = 1 << 30

  private(set) var state: DatabaseState
  private let directory: String
  private let disk: any Disk
  private let limits: Limits
  private var log: Log
  private var file: (any WritableFile)?
  /// False until this process has seen all that it read go to disk: what an earlier process left in
  /// the system's cache may be lost with the power, even after a good sync of what follows it.
  private var isDurable: Bool

  private struct Log {
    var name: String
    var lastHash: UInt64
    var recordCount: Int
    var sizeBytes: Int
    var firstRecordBytes: Int
    var mustRotate: Bool
  }
}

// MARK: - Opening

extension Manifest {
  /// Reads the present state; nil if `directory` holds no manifest.
  static func load(
    _ directory: String, _ disk: any Disk, _ limits: Limits = Limits()
  ) throws(SQLError) -> Manifest? {
    guard disk.kind(of: directory) == .directory else { return nil }
    guard let name = try disk.list(directory).last(where: { isPublished($0) }) else { return nil }
    let path = directory + "/" + name
    let source = try disk.open(path)
    guard source.sizeBytes <= largestFileBytes else {
      throw ManifestLog.damaged(path, 0, "the file has \(source.sizeBytes) bytes")
    }
    let read = try ManifestLog(source.read(at: 0, count: source.sizeBytes), path: path)
    return Manifest(directory, disk, limits, name, read)
  }

  private init(
    _ directory: String, _ disk: any Disk, _ limits: Limits, _ name: String, _ read: ManifestLog
  ) {
    self.directory = directory
    self.disk = disk
    self.limits = limits
    state = read.state
    isDurable = false
    log = Log(
      name: name, lastHash: read.lastHash, recordCount: read.recordCount,
      sizeBytes: read.sizeBytes, firstRecordBytes: read.firstRecordBytes,
      mustRotate: read.hasTornTail)
  }

  /// Begins the history of a new database in `directory`, which exists and is durable.
  static func create(_ directory: String, _ disk: any Disk) throws(SQLError) {
    do throws(Failure) {
      _ = try writeFile(directory, disk, DatabaseState(version: 1), previousHash: 0)
    } catch {
      throw error.error
    }
  }

  /// Names sort as their versions do.
  private static func name(_ version: UInt64) -> String {
    let digits = String(version)
    return String(repeating: "0", count: 20 - digits.count) + digits + ".manifest"
  }

  static func isPublished(_ name: String) -> Bool {
    name.hasSuffix(".manifest") && !name.hasPrefix("_")
  }
}

// MARK: - Committing

extension Manifest {
  /// Makes `next`, which is `changes` after the present state, the state on disk.
  mutating func commit(
    _ changes: [ManifestChange], _ next: DatabaseState
  ) throws(Failure) {
    if isTooLong || log.mustRotate || (!isDurable && log.recordCount > 1) {
      try rotate(to: next)
    } else {
      try makeDurable()
      try append(changes, next)
    }
    state = next
  }

  /// Makes sure that a power failure cannot take back the state that was read. To be called before
  /// any file that it does not mention is removed.
  mutating func makeDurable() throws(Failure) {
    if isDurable { return }
    if log.recordCount > 1 { return try rotate(to: state) }
    try Self.syncNames(directory, disk)
    isDurable = true
    removeOldFiles()
  }

  private var isTooLong: Bool {
    // A large catalogue's full state is larger than the limit itself.
    log.recordCount >= limits.recordCount
      || log.sizeBytes > max(limits.sizeBytes, log.firstRecordBytes * 2)
  }

  private mutating func append(
    _ changes: [ManifestChange], _ next: DatabaseState
  ) throws(Failure) {
    let record = ManifestRecord(
      version: next.version, previousHash: log.lastHash, contents: .delta(changes))
    let bytes = try Self.clean { () throws(SQLError) in try record.encoded() }
    do throws(SQLError) {
      if file == nil {
        file = try disk.append(to: directory + "/" + log.name, keeping: log.sizeBytes)
      }
      try bytes.withBytes { bytes throws(SQLError) in try file?.write(bytes) }
    } catch {
      // A part of the record may stand there; nothing is ever written behind it.
      log.mustRotate = true
      file = nil
      throw Failure(error: error, isAmbiguous: false)
    }
    do throws(SQLError) { try file?.sync() } catch {
      throw Failure(error: error, isAmbiguous: true)
    }
    log.recordCount += 1
    log.sizeBytes += bytes.count
    log.lastHash = ManifestRecord.hash(bytes)
  }

  /// Begins a new file with the full state `next`.
  private mutating func rotate(to next: DatabaseState) throws(Failure) {
    let written = try Self.writeFile(directory, disk, next, previousHash: log.lastHash)
    log = Log(
      name: Self.name(next.version), lastHash: written.hash, recordCount: 1,
      sizeBytes: written.sizeBytes, firstRecordBytes: written.sizeBytes, mustRotate: false)
    file = nil
    isDurable = true
    removeOldFiles()
  }

  /// Writes, syncs and publishes a file with one record.
  private static func writeFile(
    _ directory: String, _ disk: any Disk, _ state: DatabaseState, previousHash: UInt64
  ) throws(Failure) -> (hash: UInt64, sizeBytes: Int) {
    let record = ManifestRecord(
      version: state.version, previousHash: previousHash, contents: .full(state.tables, log: state.log))
    let bytes = try clean { () throws(SQLError) in try record.encoded() }
    let target = directory + "/" + name(state.version)
    let temporary = directory + "/_" + name(state.version)
    do throws(SQLError) {
      let file = try disk.create(temporary, replacing: true)
      try bytes.withBytes { bytes throws(SQLError) in try file.write(bytes) }
      try file.sync()
      try file.close()
    } catch {
      // The file was never seen by anybody: even a failed sync leaves nothing in doubt.
      try? disk.remove(temporary)
      throw Failure(error: error, isAmbiguous: false)
    }
    do throws(SQLError) { try disk.rename(temporary, to: target) } catch {
      // Over a network the rename may have happened although its answer was lost.
      throw Failure(error: error, isAmbiguous: error.state == .ioError)
    }
    try syncNames(directory, disk)
    return (ManifestRecord.hash(bytes), bytes.count)
  }

  /// Removes what an interrupted rotation left; what cannot be removed is tried again later.
  private func removeOldFiles() {
    guard let names = try? disk.list(directory) else { return }
    for name in names where name != log.name && (Self.isPublished(name) || name.hasPrefix("_")) {
      try? disk.remove(directory + "/" + name)
    }
  }

  private static func syncNames(_ directory: String, _ disk: any Disk) throws(Failure) {
    do throws(SQLError) { try disk.syncDirectory(directory) } catch {
      throw Failure(error: error, isAmbiguous: true)
    }
  }

  /// Errors of work that has not yet touched the disk.
  private static func clean<R>(_ body: () throws(SQLError) -> R) throws(Failure) -> R {
    do throws(SQLError) { return try body() } catch {
      throw Failure(error: error, isAmbiguous: false)
    }
  }
}
