import Base
import Synchronization

/// A database on disk: its files, its lock, and the one place where a commit happens.
///
///     name.zij/
///       LOCK                        who writes
///       manifest/<version>.manifest the catalogue's history
///       tables/<uuid>/<seq>-<uuid>.orc
///       temp/                       spilled data; of no use after the next start
///
/// Files and folders with a leading `_` are not published. One process may write, or many may read.
/// All methods may be called from any thread; commits happen one after another.
public final class DatabaseDirectory: Sendable {
  public enum Mode: Sendable {
    case readWrite, readOnly
    /// As `readWrite`; makes a database where there is none.
    case createIfMissing
  }

  public let path: String
  public let disk: any Disk
  let random: any RandomSource
  private let lock: any FileLock
  /// Held while a commit does its I/O; readers never take it.
  let writer: Mutex<Writer>
  /// Held for moments only.
  let shared: Mutex<Shared>

  struct Writer: ~Copyable {
    var manifest: Manifest
    var lastSequence: Int
    /// Table folders whose names this process has made durable.
    var tableFolders: Set<String> = []
  }

  struct Shared {
    var state: DatabaseState
    var readOnlyReason: SQLError?
    var isClosed = false
    var pinCounts: [UInt64: Int] = [:]
    var condemned: [CondemnedFile] = []
  }

  /// A file that versions before `version` refer to.
  struct CondemnedFile: Sendable {
    let path: String
    let version: UInt64
  }

  init(
    _ path: String, _ disk: any Disk, _ random: any RandomSource, _ lock: any FileLock,
    _ manifest: consuming Manifest, readOnlyReason: SQLError?
  ) {
    let state = manifest.state
    self.path = path
    self.disk = disk
    self.random = random
    self.lock = lock
    shared = Mutex(Shared(state: state, readOnlyReason: readOnlyReason))
    writer = Mutex(
      Writer(manifest: manifest, lastSequence: SegmentPath.highestSequence(in: state)))
  }

  deinit { close() }

  /// Gives the lock back; later commits fail. Files that pins still refer to stay for the next
  /// start to remove.
  public func close() {
    shared.withLock { $0.isClosed = true }
    // Not in the midst of a commit of another thread.
    writer.withLock { _ in lock.release() }
  }
}

// MARK: - State

extension DatabaseDirectory {
  /// The last committed state. Its files may go at any time; pin it to read them.
  public var state: DatabaseState { shared.withLock { $0.state } }

  /// The last committed state, whose files stay until the pin is gone.
  public func pin() -> PinnedState {
    let state = shared.withLock { shared in
      shared.pinCounts[shared.state.version, default: 0] += 1
      return shared.state
    }
    return PinnedState(state, self)
  }

  /// Why nothing can be written, or nil.
  public var readOnlyReason: SQLError? { shared.withLock { $0.readOnlyReason } }

  public func requireWritable() throws(SQLError) {
    let (reason, isClosed) = shared.withLock { ($0.readOnlyReason, $0.isClosed) }
    if isClosed { throw SQLError(.objectInUse, "database is closed: \"\(path)\"") }
    if let reason { throw reason }
  }
}

// MARK: - Writing

extension DatabaseDirectory {
  /// Makes `changes` as a whole, or not at all. When it returns, they survive a power failure.
  ///
  /// After an error the state is as before. If the disk failed while syncing, nobody can tell what
  /// it holds: the database turns read-only until it is opened again, and the commit may then be
  /// there or not.
  @discardableResult
  public func commit(_ changes: [ManifestChange]) throws(SQLError) -> DatabaseState {
    try requireWritable()
    if changes.isEmpty { return state }
    let next = try writer.withLock { writer throws(SQLError) in
      try requireWritable()
      let before = writer.manifest.state
      let next = try before.applying(changes)
      do throws(Manifest.Failure) {
        try writer.manifest.commit(changes, next)
      } catch {
        throw refused(error)
      }
      let gone = CondemnedFile.between(before, next)
      shared.withLock { shared in
        shared.state = next
        shared.condemned += gone
      }
      return next
    }
    removeCondemned()
    return next
  }

  /// Names for a new segment of a table, in a folder that exists.
  public func newSegmentPath(tableID: String) throws(SQLError) -> SegmentPath {
    try requireWritable()
    return try writer.withLock { writer throws(SQLError) in
      if !writer.tableFolders.contains(tableID) {
        try disk.createDirectory(absolute("tables/" + tableID))
        // Even if it was there: the process that made it may not have come to syncing.
        try syncNames("tables")
        writer.tableFolders.insert(tableID)
      }
      writer.lastSequence += 1
      return SegmentPath(
        tableID: tableID, sequence: writer.lastSequence, id: random.uuidText())
    }
  }

  /// Gives a segment, whose contents are synced, its final name. It belongs to the table once a
  /// commit says so.
  public func publish(_ segment: SegmentPath) throws(SQLError) {
    try requireWritable()
    try disk.rename(absolute(segment.temporary), to: absolute(segment.final))
    try syncNames(segment.folder)
  }

  /// A name for scratch data, absolute; the file is gone at the next start at the latest.
  public func newTemporaryPath() -> String { absolute("temp/" + random.uuidText()) }

  /// The disk's name for a path relative to the database.
  public func absolute(_ relative: String) -> String { path + "/" + relative }

  /// Makes sure that a power failure cannot take back the state that was found at the start.
  func makeDurable() throws(SQLError) {
    try writer.withLock { writer throws(SQLError) in
      do throws(Manifest.Failure) { try writer.manifest.makeDurable() } catch {
        throw refused(error)
      }
    }
  }

  private func syncNames(_ folder: String) throws(SQLError) {
    do throws(SQLError) { try disk.syncDirectory(absolute(folder)) } catch {
      throw refused(Manifest.Failure(error: error, isAmbiguous: true))
    }
  }

  /// The error to report; after an ambiguous one nothing is written any more.
  func refused(_ failure: Manifest.Failure) -> SQLError {
    guard failure.isAmbiguous else { return failure.error }
    let reason = SQLError(
      .readOnlyTransaction, "database is read-only since a write failed: \(failure.error.message)",
      hint: "Look after the disk, then open the database again.")
    shared.withLock { $0.readOnlyReason = $0.readOnlyReason ?? reason }
    return failure.error
  }
}
