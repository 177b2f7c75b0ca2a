import Base
import Testing

@testable import Parsing

/// A text and the dialects that take it.
struct DialectCase: CustomTestStringConvertible, Sendable {
  var text: String
  var dialects: Set<Dialect>

  init(_ text: String, _ dialects: Dialect...) {
    self.text = text
    self.dialects = Set(dialects)
  }

  var testDescription: String { text }
}

@Suite("Dialects")
struct DialectTests {
  static let cases = [
    DialectCase("SELECT TOP 3 a FROM t WHERE b = 1 ORDER BY a", .adql20, .adql21, .adql, .sql),
    DialectCase(
      "SELECT 1 FROM t WHERE 1 = CONTAINS(POINT('', a, b), CIRCLE('', 1, 2, 3))",
      .adql20, .adql21, .adql, .sql),
    DialectCase("WITH a AS (SELECT b FROM c) SELECT b FROM a", .adql21, .adql, .sql),
    DialectCase("SELECT a FROM (WITH b AS (SELECT c FROM d) SELECT c FROM b) AS e", .adql, .sql),
    DialectCase("SELECT CAST(a AS INTEGER) FROM t", .adql21, .adql, .sql),
    DialectCase("SELECT CAST(a AS FLOAT) FROM t", .adql, .sql),
    DialectCase("SELECT a FROM t OFFSET 5", .adql21, .adql, .sql),
    DialectCase("SELECT a FROM t OFFSET -5", .adql, .sql),
    DialectCase("SELECT a FROM t WHERE a ILIKE 'x'", .adql21, .adql, .sql),
    DialectCase("SELECT IN_UNIT(a, 'deg') FROM t", .adql20, .adql21, .adql, .sql),
    DialectCase("SELECT COALESCE(a, b) FROM t", .adql20, .adql21, .adql, .sql),
    DialectCase("SELECT CASE WHEN a = 1 THEN 2 END FROM t", .adql, .sql),
    DialectCase("SELECT a FROM t LIMIT 5", .adql, .sql),
    DialectCase("SELECT 1", .adql, .sql),
    DialectCase("SELECT a::int FROM t", .adql, .sql),
    DialectCase("SELECT a % 2 FROM t", .adql, .sql),
    DialectCase("SELECT a & 1 FROM t", .adql, .sql), DialectCase("SELECT ~a FROM t", .adql, .sql),
    DialectCase("SELECT distance FROM t", .adql, .sql),
    DialectCase("SELECT _a FROM t", .adql, .sql),
    DialectCase("SELECT `a` FROM t", .adql, .sql),
    DialectCase("SELECT a > b FROM t", .adql, .sql),
    DialectCase("SELECT a FROM t CROSS JOIN u", .adql, .sql),
    DialectCase("SELECT a FROM (SELECT b FROM c)", .adql, .sql),
    DialectCase("SELECT (SELECT a FROM b) FROM c", .adql, .sql),
    DialectCase("SELECT a FROM f(1)", .adql, .sql),
    DialectCase("EXPLAIN SELECT 1", .adql, .sql),
    DialectCase("SET dialect = sql", .adql, .sql),
    DialectCase("CREATE TABLE t (a int)", .sql),
    DialectCase("DROP TABLE t", .sql),
  ]

  @Test("take what is theirs", arguments: cases)
  func dialects(_ item: DialectCase) {
    for dialect in Dialect.allCases {
      let isAccepted = (try? SQLParser.parse(item.text, dialect: dialect)) != nil
      #expect(isAccepted == item.dialects.contains(dialect), "\(dialect)")
    }
  }
}
