import Base
import Catalog
import FunctionKit
import Functions
import Glibc
import Scheduling
import Storage
import Synchronization
import Vectors

/// An open database. Any number of sessions may use it from any threads.
///
/// After a fork the child's handle answers every call with an error: its threads stayed behind.
public final class Database: Sendable {
  public let location: DatabaseLocation
  public let functions: FunctionSet
  public let options: DatabaseOptions
  let disk: any Disk
  let scheduler: Scheduler
  /// What everything that is asked takes, against the limit of all together.
  public let memory: MemoryAccount
  let cache: ChunkCache
  let directory: DatabaseDirectory?
  private let processID: Int32
  private let tables: Mutex<[Table]>
  private let catalogVersion = Mutex<CatalogVersion?>(nil)
  private let isClosed = Atomic<Bool>(false)
  /// Held by every commit that does more than add rows through the log.
  let commitLock = Monitor()
  /// Held for moments while several tables change at once, and while several are looked at.
  let visibility = Monitor()
  let committer: LogCommitter
  /// Nil for a database in memory.
  let log: WriteAheadLog<LogCommit>?
  /// Of rows that are in no segment.
  let tailMemory: MemoryAccount
  /// Bytes of tails beyond which they are compacted.
  let tailLimitBytes: Int
  let compactor = BackgroundWorker()
  private let random: any RandomSource

  /// Opens or creates a database. Threads start with the first query.
  ///
  /// Throws `.objectInUse` if another process has it open, `.undefinedFile` if there is none and it
  /// may not be created, `.dataCorrupted` for a damaged one.
  public init(_ location: DatabaseLocation, options: DatabaseOptions = DatabaseOptions())
    throws(SQLError)
  {
    self.location = location
    self.options = options
    functions = BuiltInFunctions.all
    disk = options.disk ?? PosixDisk()
    random = options.random ?? SystemRandom()
    processID = getpid()
    scheduler = Scheduler(
      workerCount: options.workerCount ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))),
      isPreemptive: options.isPreemptive)
    let limitBytes = options.memoryLimitBytes ?? Self.machineMemoryBytes / 4 * 3
    memory = MemoryAccount(limitBytes: limitBytes)
    let cacheBytes = options.cacheBytes ?? min(256 << 20, limitBytes / 6)
    cache = ChunkCache(budgetBytes: cacheBytes, within: memory)
    tailMemory = MemoryAccount(parent: memory)
    tailLimitBytes = options.tailLimitBytes ?? min(64 << 20, limitBytes / 16)
    let committer = LogCommitter(visibility: visibility)
    self.committer = committer
    var found: [Table] = []
    switch location {
    case .memory:
      directory = nil
      log = nil
    case .directory(let path):
      let mode: DatabaseDirectory.Mode =
        options.isReadOnly ? .readOnly : options.createIfMissing ? .createIfMissing : .readWrite
      let directory = try DatabaseDirectory.open(
        path, disk: disk, mode: mode, random: random,
        holder: ProcessIdentity.text(program: options.programName))
      // What was committed comes back even if it would not fit any more.
      memory.setLimit(.max)
      do throws(SQLError) {
        for stored in directory.state.tables {
          found.append(try Self.open(stored, directory, cache, tailMemory))
        }
        log = try Self.openLog(directory, found, committer)
      } catch {
        directory.close()
        throw error
      }
      self.directory = directory
    }
    tables = Mutex(found)
    boundReplayedTails(limitBytes)
  }

  /// Brings rows that came back from the log into segments if they leave queries too little memory.
  private func boundReplayedTails(_ limitBytes: Int) {
    if tailMemory.usedBytes > limitBytes / 2 { try? compact() }
    memory.setLimit(limitBytes)
  }

  deinit { close() }

  public func makeSession(access: SessionAccess = .everything) -> Session {
    Session(database: self, access: access)
  }

  /// How long interactive queries waited for their first core.
  public var startDelays: StartDelays { scheduler.startDelays }

  /// Waits for running queries to stop, joins all threads and releases the lock. Later calls fail.
  public func close() {
    guard getpid() == processID else { return }
    compactor.stop()
    if !isClosed.load(ordering: .relaxed) {
      // What cannot be compacted now stays in the log.
      try? compact()
    }
    let isFirst = commitLock.locked {
      guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return false }
      log?.retire { ownTables.contains(where: \.hasUnsaved) }
      return true
    }
    guard isFirst else { return }
    let (scheduler, directory) = (scheduler, directory)
    let finish: @Sendable () -> Void = {
      scheduler.shutdown()
      directory?.close()
    }
    // A query's end may let go of the database last, on a worker.
    if scheduler.isOnWorker, let closing = WorkerThread(finish) { return closing.detach() }
    finish()
  }

  /// Tables as of now, virtual ones included.
  public func catalog() throws(SQLError) -> CatalogSnapshot {
    try requireOpen()
    return currentCatalog().snapshot
  }

  /// The tables of now and the system tables that describe them, made anew when tables change.
  func currentCatalog() -> CatalogVersion {
    let own = tables.withLock { $0 }
    return catalogVersion.withLock { known in
      if let known, known.isOf(own) { return known }
      let made = CatalogVersion(own, functions: functions, directory: directory)
      known = made
      return made
    }
  }

  /// The same as a transaction sees it.
  func currentCatalog(with changes: ChangeSet) -> CatalogVersion {
    if changes.created.isEmpty, changes.dropped.isEmpty {
      return currentCatalog().with(changes.tables)
    }
    let own = ownTables.filter { table in !changes.dropped.contains { $0 === table } }
    return CatalogVersion(own + changes.created, functions: functions, directory: directory)
      .with(changes.tables)
  }

  /// A folder whose files are removed when the database is opened again; nil in memory, and where
  /// nothing may be written.
  public var temporaryFolder: String? {
    guard let directory, !options.isReadOnly else { return nil }
    return directory.absolute("temp")
  }

  func requireOpen() throws(SQLError) {
    guard getpid() == processID else {
      throw SQLError(
        .adminShutdown, "the database was opened by another process",
        hint: "Open it again after fork().")
    }
    guard !isClosed.load(ordering: .relaxed) else {
      throw SQLError(.adminShutdown, "the database is closed")
    }
  }

  private static let machineMemoryBytes: Int = {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let size = sysconf(Int32(_SC_PAGESIZE))
    return pages > 0 && size > 0 ? Int(pages) * Int(size) : 8 << 30
  }()

  private static func open(
    _ stored: StoredTable, _ directory: DatabaseDirectory, _ cache: ChunkCache,
    _ memory: MemoryAccount
  ) throws(SQLError) -> Table {
    var parts: [Table.StoredPart] = []
    for segment in stored.segments {
      parts.append(
        Table.StoredPart(
          segment, try Segment(segment, of: stored, in: directory, cache: cache),
          mask: try directory.readMask(of: segment)))
    }
    return Table(
      id: stored.id, schema: stored.schema, name: stored.name,
      columns: try stored.columnDefinitions, order: stored.order,
      description: stored.description, parts: parts, appliedLSN: stored.appliedLSN, memory: memory)
  }

  /// Opens the log and brings back what tables do not have in segments yet.
  private static func openLog(
    _ directory: DatabaseDirectory, _ tables: [Table], _ committer: LogCommitter
  ) throws(SQLError) -> WriteAheadLog<LogCommit> {
    var replay = try LogReplay(tables, directory.state)
    return try WriteAheadLog(
      directory,
      encode: { (commit, out) throws(SQLError) in try committer.encode(commit, into: &out) },
      publish: { commits, lsn in committer.publish(commits, lsn: lsn) },
      types: { id in replay.visibleTypes(ofTable: id) },
      body: { (record, lsn) throws(SQLError) in try replay.apply(record, lsn) })
  }

  // MARK: changing tables

  /// Starts adding rows to a new table, which appears with `commit`; see `TableAppender`.
  ///
  /// `order: .sky` stores the rows by HEALPix cell, so that cone searches read few of them.
  public func createTable(
    _ name: String, schema: String = CatalogSnapshot.defaultSchema, columns: [ColumnDefinition],
    order: TableOrder = .none, description: String? = nil
  ) throws(SQLError) -> TableAppender {
    try createTable(
      name, schema: schema, columns: columns, order: order, description: description,
      context: QueryContext(
        memory: MemoryAccount(parent: memory), preemption: scheduler, team: scheduler))
  }

  func createTable(
    _ name: String, schema: String, columns: [ColumnDefinition], order: TableOrder,
    description: String?, context: QueryContext
  ) throws(SQLError) -> TableAppender {
    try requireWritable()
    try Table.validate(columns, order: order)
    // Rows in memory stay as they come: clustering is a matter of files.
    let kept = directory == nil ? TableOrder.none : order
    let table = Table(
      id: random.uuidText(), schema: schema, name: name,
      columns: Table.storedColumns(columns, order: kept), order: kept, description: description,
      memory: tailMemory)
    return try TableAppender(self, table, isNew: true, context)
  }

  /// Starts adding rows to a table that exists.
  func append(to table: Table, context: QueryContext) throws(SQLError) -> TableAppender {
    try requireWritable()
    return try TableAppender(self, table, isNew: false, context)
  }

  func requireWritable() throws(SQLError) {
    try requireOpen()
    try directory?.requireWritable()
  }

  /// All tables that are stored here, in the order in which they were made.
  var ownTables: [Table] { tables.withLock { $0 } }

  /// Files of dropped tables go when the last query that reads them ends.
  func change(created: [Table], dropped: [Table]) {
    if created.isEmpty, dropped.isEmpty { return }
    tables.withLock { tables in
      tables.removeAll { table in dropped.contains { $0 === table } }
      tables += created
    }
  }
}
