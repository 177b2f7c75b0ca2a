import Base
import Engine
import Testing
import Vectors

/// Memory that outlives a query or hides in its text is charged, and comes back.
@Suite("Memory accounts")
struct MemoryTests {
  @Test("rows of a table in memory are charged to the database until the table goes")
  func tablesInMemory() throws {
    let database = try Database.inMemory(memoryLimitBytes: 8 << 20)
    let session = database.makeSession()
    _ = try session.run("CREATE TABLE t (a bigint, b double precision)")
    let insert = "INSERT INTO t SELECT i, i / 2.0 FROM generate_series(1, 200000) AS s(i)"
    // 3.2 MB fit twice and not a third time.
    for _ in 0..<2 { _ = try session.run(insert) }
    #expect(session.failure(insert)?.state == .outOfMemory)
    #expect(try session.line("SELECT count(*) FROM t") == "400000")
    #expect(session.failure(insert)?.state == .outOfMemory)
    _ = try session.run("DROP TABLE t")
    _ = try session.run("CREATE TABLE t (a bigint, b double precision)")
    for _ in 0..<2 { _ = try session.run(insert) }
    #expect(try session.line("SELECT count(*) FROM t") == "400000")
  }

  @Test("so are rows that single statements add one by one")
  func singleRows() throws {
    let database = try Database.inMemory(memoryLimitBytes: 1 << 20)
    let session = database.makeSession()
    _ = try session.run("CREATE TABLE t (a text)")
    let word = String(repeating: "x", count: 100_000)
    var inserted = 0
    while inserted < 100, session.failure("INSERT INTO t VALUES ('\(word)')") == nil {
      inserted += 1
    }
    #expect((1...10).contains(inserted))
    #expect(try session.line("SELECT count(*) FROM t") == "\(inserted)")
  }

  @Test("the set of an IN list is charged to its query")
  func inLists() throws {
    let session = try Database.inMemory().makeSession()
    let list = (0..<50_000).map(String.init).joined(separator: ", ")
    let query = "SELECT count(*) FROM generate_series(1, 10) AS s(i) WHERE i IN (\(list))"
    #expect(try session.line(query) == "10")
    _ = try session.run("SET memory_limit = '256kB'")
    #expect(session.failure(query)?.state == .outOfMemory)
    _ = try session.run("RESET memory_limit")
    #expect(try session.line(query) == "10")
  }
}
