import Base
import Engine
import Testing

/// Scans leave out rows that the operator above could not use.
@Suite("Scans restricted from above")
struct RestrictionTests {
  private static func session() throws -> Session {
    let session = try Database(.memory).makeSession()
    _ = try session.run(
      """
      CREATE TABLE big AS SELECT x, (x * 7919) % 100003 AS k,
        CAST((x * 7919) % 100003 AS real) AS f,
        CASE WHEN x % 50 = 0 THEN NULL ELSE (x * 7919) % 100003 END AS n
      FROM generate_series(1, 100000) AS s(x)
      """)
    _ = try session.run(
      "CREATE TABLE few AS SELECT x * 1009 AS k FROM generate_series(1, 40) AS s(x)")
    return session
  }

  /// Rows that the scan of `big` gave out.
  private static func scanned(_ query: String) throws -> Int {
    let plan = try session().lines("EXPLAIN ANALYZE " + query)
    let scan = plan.first { $0.contains("TableScan public.big") }
    let digits = scan?.split(separator: "rows=").last?.prefix(while: \.isNumber)
    let count = digits.flatMap { Int($0) }
    return try #require(count, "no scan of big")
  }

  @Test(
    "by a sort with a limit, ascending and descending",
    arguments: [
      "SELECT x FROM big ORDER BY k LIMIT 5", "SELECT x FROM big ORDER BY k DESC LIMIT 5",
      "SELECT x, sqrt(f) AS r FROM big ORDER BY r DESC, x LIMIT 5",
      "SELECT x, -k AS m FROM big WHERE f > 0 ORDER BY m LIMIT 5",
      "SELECT x FROM big ORDER BY n NULLS LAST LIMIT 5",
    ])
  func limits(query: String) throws {
    #expect(try Self.scanned(query) < 50_000)
  }

  @Test("by an inner join with few keys, whichever side is written first")
  func joins() throws {
    for query in [
      "SELECT count(*) FROM big JOIN few ON big.k = few.k",
      "SELECT count(*) FROM few JOIN big ON big.k = few.k",
    ] {
      #expect(try Self.scanned(query) < 20_000)
    }
  }

  @Test(
    "not where every row is wanted",
    arguments: [
      "SELECT x FROM big ORDER BY k",
      "SELECT count(*) FROM big LEFT JOIN few ON big.k = few.k",
      // Computed again, it would be another number.
      "SELECT x FROM big ORDER BY rand() LIMIT 5", "SELECT x, rand() AS r FROM big ORDER BY r LIMIT 5",
      "SELECT count(*) FROM big JOIN few ON CAST(rand() * 1000 AS bigint) + big.k = few.k",
      "SELECT count(*) FROM big JOIN (SELECT k FROM big AS b) AS all_of_it ON big.k = all_of_it.k",
    ])
  func everything(query: String) throws {
    // Every row, or all but those of a trial.
    #expect(try Self.scanned(query) > 99_000)
  }
}
