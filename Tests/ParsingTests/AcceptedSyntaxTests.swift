import Testing

@testable import Parsing

/// A text and how its tree is printed.
struct Accepted: CustomTestStringConvertible, Sendable {
  var text: String
  var printed: String

  init(_ text: String, _ printed: String? = nil) {
    self.text = text
    self.printed = printed ?? text
  }

  var testDescription: String { text }
}

@Suite("Accepted syntax")
struct AcceptedSyntaxTests {
  static let queries = [
    Accepted("SELECT 1"),
    Accepted("select all a from t", "SELECT a FROM t"),
    Accepted("SELECT DISTINCT a, b AS c FROM t"),
    Accepted("SELECT a b FROM t u", "SELECT a AS b FROM t AS u"),
    Accepted("SELECT TOP 5 a FROM t", "SELECT a FROM t LIMIT 5"),
    Accepted("SELECT *, t.*, s.t.* FROM s.t"),
    Accepted("SELECT 1 AS select", "SELECT 1 AS select"),
    Accepted("SELECT a FROM t, u AS v (x, y), (SELECT 1) AS w"),
    Accepted("SELECT * FROM 'gaia.csv' g", "SELECT * FROM 'gaia.csv' AS g"),
    Accepted("SELECT * FROM range(1, 10) AS r (i)"),
    Accepted(
      "SELECT * FROM a JOIN b ON a.i = b.i LEFT OUTER JOIN c USING (i)",
      "SELECT * FROM a JOIN b ON a.i = b.i LEFT JOIN c USING (i)"),
    Accepted(
      "SELECT * FROM a INNER JOIN (b CROSS JOIN c) ON TRUE",
      "SELECT * FROM a JOIN (b CROSS JOIN c) ON TRUE"),
    Accepted("SELECT * FROM (a JOIN b USING (i)), c", "SELECT * FROM a JOIN b USING (i), c"),
    Accepted("SELECT * FROM a NATURAL FULL JOIN b"),
    Accepted("SELECT * FROM ((SELECT 1)) AS q", "SELECT * FROM ((SELECT 1)) AS q"),
    Accepted("SELECT a, count(*) FROM t WHERE b > 1 GROUP BY a, b + 1 HAVING count(*) > 2"),
    Accepted(
      "SELECT a FROM t ORDER BY 1, b ASC, c DESC NULLS LAST, d NULLS FIRST",
      "SELECT a FROM t ORDER BY 1, b, c DESC NULLS LAST, d NULLS FIRST"),
    Accepted("SELECT a FROM t LIMIT ALL OFFSET 3 ROWS", "SELECT a FROM t OFFSET 3"),
    Accepted("SELECT a FROM t OFFSET 3 LIMIT $1", "SELECT a FROM t LIMIT $1 OFFSET 3"),
    Accepted("SELECT a FROM t OFFSET 3 FETCH NEXT 2 ROWS ONLY", "SELECT a FROM t LIMIT 2 OFFSET 3"),
    Accepted("SELECT a FROM t FETCH FIRST ROW ONLY", "SELECT a FROM t LIMIT 1"),
    Accepted(
      "SELECT rank() OVER (ORDER BY a), sum(b) FILTER (WHERE c) OVER w FROM t "
        + "WINDOW w AS (PARTITION BY a, b), v AS (w ORDER BY c DESC)"),
    Accepted(
      "SELECT sum(a) OVER (ROWS 2 + 1 PRECEDING), avg(a) OVER (RANGE BETWEEN CURRENT ROW AND "
        + "UNBOUNDED FOLLOWING), max(a) OVER () FROM t window w as ()",
      "SELECT sum(a) OVER (ROWS BETWEEN (2 + 1) PRECEDING AND CURRENT ROW), avg(a) OVER (RANGE "
        + "BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING), max(a) OVER () FROM t WINDOW w AS ()"),
    Accepted(
      "SELECT max(a) OVER (ORDER BY b GROUPS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING), "
        + "max(a) OVER (w RANGE BETWEEN 0.5 PRECEDING AND 2 FOLLOWING) FROM t WINDOW w AS (ORDER BY c)"
    ),
    Accepted("VALUES (1, 'a'), (2, NULL)"),
    Accepted("(SELECT 1) LIMIT 1"),
    Accepted("((VALUES (1)))", "((VALUES (1)))"),
    Accepted("SELECT 1 UNION SELECT 2 UNION ALL SELECT 3 EXCEPT VALUES (3) ORDER BY 1 LIMIT 2"),
    Accepted("SELECT 1 UNION DISTINCT SELECT 2", "SELECT 1 UNION SELECT 2"),
    Accepted("SELECT 1 INTERSECT ALL SELECT 2 UNION SELECT 3 INTERSECT SELECT 4"),
    Accepted("(SELECT 1 UNION SELECT 2) INTERSECT (SELECT 3 ORDER BY 1) OFFSET 1"),
    Accepted(
      "SELECT TOP 2 a FROM t UNION SELECT TOP 3 b FROM u",
      "(SELECT a FROM t LIMIT 2) UNION (SELECT b FROM u LIMIT 3)"),
    Accepted("SELECT a FROM t WHERE a IN (SELECT 1 UNION SELECT 2)"),
    Accepted("SELECT * FROM ((SELECT 1) UNION (SELECT 2)) AS q"),
    Accepted("WITH a AS (SELECT 1), b (x) AS (SELECT 2) SELECT * FROM a, b"),
    Accepted("SELECT a /* b /* c */ */ -- d\n FROM t;", "SELECT a FROM t"),
    Accepted("SELECT \"a\"\"b\", `c`, é FROM \"T\"", "SELECT \"a\"\"b\", \"c\", é FROM \"T\""),
    Accepted("SELECT a.select FROM a", "SELECT a.select FROM a"),
    Accepted("SELECT distance, date, class, flags, value, name, top, point, time, unit FROM t"),
    Accepted("SELECT\u{A0}a FROM t", "SELECT a FROM t"),
  ]

  static let expressions = [
    Accepted("1 + 2 * 3 - 4", "1 + (2 * 3) - 4"),
    Accepted("(1 + 2) * 3 % 4", "(1 + 2) * 3 % 4"),
    Accepted("a - b - c / d / e", "a - b - (c / d / e)"),
    Accepted("a || b || c + d", "a || b || (c + d)"),
    Accepted("a | b & c + 1 << 2 = d", "(a | b & (c + 1) << 2) = d"),
    Accepted("~ a + b # -~c", "(~ (a + b)) # (- ~ c)"), Accepted("~1 & ~-1", "(~ (1)) & (~ (-1))"),
    Accepted("a OR b AND NOT c OR d", "a OR (b AND (NOT c)) OR d"),
    Accepted("NOT NOT a = b", "NOT NOT (a = b)"),
    Accepted("a = NOT b = c", "a = (NOT (b = c))"),
    Accepted("a != b", "a <> b"),
    Accepted("a<=b AND c>=d", "(a <= b) AND (c >= d)"),
    Accepted("-1"), Accepted("- 1", "-1"), Accepted("+1", "1"), Accepted("- -1", "- (-1)"),
    Accepted("-a * - b", "(- a) * (- b)"),
    Accepted("1 - -2", "1 - -2"), Accepted("1-2", "1 - 2"),
    Accepted("-1::int", "- CAST(1 AS int)"), Accepted("(-1)::int", "CAST(-1 AS int)"),
    Accepted("-(-1)", "- (-1)"),
    Accepted(
      "'5'::double precision::timestamp with time zone",
      "CAST(CAST('5' AS double precision) AS timestamp with time zone)"),
    Accepted("CAST(x AS Decimal(10, 2))", "CAST(x AS decimal(10, 2))"),
    Accepted("CAST(x AS float[][])", "CAST(x AS float[][])"),
    Accepted("a[1][2]", "a[1][2]"), Accepted("ARRAY[1, 2][1]", "ARRAY[1, 2][1]"),
    Accepted("ARRAY[]"),
    Accepted(".5 + 1. + 1e-3 + 1.5E+7", ".5 + 1. + 1e-3 + 1.5E+7"),
    Accepted("'it''s'"), Accepted("''"),
    Accepted("DATE '2020-01-01' + INTERVAL '1 day'", "date '2020-01-01' + interval '1 day'"),
    Accepted("TRUE AND FALSE OR NULL", "(TRUE AND FALSE) OR NULL"),
    Accepted("a BETWEEN 1 + 1 AND 3 AND b", "(a BETWEEN (1 + 1) AND 3) AND b"),
    Accepted("a NOT BETWEEN -1 AND 1", "a NOT BETWEEN -1 AND 1"),
    Accepted("a IN (1, 2, 'x')"), Accepted("a NOT IN (SELECT 1)"),
    Accepted("a IN ((SELECT 1), 2)"), Accepted("a IN ((SELECT 1))", "a IN ((SELECT 1))"),
    Accepted("ARRAY(SELECT a FROM t ORDER BY 1)"),
    Accepted("EXISTS (SELECT 1) AND x", "EXISTS (SELECT 1) AND x"),
    Accepted(
      "a LIKE 'x%' ESCAPE '!' OR b NOT ILIKE c || 'd'",
      "(a LIKE 'x%' ESCAPE '!') OR (b NOT ILIKE (c || 'd'))"),
    Accepted("a IS NULL", "a IS NULL"), Accepted("a + 1 IS NOT UNKNOWN", "(a + 1) IS NOT NULL"),
    Accepted("a = b IS NOT TRUE", "(a = b) IS NOT TRUE"), Accepted("a IS FALSE"),
    Accepted("a + 1 IS DISTINCT FROM b AND c", "((a + 1) IS DISTINCT FROM b) AND c"),
    Accepted("a IS NOT DISTINCT FROM b = c", "a IS NOT DISTINCT FROM (b = c)"),
    Accepted("CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END"), Accepted("CASE a WHEN 1 THEN 2 END"),
    Accepted("count(*)"), Accepted("count(DISTINCT a)"), Accepted("count(ALL a)", "count(a)"),
    Accepted("sum(a) FILTER (WHERE b > 0)"), Accepted("f()"), Accepted("zij.f(a, b)"),
    Accepted("left(a, 3)"), Accepted("date('x')"),
    Accepted("1 = CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS', 1, 2, 3))"),
    Accepted("(SELECT max(a) FROM t) + 1", "(SELECT max(a) FROM t) + 1"),
    Accepted("((SELECT 1) + 1)", "(SELECT 1) + 1"), Accepted("$2 + $1"),
  ]

  static let statements = [
    Accepted("SELECT ALL ALL (SELECT 1)"),
    Accepted("SELECT ALL ALL (SELECT 1) + 1", "SELECT (ALL (SELECT 1)) + 1"),
    Accepted("SELECT f(ALL ALL (a)), b = ALL (c)"),
    Accepted(
      "CREATE TABLE IF NOT EXISTS s.t (ra double precision NOT NULL UNIT 'deg' UCD 'pos.eq.ra' "
        + "UTYPE 'u' DESCRIPTION 'it''s', b int[]) CLUSTER BY SKY (ra, b)"),
    Accepted(
      "CREATE TABLE t AS SELECT * FROM u CLUSTER BY NONE",
      "CREATE TABLE t CLUSTER BY NONE AS SELECT * FROM u"),
    Accepted(
      "CREATE TABLE t AS SELECT * FROM u CLUSTER BY (a, b)",
      "CREATE TABLE t CLUSTER BY (a, b) AS SELECT * FROM u"),
    Accepted("CREATE TABLE t (a, b) AS VALUES (1, 2)"),
    Accepted("CREATE TABLE t (a int NULL COMMENT 'x')", "CREATE TABLE t (a int DESCRIPTION 'x')"),
    Accepted("DROP TABLE IF EXISTS a, s.b"),
    Accepted("INSERT INTO t VALUES (1)"), Accepted("INSERT INTO s.t (a, b) SELECT 1, 2"),
    Accepted("INSERT INTO t (SELECT 1)"),
    Accepted("COPY t FROM 'a.csv'"),
    Accepted(
      "COPY t(a) FROM STDIN WITH (FORMAT csv, HEADER, NULL '', \"X\" -1)",
      "COPY t (a) FROM STDIN (format 'csv', header, null '', \"X\" -1)"),
    Accepted(
      "COPY t TO STDOUT CSV HEADER DELIMITER AS ';'",
      "COPY t TO STDOUT (format 'csv', header, delimiter ';')"),
    Accepted("COPY (SELECT 1) TO 'x.fits'"),
    Accepted("COPY t FROM 'x.fits' (hdu 2, columns ('ra', 'dec'), nan 'keep')"),
    Accepted(
      "SELECT * FROM 'a.csv' (FORMAT csv, header => false, delimiter => ';', columns (a, \"B\")) AS t",
      "SELECT * FROM 'a.csv' (format 'csv', header FALSE, delimiter ';', columns ('a', 'B')) AS t"),
    Accepted(
      "SELECT * FROM 'a.csv' (HEADER) t (x) JOIN 'b.fits' (HDU 'S') USING (x)",
      "SELECT * FROM 'a.csv' (header) AS t (x) JOIN 'b.fits' (hdu 'S') USING (x)"),
    Accepted("EXPLAIN SELECT 1"),
    Accepted("EXPLAIN (FRAGMENTS 16) SELECT 1"),
    Accepted("FRAGMENT 3 OF 16 AT '17.480' SELECT 1"),
    Accepted("EXPLAIN (ANALYZE) SELECT 1", "EXPLAIN ANALYZE SELECT 1"),
    Accepted("SET x = 5"), Accepted("SET x TO on", "SET x = 'on'"),
    Accepted("SET x TO DEFAULT", "SET x = DEFAULT"), Accepted("RESET x", "SET x = DEFAULT"),
    Accepted("SHOW x"), Accepted("SHOW ALL"),
    Accepted("DELETE FROM t"), Accepted("DELETE FROM s.t AS u WHERE u.a > 1 AND b", "DELETE FROM s.t AS u WHERE (u.a > 1) AND b"),
    Accepted("UPDATE t SET a = 1"),
    Accepted(
      "update s.t AS u set a = u.a + 1, \"B\" = default where b is null",
      "UPDATE s.t AS u SET a = u.a + 1, \"B\" = DEFAULT WHERE b IS NULL"),
    Accepted("DELETE FROM t u", "DELETE FROM t AS u"), Accepted("CHECKPOINT"),
    Accepted("TRUNCATE a, s.b", "TRUNCATE TABLE a, s.b"),
    Accepted("BEGIN"), Accepted("begin work", "BEGIN"), Accepted("BEGIN TRANSACTION", "BEGIN"),
    Accepted(
      "START TRANSACTION READ WRITE, ISOLATION LEVEL REPEATABLE READ NOT DEFERRABLE",
      "START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE, NOT DEFERRABLE"),
    Accepted("COMMIT"), Accepted("END TRANSACTION", "COMMIT"), Accepted("ROLLBACK WORK", "ROLLBACK"),
    Accepted("ABORT", "ROLLBACK"), Accepted("SAVEPOINT a"), Accepted("RELEASE SAVEPOINT \"A\""),
    Accepted("RELEASE a", "RELEASE SAVEPOINT a"), Accepted("ROLLBACK TO SAVEPOINT a"),
    Accepted("ROLLBACK TRANSACTION TO a", "ROLLBACK TO SAVEPOINT a"),
    Accepted("SET TRANSACTION READ ONLY"),
    Accepted("SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED, READ WRITE"),
    Accepted("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE"),
    Accepted("SET transaction = 5"),
  ]

  @Test("queries", arguments: queries)
  func query(_ accepted: Accepted) throws {
    #expect(try SQLParser.parse(accepted.text).statement.description == accepted.printed)
  }

  @Test("expressions", arguments: expressions)
  func expression(_ accepted: Accepted) throws {
    let statement = try SQLParser.parse("SELECT " + accepted.text).statement
    #expect(statement.description == "SELECT " + accepted.printed)
  }

  @Test("statements", arguments: statements)
  func statement(_ accepted: Accepted) throws {
    #expect(try SQLParser.parse(accepted.text).statement.description == accepted.printed)
  }

  @Test("what is printed means the same", arguments: queries + statements)
  func printing(_ accepted: Accepted) throws {
    let again = try SQLParser.parse(accepted.printed).statement.description
    #expect(again == accepted.printed)
  }

  @Test("parameters are counted")
  func parameters() throws {
    #expect(try SQLParser.parse("SELECT $2, $7, $1").parameterCount == 7)
    #expect(try SQLParser.parse("SELECT 1").parameterCount == 0)
  }

  @Test("a script is several statements")
  func script() throws {
    let statements = try SQLParser.parseScript(";SELECT 1;; SELECT ';' ;\n-- end\n")
    #expect(statements.map(\.statement.description) == ["SELECT 1", "SELECT ';'"])
    #expect(statements.map(\.range.offset) == [1, 12])
  }
}
