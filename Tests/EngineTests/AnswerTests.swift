import Base
import Catalog
import Engine
import Testing
import Vectors

/// Answers that are easy to get wrong.
@Suite("Answers")
struct AnswerTests {
  private static let truths: [Bool?] = [true, false, nil]

  private static func text(_ truth: Bool?) -> String { truth.map { $0 ? "t" : "f" } ?? "NULL" }
  private static func sql(_ truth: Bool?) -> String {
    truth.map { $0 ? "true" : "false" } ?? "NULL"
  }

  private static func and(_ terms: [Bool?]) -> Bool? {
    terms.contains(false) ? false : terms.contains { $0 == nil } ? nil : true
  }

  private static func or(_ terms: [Bool?]) -> Bool? {
    terms.contains(true) ? true : terms.contains { $0 == nil } ? nil : false
  }

  private static let forms: [(String, @Sendable ([Bool?]) -> Bool?)] = [
    ("a AND b AND c", { and($0) }), ("a OR b OR c", { or($0) }),
    ("NOT (a AND b) OR c", { or([and([$0[0], $0[1]]).map { !$0 }, $0[2]]) }),
    ("(a OR b) AND NOT c", { and([or([$0[0], $0[1]]), $0[2].map { !$0 }]) }),
    ("a = b", { x in x[0].flatMap { a in x[1].map { a == $0 } } }),
    ("a IS NULL AND b", { and([$0[0] == nil, $0[1]]) }),
    ("a IS TRUE", { $0[0] == true }), ("a IS NOT FALSE", { $0[0] != false }),
    ("CASE WHEN a THEN b ELSE c END", { $0[0] == true ? $0[1] : $0[2] }),
    (
      "a IN (b, c)",
      { x in
        or([x[1], x[2]].map { y in x[0].flatMap { a in y.map { a == $0 } } })
      }
    ),
    ("coalesce(a, b, c)", { $0[0] ?? $0[1] ?? $0[2] }),
  ]

  @Test("three-valued logic, all combinations of three, as constants and as columns")
  func threeValuedLogic() throws {
    let session = try Database.inMemory().makeSession()
    try session.lines("CREATE TABLE l (a boolean, b boolean, c boolean)")
    for a in Self.truths {
      for b in Self.truths {
        for c in Self.truths {
          let values = [a, b, c].map(Self.sql)
          try session.lines("INSERT INTO l VALUES (\(values.joined(separator: ", ")))")
          for (form, meaning) in Self.forms {
            let constant = try session.line(
              "SELECT \(form) FROM (VALUES (\(values.map { "CAST(\($0) AS boolean)" }.joined(separator: ", "))))"
                + " AS v(a, b, c)")
            #expect(constant == Self.text(meaning([a, b, c])), "\(form) of \(values)")
          }
        }
      }
    }
    let rows = Self.truths.flatMap { a in
      Self.truths.flatMap { b in Self.truths.map { [a, b, $0] } }
    }
    for (form, meaning) in Self.forms {
      #expect(
        try session.lines("SELECT \(form) FROM l") == rows.map { Self.text(meaning($0)) }, "\(form)"
      )
      let kept = try session.line("SELECT count(*) FROM l WHERE \(form)")
      #expect(kept == "\(rows.count { meaning($0) == true })", "WHERE \(form)")
      let others = try session.line("SELECT count(*) FROM l WHERE NOT (\(form))")
      #expect(others == "\(rows.count { meaning($0) == false })", "WHERE NOT \(form)")
    }
  }

  struct Case: CustomTestStringConvertible, Sendable {
    var sql: String
    var answer: String
    init(_ sql: String, _ answer: String) {
      self.sql = sql
      self.answer = answer
    }
    var testDescription: String { sql }
  }

  private static let floats =
    "(VALUES (1, CAST('NaN' AS double precision)), (2, 'Infinity'), (3, -0.0), (4, 0.0), (5, NULL), "
    + "(6, '-Infinity'), (7, 'NaN')) AS f(i, x)"

  static let cases: [Case] = [
    // NaN is equal to itself and above all numbers; −0 equals 0; NULLs last unless said otherwise.
    Case("SELECT i FROM \(floats) ORDER BY x", "6\n3\n4\n2\n1\n7\n5"),
    Case("SELECT i FROM \(floats) ORDER BY x DESC", "5\n1\n7\n2\n3\n4\n6"),
    Case("SELECT i FROM \(floats) ORDER BY x DESC NULLS LAST", "1\n7\n2\n3\n4\n6\n5"),
    Case("SELECT i FROM \(floats) ORDER BY x NULLS FIRST", "5\n6\n3\n4\n2\n1\n7"),
    Case("SELECT count(*), min(i) FROM \(floats) GROUP BY x", "2|1\n1|2\n2|3\n1|5\n1|6"),
    Case("SELECT count(DISTINCT x) FROM \(floats)", "4"),
    Case("SELECT count(*) FROM \(floats) WHERE x > 1e300", "3"),
    Case("SELECT count(*) FROM \(floats) WHERE x = x", "6"),
    Case("SELECT count(*) FROM \(floats) WHERE x IN ('NaN', 0)", "4"),
    Case(
      "SELECT f.i, b.i FROM \(floats) JOIN (VALUES (1, 0.0), (2, CAST('NaN' AS double precision)), "
        + "(3, NULL)) AS b(i, x) ON f.x = b.x", "1|2\n3|1\n4|1\n7|2"),
    Case("SELECT max(x), min(x) FROM \(floats)", "NaN|-Infinity"),
    // Errors only for rows that are reached.
    Case(
      "SELECT CASE WHEN x = 0 THEN -1 ELSE 6 / x END FROM (VALUES (0), (2), (0), (3)) AS t(x)",
      "-1\n3\n-1\n2"),
    Case("SELECT x FROM (VALUES (0), (2)) AS t(x) WHERE x <> 0 AND 4 / x = 2", "2"),
    Case("SELECT x FROM (VALUES (0), (2)) AS t(x) WHERE x = 0 OR 4 / x = 3", "0"),
    Case("SELECT CASE WHEN false THEN 1 / 0 ELSE 5 END", "5"),
    Case("SELECT coalesce(1, 1 / 0)", "1"),
    Case(
      "SELECT coalesce(x, 6 / y, 7) FROM (VALUES (1, 0), (NULL, 2), (NULL, NULL), (4, 0)) AS t(x, y)",
      "1\n3\n7\n4"),
    // Joins.
    Case(
      "SELECT a.x, b.y FROM (VALUES (1), (NULL), (2)) AS a(x) LEFT JOIN (VALUES (1, 'p'), (1, 'q'), "
        + "(NULL, 'n')) AS b(x, y) ON a.x = b.x", "1|p\n1|q\nNULL|NULL\n2|NULL"),
    Case(
      "SELECT a.x, b.x FROM (VALUES (1), (2)) AS a(x) RIGHT JOIN (VALUES (2), (3)) AS b(x) ON a.x = b.x",
      "2|2\nNULL|3"),
    Case(
      "SELECT x FROM (VALUES (1), (2)) AS a(x) RIGHT JOIN (VALUES (2), (3)) AS b(x) USING (x)",
      "2\n3"),
    Case(
      "SELECT * FROM (VALUES (1, 2)) AS a(x, y) NATURAL JOIN (VALUES (1, 3)) AS b(x, z)", "1|2|3"),
    Case(
      "SELECT count(*) FROM (VALUES (1), (2)) AS a(x) CROSS JOIN (VALUES (5), (6), (7)) AS b(y)",
      "6"),
    Case(
      "SELECT count(*), sum(b.y) FROM generate_series(1, 3) AS a(x) JOIN "
        + "(SELECT 2 AS x, y FROM generate_series(1, 5000) AS s(y)) AS b ON a.x = b.x",
      "5000|12502500"),
    Case(
      "SELECT a.x FROM (VALUES (1), (2)) AS a(x) LEFT JOIN (VALUES (1)) AS b(x) ON a.x = b.x AND a.x > 1",
      "1\n2"),
    Case(
      "SELECT a.x, b.x FROM (VALUES (1), (2)) AS a(x) LEFT JOIN (VALUES (1), (2)) AS b(x) ON a.x = b.x "
        + "WHERE b.x IS NULL", ""),
    // Groups, DISTINCT, FILTER.
    Case("SELECT count(*), sum(x) FROM (VALUES (1)) AS t(x) WHERE false", "0|NULL"),
    Case("SELECT x, count(*) FROM (VALUES (1)) AS t(x) WHERE false GROUP BY x", ""),
    Case(
      "SELECT count(DISTINCT x), count(x), count(*) FROM (VALUES (1), (1), (NULL), (2)) AS t(x)",
      "2|3|4"),
    Case(
      "SELECT sum(x) FILTER (WHERE x > 1), count(*) FILTER (WHERE x > 5) FROM (VALUES (1), (2), (3)) AS t(x)",
      "5|0"),
    Case("SELECT x AS y FROM (VALUES (2), (1)) AS t(x) GROUP BY y ORDER BY y", "1\n2"),
    Case("SELECT x + 1 FROM (VALUES (2), (1), (2)) AS t(x) GROUP BY x + 1", "3\n2"),
    Case("SELECT count(*) FROM (VALUES (2), (1)) AS t(x) HAVING count(*) > 2", ""),
    Case(
      "SELECT DISTINCT x, y FROM (VALUES (1, 'a'), (1, 'a'), (NULL, 'a'), (NULL, 'a')) AS t(x, y)",
      "1|a\nNULL|a"),
    Case("SELECT x FROM (VALUES (3), (1), (2)) AS t(x) ORDER BY -x", "3\n2\n1"),
    Case("SELECT x AS y, -x AS x FROM (VALUES (1), (2)) AS t(x) ORDER BY x", "2|-2\n1|-1"),
    // LIMIT and OFFSET.
    Case("SELECT x FROM (VALUES (1), (2), (3)) AS t(x) LIMIT 0", ""),
    Case("SELECT x FROM (VALUES (1), (2), (3)) AS t(x) LIMIT 2 OFFSET 2", "3"),
    Case("SELECT x FROM (VALUES (1), (2), (3)) AS t(x) OFFSET 3", ""),
    Case("SELECT x FROM (VALUES (1), (2), (3)) AS t(x) ORDER BY x DESC LIMIT 0 OFFSET 1", ""),
    Case("SELECT x FROM (VALUES (1), (2), (3)) AS t(x) LIMIT NULL", "1\n2\n3"),
    Case(
      "SELECT count(*) FROM (SELECT 1 FROM generate_series(1, 3000) AS s(x) LIMIT 2500 OFFSET 1000) AS t",
      "2000"),
    // IN and NULL.
    Case(
      "SELECT x IN (1, NULL), x NOT IN (1, NULL), x IN (1) FROM (VALUES (1), (2), (NULL)) AS t(x)",
      "t|f|t\nNULL|NULL|f\nNULL|NULL|NULL"),
    // No columns.
    Case("SELECT 1 FROM (VALUES (5), (6)) AS t(x)", "1\n1"),
    Case("SELECT count(*) FROM (VALUES (5), (6)) AS a(x), (VALUES (5), (6), (7)) AS b(x)", "6"),
    // Lists and points.
    Case(
      "SELECT x, count(*) FROM (VALUES (ARRAY[1, 2]), (ARRAY[1]), (ARRAY[1, 2]), (NULL)) AS t(x) GROUP BY x",
      "{1,2}|2\n{1}|1\nNULL|1"),
    Case(
      "SELECT DISTINCT p FROM (VALUES (POINT(1, 2)), (POINT(1, 2)), (POINT(2, 1))) AS t(p)",
      "(1,2)\n(2,1)"),
    Case(
      "SELECT s FROM (VALUES ('abcdefghi'), ('abcdefgh'), ('abcdefghh'), ('')) AS t(s) ORDER BY s DESC",
      "abcdefghi\nabcdefghh\nabcdefgh\n"),
  ]

  @Test("of small queries", arguments: cases)
  func small(_ item: Case) throws {
    #expect(try Database.inMemory().makeSession().line(item.sql) == item.answer)
  }

  @Test("of every type survive storage, filters, sorts, joins and groups")
  func types() throws {
    let disk = SimDisk(seed: 5)
    let define = """
      CREATE TABLE t AS SELECT x AS id, CASE WHEN x % 5 <> 0 THEN x % 3 = 0 END AS b,
        CAST(x % 100 AS smallint) AS w, CASE WHEN x % 7 <> 0 THEN x * 1000003 END AS l,
        CAST(x AS real) / 3 AS r, CASE WHEN x % 4 <> 0 THEN sin(x) END AS d,
        CASE WHEN x % 6 <> 0 THEN 'row ' || CAST(x % 500 AS text) || ' of the table' END AS s,
        ARRAY[x, x % 3] AS a, POINT(x % 360, x % 90) AS p, CAST(x AS decimal(20, 3)) / 7 AS m,
        date '2020-01-01' + CAST(x % 50 AS int) AS day
      FROM generate_series(1, 3000) AS s(x)
      """
    let memory = try Database.inMemory().makeSession()
    let session = try Database.onDisk(disk).makeSession()
    try memory.lines(define)
    try session.lines(define)
    let reopened = try Database.onDisk(disk.reopened(.loseUnsynced)).makeSession()
    for query in [
      "SELECT * FROM t", "SELECT * FROM t WHERE s > 'row 3' AND d < 0.5",
      "SELECT * FROM t ORDER BY s, d DESC, id LIMIT 500",
      "SELECT * FROM t WHERE day > '2020-02-01'",
      "SELECT b, w, count(*), max(s), min(day), sum(m) FROM t GROUP BY b, w",
      "SELECT a, p, s FROM t WHERE id IN (5, 2999, 17)", "SELECT DISTINCT s, b FROM t",
      "SELECT x.a, y.p, x.m FROM t x JOIN t y ON x.s = y.s AND x.id < y.id WHERE x.w = 7",
      "SELECT x.id, y.s, y.a FROM t x LEFT JOIN t y ON x.l = y.l AND y.b WHERE x.id < 400",
      "SELECT m, count(*) FROM t WHERE m < 50 GROUP BY m ORDER BY m DESC LIMIT 20",
      "SELECT count(*) FROM t WHERE r > 999.5 OR l IS NULL",
      "SELECT s, a, p FROM t LIMIT 7 OFFSET 1500",
    ] {
      let expected = try memory.lines(query)
      #expect(expected.count > 0)
      #expect(try session.lines(query) == expected, "\(query)")
      #expect(try reopened.lines(query) == expected, "\(query), reopened")
    }
  }

  @Test("of a table with a thousand columns")
  func wide() throws {
    let names = (0..<1000).map { "c\($0)" }
    for session in [
      try Database.inMemory().makeSession(), try Database.onDisk(SimDisk(seed: 6)).makeSession(),
    ] {
      try session.lines(
        "CREATE TABLE w (" + names.map { "\($0) int" }.joined(separator: ", ") + ")")
      for row in 0..<3 {
        let values = names.indices.map { $0 % 10 == row ? "NULL" : "\($0 * 10 + row)" }
        try session.lines("INSERT INTO w VALUES (" + values.joined(separator: ", ") + ")")
      }
      let rows = try session.lines("SELECT * FROM w ORDER BY c999 DESC")
      #expect(rows.count == 3 && rows[0].hasSuffix("|9992") && rows[0].hasPrefix("2|12|NULL|"))
      #expect(
        try session.line("SELECT sum(c500), count(c501), max(c999) FROM w WHERE c3 > 30")
          == "10003|1|9992")
    }
  }

  @Test("of batches larger than 1024 rows given by the program")
  func largeBatches() throws {
    for database in [try Database.inMemory(), try Database.onDisk(SimDisk(seed: 8))] {
      let appender = try database.createTable("t", columns: [ColumnDefinition("x", .int32)])
      for start in [0, 5000] {
        try appender.append(
          Batch(
            columns: [Vector.of((start..<start + 5000).map { .integer(Int64($0)) }, type: .int32)],
            rowCount: 5000))
      }
      #expect(try appender.commit() == 10_000)
      let session = database.makeSession()
      #expect(try session.line("SELECT count(*), sum(x) FROM t WHERE x % 2 = 1") == "5000|25000000")
      #expect(try session.line("SELECT x FROM t ORDER BY x DESC LIMIT 1 OFFSET 4999") == "5000")
      #expect(try session.line("SELECT count(DISTINCT x) FROM t WHERE x > 4990") == "5009")
    }
  }
}
