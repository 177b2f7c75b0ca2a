import Base
import Engine
import Testing
import Vectors

/// Several sessions: what each sees, who wins, and that memory of rows in the log stays bounded.
@Suite("Transactions of several sessions")
struct TransactionTests {
  private static func database(stored: Bool) throws -> Database {
    stored ? try Database.onDisk(SimDisk(seed: 11)) : try Database.inMemory(workers: 1)
  }

  private static func filled(stored: Bool) throws -> (Session, Session) {
    let database = try database(stored: stored)
    let (one, two) = (database.makeSession(), database.makeSession())
    try one.lines("CREATE TABLE t (a int)")
    try one.lines("INSERT INTO t VALUES (1), (2), (3)")
    return (one, two)
  }

  @Test("others see rows with the commit", arguments: [false, true])
  func visibility(stored: Bool) throws {
    let (one, two) = try Self.filled(stored: stored)
    try one.lines("BEGIN")
    #expect(one.transactionStatus == .inTransaction)
    try one.lines("INSERT INTO t VALUES (4)")
    try one.lines("DELETE FROM t WHERE a = 1")
    try one.lines("CREATE TABLE u AS SELECT a FROM t")
    #expect(try one.lines("SELECT a FROM t ORDER BY a") == ["2", "3", "4"])
    #expect(try two.lines("SELECT a FROM t ORDER BY a") == ["1", "2", "3"])
    #expect(two.failure("SELECT a FROM u")?.state == .undefinedTable)
    try two.lines("INSERT INTO t VALUES (5)")
    // Every statement sees what was committed when it began.
    #expect(try one.lines("SELECT a FROM t ORDER BY a") == ["2", "3", "4", "5"])
    try one.lines("COMMIT")
    #expect(one.transactionStatus == .idle)
    #expect(try two.lines("SELECT a FROM t ORDER BY a") == ["2", "3", "4", "5"])
    #expect(try two.lines("SELECT count(*) FROM u") == ["3"])
  }

  @Test("who deletes a row second fails as a whole", arguments: [false, true])
  func conflict(stored: Bool) throws {
    let (one, two) = try Self.filled(stored: stored)
    try one.lines("BEGIN")
    try one.lines("INSERT INTO t VALUES (4)")
    try one.lines("DELETE FROM t WHERE a = 1")
    #expect(try two.run("DELETE FROM t WHERE a < 3").affectedRowCount == 2)
    #expect(one.failure("COMMIT")?.state == .serializationFailure)
    #expect(one.transactionStatus == .idle)
    #expect(try one.lines("SELECT a FROM t") == ["3"])
  }

  @Test("rows that were moved meanwhile")
  func moved() throws {
    let (one, two) = try Self.filled(stored: true)
    try one.lines("BEGIN")
    try one.lines("DELETE FROM t WHERE a = 1")
    try two.lines("CHECKPOINT")
    #expect(one.failure("COMMIT")?.state == .serializationFailure)
    try one.lines("BEGIN")
    try one.lines("DELETE FROM t WHERE a = 1")
    try two.lines("INSERT INTO t VALUES (9)")
    try one.lines("COMMIT")
    #expect(try two.lines("SELECT a FROM t ORDER BY a") == ["2", "3", "9"])
  }

  @Test("a table that two make", arguments: [false, true])
  func sameName(stored: Bool) throws {
    let (one, two) = try Self.filled(stored: stored)
    try one.lines("BEGIN")
    try one.lines("CREATE TABLE u (a int)")
    try one.lines("INSERT INTO u VALUES (1)")
    try two.lines("CREATE TABLE u (b int)")
    #expect(one.failure("COMMIT")?.state == .duplicateTable)
    #expect(try two.lines("SELECT count(*) FROM u") == ["0"])
  }

  @Test("a stream that fails makes the transaction fail")
  func failingStream() throws {
    let (one, _) = try Self.filled(stored: false)
    try one.lines("BEGIN")
    let stream = try #require(
      try one.run("SELECT 1 / (a - 3) FROM t").stream)
    #expect(throws: SQLError.self) { _ = try stream.lines() }
    #expect(one.transactionStatus == .failed)
    #expect(one.failure("SELECT 1")?.state == .inFailedTransaction)
    #expect(try one.run("COMMIT").tag == "ROLLBACK")
  }

  @Test("rows stay in the order in which they came, however many come at once")
  func order() throws {
    let disk = SimDisk(seed: 12)
    let session = try Database.onDisk(disk, logRows: 50).makeSession()
    try session.lines("CREATE TABLE t (a int)")
    var expected: [String] = []
    for (start, count) in [(1, 3), (10, 100), (200, 1), (300, 60), (400, 2)] {
      try session.lines(
        "INSERT INTO t SELECT x FROM generate_series(\(start), \(start + count - 1)) AS s(x)")
      expected += (start..<start + count).map(String.init)
      #expect(try session.lines("SELECT a FROM t") == expected)
    }
    let reopened = try Database.onDisk(disk.reopened(.loseUnsynced)).makeSession()
    #expect(try reopened.lines("SELECT a FROM t") == expected)
  }

  @Test("read-only openings see what only the log has, and write nothing")
  func readOnly() throws {
    let disk = SimDisk(seed: 13)
    let session = try Database.onDisk(disk).makeSession()
    try session.lines("CREATE TABLE t (a int)")
    try session.lines("INSERT INTO t VALUES (1), (2)")
    try session.lines("DELETE FROM t WHERE a = 1")
    let copy = disk.reopened(.loseUnsynced)
    let before = copy.operationCount
    var options = DatabaseOptions()
    options.disk = copy
    options.isReadOnly = true
    let reader = try Database(.directory("d.zij"), options: options)
    #expect(try reader.makeSession().lines("SELECT a FROM t") == ["2"])
    #expect(reader.makeSession().failure("INSERT INTO t VALUES (3)")?.state == .readOnlyTransaction)
    reader.close()
    #expect(copy.operationCount == before)
  }

  @Test("a full disk takes no more rows and loses none")
  func fullDisk() throws {
    let disk = SimDisk(seed: 14)
    let session = try Database.onDisk(disk).makeSession()
    try session.lines("CREATE TABLE t (a int, b text)")
    try session.lines("INSERT INTO t VALUES (0, 'x')")
    disk.capacityBytes = disk.usedBytes + 1000
    let text = String(repeating: "y", count: 4000)
    var count = 1
    var failure: SQLError?
    while failure == nil, count < 1000 {
      failure = session.failure("INSERT INTO t VALUES (\(count), '\(text)')")
      if failure == nil { count += 1 }
    }
    #expect(failure?.state == .diskFull)
    #expect(try session.lines("SELECT count(*) FROM t") == ["\(count)"])
    disk.capacityBytes = .max
    try session.lines("INSERT INTO t VALUES (-1, 'z')")
    let reopened = try Database.onDisk(disk.reopened(.loseUnsynced)).makeSession()
    #expect(try reopened.lines("SELECT count(*), min(a) FROM t") == ["\(count + 1)|-1"])
  }

  @Test("inserts, deletions and compaction by many threads at once")
  func manyThreads() throws {
    let disk = SimDisk(seed: 15)
    var options = DatabaseOptions()
    options.disk = disk
    options.workerCount = 2
    options.tailLimitBytes = 20_000
    let database = try Database(.directory("d.zij"), options: options)
    try database.makeSession().lines("CREATE TABLE t (a int, b double precision) CLUSTER BY (b)")
    let threads = (0..<6).compactMap { number in
      WorkerThread(stackBytes: 8 << 20) {
        let session = database.makeSession()
        for index in 0..<60 {
          let row = number * 1000 + index
          _ = try? session.run("INSERT INTO t VALUES (\(row), \(index)), (\(-row - 1), \(index))")
          if index % 10 == 9 { _ = try? session.run("DELETE FROM t WHERE a = \(-row - 1)") }
          if index % 25 == 20 { _ = try? session.lines("SELECT count(*), sum(a) FROM t") }
        }
      }
    }
    for thread in threads { thread.join() }
    let expected = ["\(6 * 60 * 2 - 6 * 6)|\(6 * 60)"]
    let sql = "SELECT count(*), count(DISTINCT CASE WHEN a >= 0 THEN a END) FROM t"
    #expect(try database.makeSession().lines(sql) == expected)
    let left = disk.reopened(.loseUnsynced)
    #expect(try Database.onDisk(left).makeSession().lines(sql) == expected)
    database.close()
    let closed = try Database.onDisk(disk.reopened(.loseUnsynced)).makeSession()
    #expect(try closed.lines(sql) == expected)
    // Closing has brought everything into segments.
    #expect(try disk.list("d.zij/wal").isEmpty)
  }
}
