import Base
import Engine
import Testing
import Vectors

/// Types that columns of results and parameters get.
@Suite("Types that the binder finds")
struct BinderTypeTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var sql: String
    var types: String
    init(_ sql: String, _ types: String) {
      self.sql = sql
      self.types = types
    }
    var testDescription: String { sql }
  }

  static let columns: [Case] = [
    Case("1", "integer"), Case("3000000000", "bigint"), Case("1.5", "double precision"),
    Case("99999999999999999999", "decimal(38,0)"), Case("'a'", "text"), Case("NULL", "text"),
    Case("true", "boolean"), Case("1 + 1", "integer"), Case("i + 1", "integer"),
    Case("w + 1", "integer"), Case("w + i", "integer"), Case("l + i", "bigint"),
    Case("i + 1.5", "double precision"), Case("r + r", "real"), Case("r + d", "double precision"),
    Case("r + 1", "double precision"), Case("i / 2", "integer"), Case("i = 1", "boolean"),
    Case("coalesce(NULL, i)", "integer"), Case("coalesce(w, l)", "bigint"),
    Case("CASE WHEN b THEN 1 END", "integer"),
    Case("CASE WHEN b THEN 1 ELSE 2.5 END", "double precision"),
    Case("CASE WHEN b THEN NULL ELSE 'x' END", "text"), Case("ARRAY[1, 2.5]", "double precision[]"),
    Case("ARRAY[w, 1]", "smallint[]"), Case("s || 'x'", "text"), Case("count(*)", "bigint"),
    Case("avg(i)", "double precision"), Case("min(w)", "smallint"), Case("max(s)", "text"),
    Case("CAST(i AS text)", "text"), Case("date '2020-01-01'", "date"),
    Case("POINT(d, d)", "point"),
    Case("i BETWEEN 1 AND 2", "boolean"), Case("-i", "integer"), Case("CAST(NULL AS real)", "real"),
    Case("array_agg(i)", "integer[]"),
  ]

  private static func session() throws -> Session {
    let session = try Database(.memory).makeSession()
    _ = try session.run(
      "CREATE TABLE t (w smallint, i int, l bigint, r real, d double precision, s text, b boolean)")
    return session
  }

  @Test("of expressions", arguments: columns)
  func expressions(_ item: Case) throws {
    let prepared = try Self.session().prepare("SELECT \(item.sql) FROM t")
    #expect(prepared.columns.map(\.type.description) == [item.types])
  }

  static let parameters: [Case] = [
    Case("SELECT $1", "text"), Case("SELECT i FROM t WHERE i = $1", "integer"),
    Case("SELECT i FROM t WHERE $1 < d", "double precision"),
    Case("SELECT i FROM t WHERE i IN ($1, $2)", "integer integer"),
    Case("SELECT i FROM t WHERE d BETWEEN $1 AND $2", "double precision double precision"),
    Case("SELECT i FROM t WHERE s LIKE $1", "text"), Case("SELECT i FROM t WHERE $1", "boolean"),
    Case("SELECT i FROM t LIMIT $1 OFFSET $2", "bigint bigint"),
    Case("SELECT i + $1 FROM t", "integer"),
    Case("SELECT CAST($1 AS date)", "date"), Case("SELECT coalesce(i, $1) FROM t", "integer"),
    Case("SELECT CASE WHEN b THEN $1 ELSE d END FROM t", "double precision"),
    Case("SELECT $2 FROM t WHERE i = $1", "integer text"), Case("SELECT $1 = $1", "text"),
    Case("SELECT $1 IS NULL", "text"), Case("SELECT i FROM t WHERE i = $1 AND l = $1", "integer"),
    Case("SELECT sqrt($1)", "double precision"),
    Case(
      "SELECT i FROM t WHERE DISTANCE(d, d, $1, $2) < $3",
      "double precision double precision double precision"),
    Case("INSERT INTO t (i, s) VALUES ($1, $2)", "integer text"),
  ]

  @Test("of parameters", arguments: parameters)
  func inferred(_ item: Case) throws {
    let prepared = try Self.session().prepare(item.sql)
    #expect(prepared.parameterTypes.map(\.description).joined(separator: " ") == item.types)
  }

  @Test("parameters take values and their text")
  func values() throws {
    let session = try Self.session()
    _ = try session.run("INSERT INTO t (i, l, d, s) VALUES (1, 10, 0.5, 'x'), (2, 20, 1.5, NULL)")
    func rows(_ sql: String, _ values: [Value]) throws(SQLError) -> [Value] {
      var found: [Value] = []
      let stream = try session.run(sql, parameters: values).stream
      while let batch = try stream?.next() {
        for row in 0..<batch.rowCount { found.append(batch.columns[0].value(at: row)) }
      }
      return found
    }
    #expect(try rows("SELECT l FROM t WHERE i = $1", [.integer(2)]) == [.integer(20)])
    #expect(try rows("SELECT l FROM t WHERE i = $1", [.text("2")]) == [.integer(20)])
    #expect(try rows("SELECT l FROM t WHERE d < $1", [.float64(1)]) == [.integer(10)])
    #expect(try rows("SELECT l FROM t WHERE i = $1", [.null]) == [])
    #expect(
      try rows("SELECT l FROM t WHERE s = $1 OR $2", [.text("x"), .boolean(false)]) == [
        .integer(10)
      ])
    #expect(try rows("SELECT i FROM t ORDER BY i LIMIT $1", [.integer(1)]) == [.integer(1)])
    #expect(try rows("SELECT $1", [.text("it's")]) == [.text("it's")])
    #expect(throws: SQLError.self) { try rows("SELECT l FROM t WHERE i = $1", [.text("two")]) }
    #expect(throws: SQLError.self) { try rows("SELECT $2", [.integer(1)]) }
  }
}
