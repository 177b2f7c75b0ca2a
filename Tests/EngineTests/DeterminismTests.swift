import Base
import Engine
import Testing

/// The same bits for any number of workers, however often.
@Suite("Results do not depend on the number of workers")
struct DeterminismTests {
  static let queries = [
    "SELECT sum(v), avg(v), stddev(v), min(v), max(v) FROM t",
    "SELECT g, sum(v), avg(v), count(DISTINCT id % 7) FROM t GROUP BY g",
    "SELECT id % 2011, sum(v) FROM t GROUP BY id % 2011",
    "SELECT g, sum(v) FILTER (WHERE id % 3 = 0), count(*) FROM t WHERE v > 0 GROUP BY g",
    "SELECT id, v FROM t WHERE id % 1001 = 5",
    "SELECT id FROM t WHERE v > 0.9 LIMIT 700",
    "SELECT id FROM t WHERE v > 0.9 LIMIT 50 OFFSET 3000",
    "SELECT DISTINCT g FROM t",
    "SELECT DISTINCT id % 4099 FROM t LIMIT 9",
    "SELECT g, id FROM t ORDER BY g LIMIT 40",
    "SELECT g, v FROM t ORDER BY g DESC NULLS LAST, id % 100 LIMIT 1500",
    "SELECT a.id, b.v FROM t a JOIN t b ON a.id = b.id + 1 WHERE a.id % 997 = 3",
    "SELECT count(*), sum(a.v * b.v) FROM t a LEFT JOIN t b ON a.id = b.id * 2",
    "SELECT sum(v) FROM (SELECT v FROM t ORDER BY v LIMIT 15000) AS s",
    "SELECT sum(v) FROM (SELECT v FROM t LIMIT 30000 OFFSET 20000) AS s",
    "SELECT sum(w) FROM (SELECT sum(v) OVER (PARTITION BY g ORDER BY id ROWS 99 PRECEDING) AS w FROM t) AS s",
    "SELECT id, rank() OVER (PARTITION BY g ORDER BY id % 100) FROM t LIMIT 3000",
    "SELECT id, avg(v) OVER (PARTITION BY id % 5003) FROM t LIMIT 3000",
    "SELECT g, array_agg(id) FROM t WHERE id % 5000 = 1 GROUP BY g",
  ]

  /// Rows with NULLs, many groups and sums that depend on their order.
  private static func fill(_ database: Database, parts: Int, rowsPerPart: Int) throws {
    let session = database.makeSession()
    for part in 0..<parts {
      let rows = """
        SELECT x AS id, CASE WHEN x % 11 <> 0 THEN 'g' || CAST(x * 31 % 13 AS text) END AS g,
          sin(x) * 1000 AS v
        FROM generate_series(\(part * rowsPerPart), \((part + 1) * rowsPerPart - 1)) AS s(x)
        """
      try session.lines(part == 0 ? "CREATE TABLE t AS " + rows : "INSERT INTO t " + rows)
    }
  }

  private static func answers(_ database: Database) -> [[String]] {
    let session = database.makeSession()
    return queries.map { query in
      do throws(SQLError) { return try session.lines(query) } catch { return ["\(error)"] }
    }
  }

  private func expectSame(_ golden: [[String]], _ other: [[String]], _ what: String) {
    for (index, query) in Self.queries.enumerated() {
      #expect(!golden[index].isEmpty && !golden[index][0].hasPrefix("ERROR"), "\(golden[index])")
      let isSame = golden[index] == other[index]
      #expect(isSame, "\(what): \(query)")
    }
  }

  @Test("in memory")
  func memory() throws {
    var golden: [[String]] = []
    for workers in [1, 3] {
      let database = try Database.inMemory(workers: workers)
      try Self.fill(database, parts: 2, rowsPerPart: 34_000)
      for run in 0..<(workers == 3 ? 2 : 1) {
        let found = Self.answers(database)
        if golden.isEmpty { golden = found }
        expectSame(golden, found, "\(workers) workers, run \(run)")
      }
    }
  }

  @Test("in segments, and as in memory")
  func segments() throws {
    let memory = try Database.inMemory(workers: 1)
    try Self.fill(memory, parts: 5, rowsPerPart: 14_000)
    let disk = SimDisk(seed: 1)
    do {
      let database = try Database.onDisk(disk)
      try Self.fill(database, parts: 5, rowsPerPart: 14_000)
    }
    var golden: [[String]] = []
    for workers in [1, 2, 3, 8] {
      let database = try Database.onDisk(disk, workers: workers)
      let found = Self.answers(database)
      if golden.isEmpty { golden = found }
      expectSame(golden, found, "\(workers) workers")
    }
    // Sums may round differently where row ranges differ; rows and their order may not.
    let inMemory = Self.answers(memory)
    for (index, query) in Self.queries.enumerated() where !query.contains("sum(") {
      #expect(golden[index] == inMemory[index], "\(query)")
    }
  }
}
