import Base
import Engine
import Testing
import Vectors

/// Windows over tables that are stored in their order, and over others: the same rows.
@Suite("Window functions")
struct WindowTests {
  /// Partitions of one row and of two scan morsels, NULLs, ties; the second column is in order
  /// within the first.
  private static let rows = """
    SELECT x AS id, CASE WHEN x < 75000 THEN 7 WHEN x < 140000 THEN x / 3 + 10 END AS g,
      x % 9 AS v
    FROM generate_series(1, 150000) AS s(x)
    """
  private static let queries = [
    "row_number() OVER w", "lag(v) OVER w", "lead(v, 3, -1) OVER w",
    "count(*) OVER (PARTITION BY g)",
    "sum(v) OVER (w ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING)", "nth_value(id, 2) OVER w",
    "rank() OVER (PARTITION BY g, v / 8 ORDER BY v)",
  ].flatMap { call in
    ["", "WHERE v < 2", "WHERE id % 40000 = 1", "WHERE v > 9"].map { condition in
      "SELECT count(*), sum(n), sum(n * (id % 1009)) FROM "
        + "(SELECT id, \(call) AS n FROM t \(condition) WINDOW w AS (PARTITION BY g ORDER BY id)) AS u"
    }
  }

  private static func database(order: String, workers: Int) throws -> Database {
    let database = try Database.onDisk(SimDisk(seed: 6), workers: workers)
    let session = database.makeSession()
    try session.lines("CREATE TABLE t (id int, g int, v int) \(order)")
    // Two segments, the second behind the first.
    for half in ["x <= 80000", "x > 80000"] {
      try session.lines("INSERT INTO t \(rows) WHERE \(half)")
    }
    return database
  }

  @Test("are the same in stored order and sorted, for any number of workers", arguments: queries)
  func orders(_ query: String) throws {
    let golden = try Self.sorted.get().makeSession().line(query)
    #expect(try Self.ordered.get().makeSession().line(query) == golden)
    #expect(try Self.alone.get().makeSession().line(query) == golden)
    #expect(try Self.backwards.get().makeSession().line(query) == golden)
  }

  static let sorted = Result { try database(order: "", workers: 3) }
  static let ordered = Result { try database(order: "CLUSTER BY (g, id)", workers: 3) }
  static let alone = Result { try database(order: "CLUSTER BY (g, id)", workers: 1) }
  /// Segments that are sorted each for itself, but not one behind the other.
  static let backwards = Result {
    let database = try Database.onDisk(SimDisk(seed: 6), workers: 2)
    let session = database.makeSession()
    try session.lines("CREATE TABLE t (id int, g int, v int) CLUSTER BY (g, id)")
    for half in ["x > 70000", "x <= 70000"] {
      try session.lines("INSERT INTO t \(rows) WHERE \(half)")
    }
    return database
  }

  @Test("need little memory in stored order, and end cleanly where they need much")
  func memory() throws {
    let few = "SELECT count(n) FROM (SELECT lag(v) OVER (PARTITION BY g ORDER BY id) AS n FROM t "
      + "WHERE id >= 75000 AND id < 140000) AS u"
    for (database, fits) in [(Self.ordered, true), (Self.sorted, false)] {
      let session = try database.get().makeSession()
      _ = try session.run("SET memory_limit = '4MB'")
      #expect(session.failure(few)?.state == (fits ? nil : .outOfMemory))
      // A partition larger than the limit.
      let many = "SELECT count(n) FROM (SELECT sum(v) OVER (PARTITION BY g) AS n FROM t) AS u"
      #expect(session.failure(many)?.state == .outOfMemory)
    }
  }

  @Test("say where they are wrong, and what to do")
  func errors() throws {
    let session = try Database.inMemory().makeSession()
    _ = try session.run("CREATE TABLE t (a int, b text)")
    let wrong = [
      "SELECT a FROM t WHERE «rank() OVER (ORDER BY a)» = 1",
      "SELECT a FROM t GROUP BY a HAVING «rank() OVER ()» = 1",
      "SELECT rank() OVER (ORDER BY «rank() OVER ()») FROM t",
      "SELECT sum(«lag(a) OVER ()») FROM t",
      "SELECT «rank()» FROM t",
      "SELECT a, count(*) OVER (ORDER BY a «RANGE BETWEEN CURRENT ROW AND 1 PRECEDING») FROM t",
      "SELECT count(*) OVER («GROUPS 1 PRECEDING») FROM t",
      "SELECT count(*) OVER «v» FROM t WINDOW w AS (ORDER BY a)",
    ]
    for marked in wrong {
      let query = marked.replacing("«", with: "").replacing("»", with: "")
      let error = try #require(session.failure(query), "\(query)")
      let range = try #require(error.range, "\(query)")
      let bytes = Array(query.utf8)[range.offset..<range.end]
      let place = String(decoding: bytes, as: UTF8.self)
      #expect(marked.contains("«\(place)»"), "\(query): \(place)")
      #expect(error.hint != nil, "\(query)")
    }
  }
}
