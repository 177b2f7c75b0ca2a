import Base
import Synchronization
import Vectors

/// Makes commits durable, many with one sync: whoever finds nobody writing writes the commits of all
/// who wait, as one block, and shows them to readers in the order of the log.
///
/// `Commit` is what the caller makes durable. All methods may be called from any thread.
public final class WriteAheadLog<Commit: AnyObject & Sendable>: @unchecked Sendable {
  private static var groupBytes: Int { 4 << 20 }

  private let directory: DatabaseDirectory
  private let encode: @Sendable (Commit, inout ByteWriter) throws(SQLError) -> Void
  private let publish: @Sendable ([Commit], UInt64) -> Void
  private let lock = Monitor()
  /// Under `lock`.
  private var queue: [Ticket] = []
  private var isWriting = false
  /// Belong to the one who writes.
  private var files: LogFiles?
  private var out = ByteWriter(capacity: 1 << 16)
  private var isRetired = false
  private let size = Atomic<Int>(0)
  private let firstLSN: UInt64

  private final class Ticket {
    let commit: Commit
    var isDone = false
    var failure: SQLError?

    init(_ commit: Commit) { self.commit = commit }
  }

  /// `encode` writes a commit as a `LogRecord`; it is called in the order of the log, and `publish`
  /// with those that became durable before `encode` is called again.
  ///
  /// Reads what is in the log; `body` gets every commit, in order. The log's files are made with the
  /// first commit.
  public init(
    _ directory: DatabaseDirectory,
    encode: @escaping @Sendable (Commit, inout ByteWriter) throws(SQLError) -> Void,
    publish: @escaping @Sendable ([Commit], UInt64) -> Void,
    types: (String) throws(SQLError) -> [LogicalType]?,
    body: (LogRecord, UInt64) throws(SQLError) -> Void
  ) throws(SQLError) {
    self.directory = directory
    self.encode = encode
    self.publish = publish
    let applied = directory.state.tables.map(\.appliedLSN).max() ?? 0
    firstLSN = applied + 1
    guard let start = directory.state.log else {
      if directory.readOnlyReason == nil { directory.sweepLog(keeping: nil) }
      return
    }
    let reader = LogReader(folder: directory.absolute("wal"), disk: directory.disk, start: start)
    let end = try reader.read { (lsn, commitCount, payload) throws(SQLError) in
      var reader = ByteReader(payload)
      for _ in 0..<commitCount { try body(LogRecord(&reader, types: types), lsn) }
      guard reader.isAtEnd else { throw reader.corrupt("bytes behind the commits of a block") }
    }
    guard directory.readOnlyReason == nil else { return }
    // A log that the manifest forgets when the power fails would be no log.
    try directory.makeDurable()
    directory.sweepLog(keeping: start.firstFile...(end.files.last?.number ?? start.firstFile))
    let files = try LogFiles(directory, end)
    size.store(files.sizeBytes, ordering: .relaxed)
    self.files = files
  }

  /// Bytes of the log's files.
  public var sizeBytes: Int { size.load(ordering: .relaxed) }

  /// Makes a commit durable and shows it to readers. After an error neither has happened, unless the
  /// disk failed in a sync: then the database is read-only, and the next opening may find the commit.
  public func commit(_ commit: Commit) throws(SQLError) {
    let ticket = Ticket(commit)
    lock.lock()
    queue.append(ticket)
    while !ticket.isDone {
      if isWriting {
        lock.wait()
        continue
      }
      isWriting = true
      let group = queue
      queue = []
      lock.unlock()
      let (count, failures) = write(group)
      lock.lock()
      for (index, ticket) in group.prefix(count).enumerated() {
        ticket.isDone = true
        ticket.failure = failures[index]
      }
      queue.insert(contentsOf: group.dropFirst(count), at: 0)
      isWriting = false
      lock.notifyAll()
    }
    lock.unlock()
    if let failure = ticket.failure { throw failure }
  }

  /// Writes the first tickets of a group; returns how many, and how each ended.
  private func write(_ group: [Ticket]) -> (count: Int, failures: [SQLError?]) {
    var failures: [SQLError?] = []
    var commits: [Commit] = []
    LogFiles.begin(&out)
    for ticket in group where out.count < Self.groupBytes {
      let start = out.count
      do throws(SQLError) {
        if isRetired { throw SQLError(.adminShutdown, "the database is closed") }
        try directory.requireWritable()
        try encode(ticket.commit, &out)
        commits.append(ticket.commit)
        failures.append(nil)
      } catch {
        out.truncate(to: start)
        failures.append(error)
      }
    }
    if commits.isEmpty {
      publish([], 0)
      return (failures.count, failures)
    }
    do throws(Manifest.Failure) {
      let files = try openFiles()
      let lsn = files.nextLSN
      try files.write(&out, commitCount: commits.count)
      publish(commits, lsn)
      size.store(files.sizeBytes, ordering: .relaxed)
    } catch {
      let error = directory.refused(error)
      publish([], 0)
      failures = failures.map { $0 ?? error }
    }
    return (failures.count, failures)
  }

  private func openFiles() throws(Manifest.Failure) -> LogFiles {
    if let files { return files }
    let new = try LogFiles(new: directory, firstLSN: firstLSN)
    do throws(SQLError) {
      try directory.commit([.setLog(LogStart(identity: new.identity, firstFile: 1))])
    } catch {
      throw Manifest.Failure(error: error, isAmbiguous: false)
    }
    files = new
    return new
  }

  // MARK: Giving files back

  private func whileNobodyWrites<Result>(_ body: () -> Result) -> Result {
    lock.lock()
    while isWriting { lock.wait() }
    isWriting = true
    lock.unlock()
    defer {
      lock.locked {
        isWriting = false
        lock.notifyAll()
      }
    }
    return body()
  }

  /// Where the log has to begin so that it holds everything from the LSN that `oldest` gives on; nil
  /// stands for what is still to come. Nil if it begins there already. To be committed, and then to be
  /// told to `releaseFiles`.
  public func start(keeping oldest: () -> UInt64?) -> LogStart? {
    whileNobodyWrites {
      guard let files, let first = files.files.first else { return nil }
      let needed = oldest() ?? files.nextLSN
      let start = files.files.last { $0.firstLSN <= needed } ?? first
      if start.number == first.number { return nil }
      return LogStart(identity: files.identity, firstFile: start.number)
    }
  }

  /// Removes the files before a beginning that has been committed.
  public func releaseFiles(before start: LogStart) {
    whileNobodyWrites {
      files?.removeFiles(before: start.firstFile)
      size.store(files?.sizeBytes ?? 0, ordering: .relaxed)
    }
  }

  /// Ends the log: nobody can commit any more. Its files go unless `isNeeded`.
  public func retire(unless isNeeded: () -> Bool) {
    whileNobodyWrites {
      isRetired = true
      guard let files, !isNeeded() else { return }
      guard (try? directory.commit([.setLog(nil)])) != nil else { return }
      files.removeFiles(before: .max)
    }
  }
}
