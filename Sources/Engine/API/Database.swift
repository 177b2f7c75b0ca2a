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
  let memory: MemoryAccount
  let cache: ChunkCache
  let directory: DatabaseDirectory?
  private let processID: Int32
  private let tables: Mutex<[Table]>
  private let catalogVersion = Mutex<CatalogVersion?>(nil)
  private let isClosed = Atomic<Bool>(false)
  private let commitLock = Monitor()
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
      workerCount: options.workerCount ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    let limitBytes = options.memoryLimitBytes ?? Self.machineMemoryBytes / 4 * 3
    memory = MemoryAccount(limitBytes: limitBytes)
    let cacheBytes = options.cacheBytes ?? min(256 << 20, limitBytes / 6)
    cache = ChunkCache(budgetBytes: cacheBytes, within: memory)
    var found: [Table] = []
    switch location {
    case .memory:
      directory = nil
    case .directory(let path):
      let mode: DatabaseDirectory.Mode =
        options.isReadOnly ? .readOnly : options.createIfMissing ? .createIfMissing : .readWrite
      let directory = try DatabaseDirectory.open(path, disk: disk, mode: mode, random: random)
      do throws(SQLError) {
        for stored in directory.state.tables {
          found.append(try Self.open(stored, directory, cache, memory))
        }
      } catch {
        directory.close()
        throw error
      }
      self.directory = directory
    }
    tables = Mutex(found)
  }

  deinit { close() }

  public func makeSession(access: SessionAccess = .everything) -> Session {
    Session(database: self, access: access)
  }

  /// Waits for running queries to stop, joins all threads and releases the lock. Later calls fail.
  public func close() {
    guard !isClosed.exchange(true, ordering: .acquiringAndReleasing), getpid() == processID else {
      return
    }
    scheduler.shutdown()
    directory?.close()
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
      let made = CatalogVersion(own, functions: functions)
      known = made
      return made
    }
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
    var parts: [any TablePart] = []
    for segment in stored.segments {
      parts.append(try Segment(segment, of: stored, in: directory, cache: cache))
    }
    return Table(
      id: stored.id, schema: stored.schema, name: stored.name,
      columns: try stored.columnDefinitions, order: stored.order,
      description: stored.description, snapshot: TableSnapshot(parts: parts), memory: memory)
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
    try requireUnused(name, schema)
    // Rows in memory stay as they come: clustering is a matter of files.
    let kept = directory == nil ? TableOrder.none : order
    let table = Table(
      id: random.uuidText(), schema: schema, name: name,
      columns: Table.storedColumns(columns, order: kept), order: kept, description: description,
      snapshot: TableSnapshot(parts: []), memory: memory)
    return try appender(.newTable(table), table, context)
  }

  /// Starts adding rows to a table that exists.
  func append(to table: Table, context: QueryContext) throws(SQLError) -> TableAppender {
    try requireWritable()
    return try appender(.existing(table), table, context)
  }

  private func appender(
    _ purpose: TableAppender.Purpose, _ table: Table, _ context: QueryContext
  ) throws(SQLError) -> TableAppender {
    let destination: TableAppender.Destination
    if let directory {
      let stored = StoredTable(
        id: table.id, schema: table.schema, name: table.name, columns: table.columns,
        order: table.order, description: table.description)
      let loader = try TableLoader(directory, table: stored, query: context)
      destination = .stored(loader, stored)
    } else {
      destination = .memory(TableAppender.MemoryRows(memory))
    }
    return TableAppender(self, purpose: purpose, destination: destination, context: context)
  }

  func requireWritable() throws(SQLError) {
    try requireOpen()
    try directory?.requireWritable()
  }

  private func requireUnused(_ name: String, _ schema: String) throws(SQLError) {
    let folded = name.lowercased()
    let isUsed = tables.withLock { tables in
      tables.contains { $0.schema == schema && $0.name.lowercased() == folded }
    }
    if isUsed {
      throw SQLError(.duplicateTable, "table exists already: \"\(name)\"")
    }
  }

  /// Makes rows in memory visible.
  func commit(
    _ purpose: TableAppender.Purpose, _ rows: TableAppender.MemoryRows
  ) throws(SQLError) {
    try commitLock.locked { () throws(SQLError) in
      switch purpose {
      case .existing(let table): table.appending(rows.batches, rows.reservation)
      case .newTable(let table):
        try requireUnused(table.name, table.schema)
        table.appending(rows.batches, rows.reservation)
        tables.withLock { $0.append(table) }
      }
    }
  }

  /// Makes segments durable and visible.
  func commit(
    _ purpose: TableAppender.Purpose, _ stored: StoredTable, _ segments: [StoredSegment]
  ) throws(SQLError) {
    guard let directory else { return }
    try commitLock.locked { () throws(SQLError) in
      var changes: [ManifestChange] = []
      if case .newTable(let table) = purpose {
        try requireUnused(table.name, table.schema)
        changes.append(.createTable(stored))
      }
      changes += segments.map { .addSegment(tableID: stored.id, $0) }
      var parts: [any TablePart] = []
      for segment in segments {
        parts.append(try Segment(segment, of: stored, in: directory, cache: cache))
      }
      if !changes.isEmpty { _ = try directory.commit(changes) }
      publish(purpose, parts)
    }
  }

  private func publish(
    _ purpose: TableAppender.Purpose, _ parts: [any TablePart]
  ) {
    switch purpose {
    case .existing(let table): table.appending(parts)
    case .newTable(let table):
      table.appending(parts)
      tables.withLock { $0.append(table) }
    }
  }

  /// Drops tables; their files go when the last query that reads them ends.
  func drop(_ dropped: [Table]) throws(SQLError) {
    try requireWritable()
    try commitLock.locked { () throws(SQLError) in
      if let directory { _ = try directory.commit(dropped.map { .dropTable(id: $0.id) }) }
      tables.withLock { tables in
        tables.removeAll { table in dropped.contains { $0 === table } }
      }
    }
  }
}
