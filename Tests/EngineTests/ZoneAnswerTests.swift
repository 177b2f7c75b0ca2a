import Base
import Engine
import Testing

/// Counts and extremes of whole tables come from zones and are what the rows would have given.
@Suite("Answers from zones")
struct ZoneAnswerTests {
  private static let rows = """
    SELECT i AS a, CASE WHEN i % 3 = 0 THEN NULL ELSE i * 0.5 - 7000 END AS b,
      CASE WHEN i = 17000 THEN CAST('NaN' AS double precision) ELSE i * 1.0 END AS c,
      CAST(NULL AS double precision) AS d, CAST(i AS text) AS e, CAST(-i * 0.25 AS real) AS f,
      i % 2 = 0 AS g
    FROM generate_series(1, 20000) AS t(i)
    """

  @Test(
    "are those of the rows",
    arguments: [
      ("count(*)", true), ("count(a), count(b), count(c), count(d), count(e)", true),
      ("min(a), max(a)", true), ("min(b), max(b)", true), ("min(d), max(d), count(d)", true),
      ("min(f), max(f)", true), ("count(g)", true),
      // These need rows: a NaN, text, another function, a condition.
      ("min(c), max(c)", false), ("max(e)", false), ("sum(a)", false), ("count(DISTINCT a)", false),
      ("count(*) FILTER (WHERE a > 5)", false), ("min(a + 1)", false),
    ])
  func answers(list: String, isFromZones: Bool) throws {
    var options = DatabaseOptions()
    options.disk = SimDisk(seed: 3)
    let stored = try Database(.directory("/z.zij"), options: options).makeSession()
    let memory = try Database.inMemory().makeSession()
    for session in [stored, memory] { _ = try session.run("CREATE TABLE t AS \(Self.rows)") }
    let query = "SELECT \(list) FROM t"
    #expect(try stored.line(query) == memory.line(query))
    #expect(try stored.line("\(query) WHERE a > 0") == memory.line(query))
    let plan = try stored.lines("EXPLAIN ANALYZE \(query)").joined(separator: "\n")
    #expect(plan.contains("row groups=0 of 3") == isFromZones, "\(plan)")
  }

  @Test("an empty table has counts of 0 and no extremes")
  func empty() throws {
    var options = DatabaseOptions()
    options.disk = SimDisk(seed: 3)
    let session = try Database(.directory("/z.zij"), options: options).makeSession()
    _ = try session.run("CREATE TABLE t (a bigint)")
    #expect(try session.line("SELECT count(*), count(a), min(a), max(a) FROM t") == "0|0|NULL|NULL")
  }
}
