import Base
import Engine
import Testing
import Vectors

/// What is wrong with a statement, and exactly where: the bars stand around the place.
@Suite("Errors of the binder")
struct BinderErrorTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var marked: String
    var state: SQLState
    init(_ state: SQLState, _ marked: String) {
      self.state = state
      self.marked = marked
    }
    var testDescription: String { marked }
    var sql: String { marked.filter { $0 != "«" && $0 != "»" } }
    var range: SourceRange? {
      let parts = marked.split(separator: "«", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let end = parts[1].firstIndex(of: "»") else { return nil }
      return SourceRange(
        offset: parts[0].utf8.count, length: parts[1][..<end].utf8.count)
    }
  }

  static let cases: [Case] = [
    Case(.undefinedColumn, "SELECT «nope» FROM t"),
    Case(.undefinedColumn, "SELECT a, «Ä» FROM t"),
    Case(.undefinedColumn, "SELECT t.«nope» FROM t"),
    Case(.undefinedColumn, "SELECT «a»"),
    Case(.undefinedColumn, "SELECT a FROM t WHERE «b2» = 1"),
    Case(.undefinedColumn, "SELECT a FROM t ORDER BY «zz»"),
    Case(.undefinedColumn, "SELECT a FROM t GROUP BY «zz»"),
    Case(.undefinedColumn, "SELECT a FROM t JOIN u USING («b»)"),
    Case(.undefinedTable, "SELECT a FROM «nowhere»"),
    Case(.undefinedTable, "SELECT «x».a FROM t"),
    Case(.undefinedTable, "SELECT «x».* FROM t"),
    Case(.undefinedTable, "INSERT INTO «nowhere» VALUES (1)"),
    Case(.ambiguousColumn, "SELECT «a» FROM t, u"),
    Case(.ambiguousColumn, "SELECT t.a FROM t JOIN u ON «a» = 1"),
    Case(.ambiguousColumn, "SELECT a AS x, b AS x FROM t ORDER BY «x»"),
    Case(.duplicateAlias, "SELECT 1 FROM t, «t»"),
    Case(.duplicateAlias, "SELECT 1 FROM t JOIN «t» ON true"),
    Case(.undefinedFunction, "SELECT «nofunction(1)»"),
    Case(.undefinedFunction, "SELECT «sqrt('a', 2)»"),
    Case(.undefinedFunction, "SELECT * FROM «nofunction»(1)"),
    Case(.undefinedFunction, "SELECT «schema.abs(1)»"),
    Case(.groupingError, "SELECT «a», count(*) FROM t"),
    Case(.groupingError, "SELECT count(*), «b + 1» FROM t GROUP BY a"),
    Case(.groupingError, "SELECT count(*) FROM t HAVING «a > 1»"),
    Case(.groupingError, "SELECT a FROM t WHERE «sum(a)» > 1"),
    Case(.groupingError, "SELECT a FROM t GROUP BY «sum(a)»"),
    Case(.groupingError, "SELECT sum(«count(*)») FROM t"),
    Case(.groupingError, "SELECT sum(a) FILTER (WHERE «count(*)» > 1) FROM t"),
    Case(.groupingError, "SELECT 1 FROM t JOIN u ON «count(*)» = 1"),
    Case(.groupingError, "SELECT count(*) FROM t GROUP BY «1»"),
    Case(.invalidColumnReference, "SELECT a FROM t ORDER BY «2»"),
    Case(.invalidColumnReference, "SELECT a FROM t ORDER BY «0»"),
    Case(.invalidColumnReference, "SELECT a FROM t GROUP BY «7»"),
    Case(.invalidColumnReference, "SELECT DISTINCT a FROM t ORDER BY «b»"),
    Case(.invalidParameterValue, "SELECT a FROM t LIMIT «-1»"),
    Case(.invalidParameterValue, "SELECT a FROM t OFFSET «-5»"),
    Case(.undefinedColumn, "SELECT a FROM t LIMIT «a»"),
    Case(.datatypeMismatch, "SELECT a FROM t WHERE «a»"),
    Case(.datatypeMismatch, "SELECT a FROM t WHERE NOT «a»"),
    Case(.datatypeMismatch, "SELECT a FROM t WHERE a = 1 AND «s»"),
    Case(.datatypeMismatch, "SELECT a = «s» FROM t"),
    Case(.datatypeMismatch, "SELECT CASE WHEN a = 1 THEN 1 ELSE «s» END FROM t"),
    Case(.datatypeMismatch, "SELECT a IN (1, «s») FROM t"),
    Case(.datatypeMismatch, "SELECT «a» LIKE 'x' FROM t"),
    Case(.datatypeMismatch, "SELECT * FROM (VALUES (1), («true»)) AS v"),
    Case(.invalidTextRepresentation, "SELECT a = «'x'» FROM t"),
    Case(.invalidTextRepresentation, "SELECT CAST(«'1x'» AS int)"),
    Case(.invalidTextRepresentation, "SELECT a BETWEEN 1 AND «'z'» FROM t"),
    Case(.cannotCoerce, "SELECT «CAST(true AS date)»"),
    Case(.undefinedObject, "SELECT CAST(1 AS «nothing»)"),
    Case(.undefinedParameter, "SELECT «$1»"),
    Case(.featureNotSupported, "SELECT a FROM t LIMIT «(SELECT 1)»"),
    Case(.syntaxError, "SELECT a FROM t WHERE «a IN (SELECT 1, 2)»"),
    Case(.undefinedFunction, "SELECT a FROM t ORDER BY «ARRAY[a]»"),
    Case(.undefinedFunction, "SELECT POINT(a, a) AS p FROM t ORDER BY «p» DESC"),
    Case(.syntaxError, "SELECT «*»"),
    Case(.divisionByZero, "SELECT 1 «/» 0"),
    Case(.divisionByZero, "SELECT 7 «%» (a - a) FROM t"),
    Case(.numericValueOutOfRange, "SELECT a «*» 2000000000 FROM t"),
  ]

  @Test("say what and where", arguments: cases)
  func errors(_ wrong: Case) throws {
    let session = try Database(.memory).makeSession()
    _ = try session.run("CREATE TABLE t (a int, b double precision, s text)")
    _ = try session.run("INSERT INTO t VALUES (5, 2, 'x')")
    _ = try session.run("CREATE TABLE u (a int, c int)")
    do throws(SQLError) {
      if let stream = try session.run(wrong.sql).stream { while try stream.next() != nil {} }
      Issue.record("no error")
    } catch {
      #expect(error.state == wrong.state, "\(error)")
      #expect(error.range == wrong.range, "\(error.rendered(in: wrong.sql))")
      // Lower case, but for SQL's own words.
      let word = error.message.prefix { $0 != " " }
      #expect(word == word.lowercased() || word == word.uppercased())
      #expect(error.message.last != ".")
    }
  }
}
