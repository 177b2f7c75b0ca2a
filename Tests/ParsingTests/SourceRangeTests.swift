import Base
import Testing

@testable import Parsing

@Suite("Source ranges")
struct SourceRangeTests {
  static let cases = [
    ("a + b * c", "b * c"), ("a + (b * c)", "b * c"), ("(a + b) * c", "(a + b) * c"),
    ("NOT a = b", "NOT a = b"), ("- a", "- a"), ("-1", "-1"), ("a::int", "a::int"),
    ("a IS NULL", "a IS NULL"), ("a NOT IN (1, 2)", "a NOT IN (1, 2)"),
    ("f(a, b) FILTER (WHERE c)", "f(a, b) FILTER (WHERE c)"), ("s.t.a", "s.t.a"),
    ("CASE WHEN a THEN b END", "CASE WHEN a THEN b END"), ("a LIKE 'x'", "a LIKE 'x'"),
    ("(SELECT 1)", "(SELECT 1)"), ("DATE '2020-01-01'", "DATE '2020-01-01'"), ("a[1]", "a[1]"),
  ]

  /// The text of some expression in the select list is the one wanted.
  @Test("cover the expression's text", arguments: cases)
  func expression(text: String, wanted: String) throws {
    let sql = "SELECT  \(text)  AS x FROM t"
    guard case .query(let query) = try SQLParser.parse(sql).statement,
      case .select(let select) = query.body, case .expression(let found, _) = select.items[0]
    else {
      Issue.record("not a query")
      return
    }
    let ranges = [found.range] + inner(found).map(\.range)
    let texts = ranges.map { range in
      String(decoding: Array(sql.utf8)[range.offset..<range.end], as: UTF8.self)
    }
    #expect(texts.contains(wanted))
  }

  private func inner(_ expression: Expression) -> [Expression] {
    if case .chain(let first, let rest, _) = expression { return [first] + rest.map(\.operand) }
    return []
  }

  @Test("cover statement, query and names")
  func others() throws {
    let sql = " SELECT a FROM s.t WHERE b ; "
    let parsed = try SQLParser.parse(sql)
    #expect(parsed.range == SourceRange(offset: 1, length: 25))
    guard case .query(let query) = parsed.statement, case .select(let select) = query.body,
      case .table(let name, _) = select.from[0]
    else {
      Issue.record("not a query")
      return
    }
    #expect(query.range == parsed.range)
    #expect(name.range == SourceRange(offset: 15, length: 3))
  }
}
