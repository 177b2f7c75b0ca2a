import Base
import Engine
import Testing

/// Statements made to break the engine get an answer or an error, soon, on a small stack.
@Suite("Hostile statements")
struct HostileTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    /// Nil: any answer.
    var answer: String?
    var state: SQLState?
    var sql: @Sendable () -> String
    var testDescription: String { name }

    static func answer(
      _ name: String, _ answer: String, _ sql: @escaping @Sendable () -> String
    ) -> Case { Case(name: name, answer: answer, state: nil, sql: sql) }

    static func refused(
      _ name: String, _ state: SQLState = .statementTooComplex,
      _ sql: @escaping @Sendable () -> String
    ) -> Case { Case(name: name, answer: nil, state: state, sql: sql) }
  }

  private static func repeated(_ text: String, _ count: Int) -> String {
    String(repeating: text, count: count)
  }

  private static func list(_ count: Int, _ separator: String, _ item: (Int) -> String) -> String {
    (0..<count).map(item).joined(separator: separator)
  }

  private static func nested(_ count: Int, _ first: String, _ body: (String) -> String) -> String {
    (0..<count).reduce(first) { text, _ in body(text) }
  }

  #if DEBUG
    private static let many = 15_000
  #else
    private static let many = 150_000
  #endif

  static let cases: [Case] = [
    .refused("100,000 parentheses") {
      "SELECT " + repeated("(", 100_000) + "1" + repeated(")", 100_000)
    },
    .refused("100,000 NOTs") { "SELECT " + repeated("NOT ", 100_000) + "true" },
    .refused("100,000 signs") { "SELECT " + repeated("- ", 100_000) + "1" },
    .refused("100,000 casts") { "SELECT 1" + repeated("::int", 100_000) },
    .refused("150,000 additions") { "SELECT " + list(150_000, " + ") { _ in "1" } },
    .answer("very many concatenations", "\(many)") {
      "SELECT length(" + list(many, " || ") { _ in "'a'" } + ")"
    },
    .answer("very many ORs", "1500") {
      "SELECT count(*) FROM t WHERE " + list(many, " OR ") { "x = \($0)" }
    },
    .answer("a megabyte of IN", "1500") {
      "SELECT count(*) FROM t WHERE x IN (" + list(150_000, ",") { "\($0)" } + ")"
    },
    .answer("10,000 rows of VALUES", "10000|49995000") {
      "SELECT count(*), sum(column1) FROM (VALUES " + list(10_000, ",") { "(\($0), 'a')" }
        + ") AS v"
    },
    .answer("2,000 rows of VALUES that are not constant", "2000") {
      "SELECT count(*) FROM (VALUES " + list(2000, ",") { "(random() + \($0))" } + ") AS v"
    },
    .refused("chains in chains") {
      "SELECT " + nested(90, "x") { "(\($0)" + repeated(" + x", 390) + ")" } + " FROM t"
    },
    .answer("a long chain", "381") { "SELECT 1" + repeated(" + 1", 380) },
    .refused("BETWEEN of BETWEEN") {
      "SELECT " + nested(40, "x") { "CAST((\($0)) BETWEEN 1 AND 2 AS int)" } + " FROM t"
    },
    .refused("CASE of CASE") {
      "SELECT " + nested(40, "x") { "CASE \($0) WHEN 1 THEN 2 WHEN 3 THEN 4 END" } + " FROM t"
    },
    .refused("IN of IN") {
      "SELECT " + nested(40, "x") { "CAST((\($0)) IN (x, x + 1) AS int)" } + " FROM t"
    },
    .answer("a few BETWEENs of BETWEEN", "1500") {
      "SELECT count(" + nested(5, "x") { "CAST((\($0)) BETWEEN 0 AND 2 AS int)" } + ") FROM t"
    },
    .refused("WITH tables that double") {
      "WITH a0 AS (SELECT 1 AS x)"
        + (0..<40).map { ", a\($0 + 1) AS (SELECT l.x FROM a\($0) l, a\($0) m)" }.joined()
        + " SELECT count(*) FROM a40"
    },
    .refused("a long chain of WITH tables") {
      "WITH a0 AS (SELECT 1 AS x)"
        + (0..<5000).map { ", a\($0 + 1) AS (SELECT x + 1 AS x FROM a\($0))" }.joined()
        + " SELECT * FROM a5000"
    },
    .answer("a chain of WITH tables", "51") {
      "WITH a0 AS (SELECT 1 AS x)"
        + (0..<50).map { ", a\($0 + 1) AS (SELECT x + 1 AS x FROM a\($0))" }.joined()
        + " SELECT * FROM a50"
    },
    .answer("many WITH tables that nobody uses", "1") {
      "WITH " + list(2000, ", ") { "a\($0) AS (SELECT 1 AS x)" } + " SELECT x FROM a7"
    },
    .refused("20,000 tables in FROM") {
      "SELECT count(*) FROM " + list(20_000, ", ") { "(SELECT 1) AS a\($0)" }
    },
    .answer("60 tables in FROM", "1") {
      "SELECT count(*) FROM " + list(60, ", ") { "(SELECT 1) AS a\($0)" }
    },
    .refused("20,000 joins") {
      "SELECT count(*) FROM (SELECT 1) AS b"
        + list(20_000, "") { " JOIN (SELECT 1) AS a\($0) ON true" }
    },
    .answer("deep subqueries with every clause", "1") {
      nested(60, "SELECT 1 AS x") {
        "SELECT DISTINCT x FROM (\($0)) AS s GROUP BY x HAVING count(*) > 0 ORDER BY x LIMIT 5"
      }
    },
    .refused("hundreds of subqueries") {
      nested(5000, "SELECT 1 AS x") { "SELECT x FROM (\($0)) AS s" }
    },
    .answer("5,000 unions", "5000") {
      "SELECT count(*) FROM (" + list(5000, " UNION ALL ") { "SELECT \($0)" } + ") AS u"
    },
    .answer("unions that differ from one to the next", "4") {
      "SELECT count(*) FROM ("
        + list(60, "") { ($0 == 0 ? "" : $0 % 2 == 0 ? " UNION " : " UNION ALL ") + "SELECT \($0 % 3)" }
        + ") AS u"
    },
    .refused("thousands that differ") {
      list(5000, "") { ($0 == 0 ? "" : $0 % 2 == 0 ? " UNION " : " EXCEPT ") + "SELECT \($0)" }
    },
    .answer("subqueries in subqueries", "1") { "SELECT " + nested(60, "1") { "(SELECT \($0))" } },
    .refused("thousands of subqueries in subqueries") {
      "SELECT " + nested(5000, "1") { "(SELECT \($0))" }
    },
    .answer("a hundred subqueries side by side", "4950") {
      "SELECT " + list(100, " + ") { "(SELECT \($0))" }
    },
    .refused("thousands of subqueries side by side") {
      "SELECT " + list(3000, ", ") { "(SELECT \($0))" }
    },
    .answer("EXISTS twelve deep, each with the first and the one around", "3") {
      let inner = (1...12).reversed().reduce("true") { below, level in
        "EXISTS (SELECT 1 FROM generate_series(1, 3) AS t\(level)(x) WHERE t\(level).x >= "
          + "t\(level - 1).x AND t\(level).x >= t0.x AND \(below))"
      }
      return "SELECT count(*) FROM generate_series(1, 3) AS t0(x) WHERE \(inner)"
    },
    .answer("LIMIT and OFFSET beyond all numbers", "2\n3") {
      "SELECT x FROM generate_series(1, 3) AS s(x) LIMIT 9223372036854775807 OFFSET 1"
    },
    .answer("the same inside", "5") {
      "SELECT sum(x) FROM (SELECT x FROM generate_series(1, 3) AS s(x) "
        + "LIMIT 9223372036854775807 OFFSET 1) AS l"
    },
    .answer("the same under ORDER BY", "2\n1") {
      "SELECT x FROM generate_series(1, 3) AS s(x) ORDER BY x DESC "
        + "LIMIT 9223372036854775807 OFFSET 1"
    },
    .answer("OFFSET of all numbers", "") {
      "SELECT 1 LIMIT 9223372036854775807 OFFSET 9223372036854775807"
    },
  ]

  private static let stackBytes = 512 << 10

  @Test("are answered or refused", arguments: cases)
  func bounded(_ hostile: Case) throws {
    let found = try onSmallStack(bytes: Self.stackBytes) { () -> Result<String, SQLError> in
      do throws(SQLError) {
        let session = try Database.inMemory(workers: 1).makeSession()
        try session.lines("CREATE TABLE t AS SELECT x FROM generate_series(0, 1499) AS s(x)")
        return .success(try session.line(hostile.sql()))
      } catch {
        return .failure(error)
      }
    }
    switch found {
    case .success(let text):
      #expect(hostile.state == nil)
      if let answer = hostile.answer { #expect(text == answer) }
    case .failure(let error):
      let isExpected = hostile.answer == nil && (hostile.state ?? error.state) == error.state
      #expect(isExpected, "\(error)")
    }
  }
}
