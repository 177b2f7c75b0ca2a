import Base
import Engine
import Testing
import Vectors

/// Bringing rows into segments: for the others, for open transactions, and where something is damaged.
@Suite("Compaction")
struct CompactionTests {
  private static func database(
    _ disk: SimDisk, logRows: Int? = nil, tailLimitBytes: Int? = nil, memoryLimitBytes: Int? = nil
  ) throws -> Database {
    var options = DatabaseOptions()
    if let logRows { options.logRows = logRows }
    options.workerCount = 1
    options.disk = disk
    options.tailLimitBytes = tailLimitBytes
    options.memoryLimitBytes = memoryLimitBytes
    return try Database(.directory("d.zij"), options: options)
  }

  private static func segments(_ session: Session, of table: String) throws -> Int {
    let sql = "SELECT count(*) FROM zij.segments WHERE table_name = '\(table)'"
    return Int(try session.line(sql)) ?? -1
  }

  @Test(
    "deleted rows never come back to the transaction that deleted them",
    arguments: ["UPDATE t SET x = 5 WHERE id = 1", "DELETE FROM t WHERE id = 1"])
  func movedRows(change: String) throws {
    let database = try Self.database(SimDisk(seed: 1))
    let (one, two) = (database.makeSession(), database.makeSession())
    for checkpoint in [one, two] {
      for next in ["SELECT * FROM t", "DELETE FROM t", "UPDATE t SET x = 9", "COMMIT"] {
        try one.lines("CREATE TABLE t (id int, x int)")
        try one.lines("INSERT INTO t VALUES (1, 1), (2, 1)")
        try one.lines("BEGIN")
        try one.lines(change)
        try two.lines("INSERT INTO t VALUES (3, 3)")
        try checkpoint.lines("CHECKPOINT")
        #expect(one.failure(next)?.state == .serializationFailure, "\(next)")
        try one.lines("ROLLBACK")
        #expect(try two.line("SELECT count(*) FROM t WHERE id = 1") == "1")
        try one.lines("DROP TABLE t")
      }
    }
    try one.lines("CREATE TABLE t (id int, x int)")
    try two.lines("INSERT INTO t VALUES (1, 1)")
    try one.lines("BEGIN")
    try one.lines("INSERT INTO t VALUES (4, 4)")
    try two.lines("CHECKPOINT")
    #expect(try one.line("SELECT count(*) FROM t WHERE id = 4") == "1")
    try one.lines("COMMIT")
  }

  @Test("rows that are not committed make nobody compact")
  func openTransaction() throws {
    let database = try Self.database(SimDisk(seed: 2), tailLimitBytes: 64 << 10)
    let (one, two) = (database.makeSession(), database.makeSession())
    try one.lines("CREATE TABLE t (id bigint)")
    try one.lines("CREATE TABLE u (id bigint)")
    try one.lines("BEGIN")
    for _ in 0..<4 { try one.lines("INSERT INTO t SELECT * FROM generate_series(1, 9000)") }
    for _ in 0..<5 { try two.lines("INSERT INTO u VALUES (1)") }
    #expect(try Self.segments(two, of: "u") == 0)
    try one.lines("COMMIT")
    for _ in 0..<5 { try two.lines("INSERT INTO u VALUES (1)") }
    #expect(try two.line("SELECT count(*) FROM u") == "10")
  }

  @Test("a damaged segment keeps no new rows out of segments")
  func damagedSegment() throws {
    let disk = SimDisk(seed: 3)
    var database = try Self.database(disk, logRows: 500)
    var session = database.makeSession()
    for table in ["a", "b"] {
      try session.lines("CREATE TABLE \(table) (id bigint)")
      try session.lines(
        "INSERT INTO \(table) SELECT x * x * x FROM generate_series(1, 600) AS s(x)")
    }
    let path = "d.zij/" + (try session.line("SELECT path FROM zij.segments WHERE table_name = 'a'"))
    database.close()
    var bytes = try #require(disk.contents(of: path))
    for offset in 20..<200 { bytes[offset] ^= 0x5A }
    disk.place(bytes, at: path)
    database = try Self.database(disk, logRows: 500)
    session = database.makeSession()
    #expect(session.failure("SELECT sum(id) FROM a")?.state == .dataCorrupted)
    for table in ["a", "b"] {
      try session.lines("INSERT INTO \(table) SELECT * FROM generate_series(1, 400)")
    }
    try session.lines("CHECKPOINT")
    #expect(try Self.segments(session, of: "a") == 2)
    #expect(try Self.segments(session, of: "b") == 1)
    #expect(try session.line("SELECT count(*) FROM b") == "1000")
  }

  @Test("a table that cannot be compacted keeps none of the others from it")
  func failingTable() throws {
    let disk = SimDisk(seed: 4)
    let database = try Self.database(disk)
    let session = database.makeSession()
    for table in ["a", "b"] {
      try session.lines("CREATE TABLE \(table) (id bigint)")
      try session.lines("INSERT INTO \(table) VALUES (1), (2)")
    }
    disk.failOperation(disk.operationCount + 1, .noSpace)
    #expect(session.failure("CHECKPOINT")?.state == .diskFull)
    #expect(try Self.segments(session, of: "a") == 0)
    #expect(try Self.segments(session, of: "b") == 1)
    try session.lines("CHECKPOINT")
    #expect(try Self.segments(session, of: "a") == 1)
  }

  @Test("many small segments become few, and their rows stay in order", arguments: [10, 64])
  func smallSegments(count: Int) throws {
    let disk = SimDisk(seed: 5)
    let database = try Self.database(disk, logRows: 4)
    let session = database.makeSession()
    try session.lines("CREATE TABLE t (id bigint)")
    for first in 0..<count {
      try session.lines(
        "INSERT INTO t SELECT * FROM generate_series(\(first * 5), \(first * 5 + 4))")
    }
    try session.lines("CHECKPOINT")
    #expect(try Self.segments(session, of: "t") <= 15)
    #expect(try session.lines("SELECT id FROM t") == (0..<count * 5).map(String.init))
    database.close()
    let again = try Self.database(disk.reopened(.loseUnsynced)).makeSession()
    #expect(try again.lines("SELECT id FROM t") == (0..<count * 5).map(String.init))
  }

  @Test("rolling back to a savepoint gives the memory of its rows back")
  func savepoints() throws {
    let database = try Self.database(SimDisk(seed: 6), memoryLimitBytes: 8 << 20)
    let session = database.makeSession()
    try session.lines("CREATE TABLE t (a bigint, b bigint, c bigint, d bigint)")
    try session.lines("BEGIN")
    try session.lines("INSERT INTO t VALUES (1, 1, 1, 1)")
    try session.lines("SAVEPOINT s")
    for _ in 0..<40 {
      try session.lines("INSERT INTO t SELECT x, x, x, x FROM generate_series(1, 9000) AS s(x)")
      try session.lines("ROLLBACK TO s")
    }
    try session.lines("COMMIT")
    #expect(try session.line("SELECT sum(a + b + c + d) FROM t") == "4")
  }

  @Test("rows that are gone from a table in memory give their memory back")
  func rowsInMemory() throws {
    let session = try Database.inMemory(memoryLimitBytes: 8 << 20).makeSession()
    try session.lines("CREATE TABLE t (id bigint, b double precision)")
    for _ in 0..<6 {
      try session.lines("INSERT INTO t SELECT x, x FROM generate_series(1, 150000) AS s(x)")
      try session.lines("TRUNCATE t")
    }
    try session.lines("INSERT INTO t SELECT x, x FROM generate_series(1, 50000) AS s(x)")
    for round in 1...24 {
      // Each row moves behind the others, a sixth of them at a time.
      try session.lines("UPDATE t SET b = \(round) WHERE id % 6 = \(round % 6)")
      #expect(try session.line("SELECT count(*), sum(id) FROM t") == "50000|1250025000")
    }
    try session.lines("DELETE FROM t WHERE id % 10 <> 0")
    #expect(try session.line("SELECT count(*), sum(id), sum(b) FROM t") == "5000|125025000|109998")
  }

  @Test("a database whose log needs more memory than there is opens and gives it back")
  func largeLog() throws {
    let disk = SimDisk(seed: 7)
    let database = try Self.database(disk)
    let session = database.makeSession()
    try session.lines("CREATE TABLE t (a bigint, b bigint, c bigint, d bigint)")
    for _ in 0..<8 {
      try session.lines("INSERT INTO t SELECT x, x, x, x FROM generate_series(1, 9000) AS s(x)")
    }
    let small = try Self.database(disk.reopened(.keepAll), memoryLimitBytes: 2 << 20)
    let later = small.makeSession()
    #expect(try later.line("SELECT count(*) FROM t") == "72000")
    try later.lines("INSERT INTO t VALUES (1, 1, 1, 1)")
    withExtendedLifetime(database) {}
  }

  @Test("savepoints are not without number")
  func manySavepoints() throws {
    let session = try Database.inMemory().makeSession()
    try session.lines("BEGIN")
    for _ in 0..<10_000 { try session.lines("SAVEPOINT s") }
    #expect(session.failure("SAVEPOINT s")?.state == .programLimitExceeded)
    try session.lines("ROLLBACK TO s")
    try session.lines("RELEASE s")
    try session.lines("SAVEPOINT s")
  }
}
