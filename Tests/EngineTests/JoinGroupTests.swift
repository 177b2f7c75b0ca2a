import Base
import Engine
import Testing

/// A scan below a join leaves out row groups whose zones hold none of the keys of the held side.
@Suite("Row groups below a join")
struct JoinGroupTests {
  private struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let keys: String
    let groups: Int
    var join = "JOIN k ON t.a = k.a"
  }

  private static let cases = [
    Case(testDescription: "no keys at all", keys: "SELECT 1::bigint WHERE false", groups: 0),
    Case(testDescription: "one key", keys: "VALUES (100::bigint)", groups: 1),
    Case(testDescription: "one key of the last", keys: "VALUES (20000::bigint)", groups: 1),
    Case(testDescription: "neighbours over a border", keys: "VALUES (8192::bigint), (8193)", groups: 2),
    Case(testDescription: "NULL alone", keys: "VALUES (NULL::bigint)", groups: 0),
    Case(testDescription: "outside of all", keys: "VALUES (-5::bigint)", groups: 0),
    Case(testDescription: "the first and the last", keys: "VALUES (1::bigint), (20000)", groups: 3),
    Case(
      testDescription: "narrow numbers below zero", keys: "VALUES (-19999::bigint)", groups: 1,
      join: "JOIN k ON t.n = k.a::integer"),
    Case(
      testDescription: "no rows for two keys", keys: "SELECT 1::bigint WHERE false", groups: 0,
      join: "JOIN k ON t.a = k.a AND t.n = k.a"),
    Case(
      testDescription: "two keys", keys: "VALUES (100::bigint)", groups: 3,
      join: "JOIN k ON t.a = k.a AND t.n = k.a"),
    Case(
      testDescription: "LEFT JOIN needs all rows", keys: "VALUES (100::bigint)", groups: 3,
      join: "LEFT JOIN k ON t.a = k.a"),
    Case(
      testDescription: "IN", keys: "VALUES (100::bigint)", groups: 1,
      join: "WHERE t.a IN (SELECT a FROM k)"),
    Case(
      testDescription: "NOT IN needs all rows", keys: "VALUES (100::bigint)", groups: 3,
      join: "WHERE t.a NOT IN (SELECT a FROM k)"),
  ]

  @Test("are read where keys may be, with the same rows as in memory", arguments: cases)
  private func groups(_ sample: Case) throws {
    var options = DatabaseOptions()
    options.disk = SimDisk(seed: 3)
    let stored = try Database(.directory("/z.zij"), options: options).makeSession()
    let memory = try Database.inMemory().makeSession()
    let table = "CREATE TABLE t AS SELECT i AS a, -i::integer AS n FROM generate_series(1, 20000) AS g(i)"
    let query = "SELECT count(*), sum(t.a) FROM t \(sample.join)"
    for session in [stored, memory] {
      _ = try session.run(table)
      _ = try session.run("CREATE TABLE k (a bigint)")
      _ = try session.run("INSERT INTO k \(sample.keys)")
    }
    #expect(try stored.line(query) == memory.line(query))
    let plan = try stored.lines("EXPLAIN ANALYZE \(query)").joined(separator: "\n")
    #expect(plan.contains("row groups=\(sample.groups) of 3"), "\(plan)")
  }
}
