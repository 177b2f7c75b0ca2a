import Base
import Testing

@testable import Parsing

/// A wrong text; `«` marks where the error is.
struct Wrong: CustomTestStringConvertible, Sendable {
  var text: String
  var message: String
  var hint: String
  var state: SQLState
  var dialect: Dialect

  init(
    _ text: String, _ message: String, hint: String = "", state: SQLState = .syntaxError,
    _ dialect: Dialect = .sql
  ) {
    self.text = text
    self.message = message
    self.hint = hint
    self.state = state
    self.dialect = dialect
  }

  var testDescription: String { text }
  var plain: String { text.split(separator: "«", omittingEmptySubsequences: false).joined() }
  var offset: Int { text.prefix { $0 != "«" }.utf8.count }
}

@Suite("Syntax errors")
struct SyntaxErrorTests {
  static let misspelt = [
    Wrong("«SELCT a FROM t", "unexpected \"SELCT\"", hint: "SELECT?"),
    Wrong("SELECT a «FORM t", "unexpected \"FORM\"", hint: "FROM?"),
    Wrong("SELECT a FROM t «WHER x = 1", "unexpected \"WHER\"", hint: "WHERE?"),
    Wrong("SELECT a FROM t «GRUOP BY a", "unexpected", hint: "GROUP?"),
    Wrong("SELECT a FROM t ORDER BY a «DSC", "unexpected", hint: "DESC?"),
    Wrong("SELECT a FROM t LEFT «JION u ON a = b", "unexpected", hint: "JOIN?"),
    Wrong("SELECT a FROM t WHERE a = 1 «AN b = 2", "unexpected", hint: "AND?"),
    Wrong("CREATE «TABEL t (a int)", "unexpected", hint: "TABLE?"),
    Wrong("COPY t «FORM 'x'", "unexpected", hint: "FROM?"),
    Wrong("«INSRT INTO t VALUES (1)", "unexpected", hint: "INSERT?"),
  ]

  static let structure = [
    Wrong(
      "SELECT a FROM t LIMIT 5 «ORDER BY a", "found \"ORDER\"",
      hint: "ORDER BY goes before LIMIT."),
    Wrong("SELECT a FROM t ORDER BY a «WHERE b", "\"WHERE\"", hint: "WHERE goes before ORDER BY."),
    Wrong("SELECT a FROM t WHERE b «WHERE c", "\"WHERE\"", hint: "already given"),
    Wrong("SELECT a, «FROM t", "found \"FROM\"", hint: "Remove the comma"),
    Wrong("SELECT f(a, «) FROM t", "expected an expression, found \")\"", hint: "Remove the comma"),
    Wrong("SELECT «FROM t", "found \"FROM\"", hint: "write * for all"),
    Wrong("SELECT a b «c FROM t", "unexpected \"c\"", hint: "\",\" may be missing"),
    Wrong("SELECT a FROM t WHERE (x = 1«", "expected \")\", found end", hint: "line 1, column 23"),
    Wrong("SELECT a FROM t WHERE x = 1«)", "unexpected \")\"", hint: "no \"(\" for this"),
    Wrong("SELECT a FROM t WHERE x IN «1, 2", "expected \"(\"", hint: "\"(\" may be missing"),
    Wrong("SELECT «group, a FROM t", "found \"group\"", hint: "\"group\""),
    Wrong("SELECT a FROM t WHERE x «== 1", "unexpected \"==\"", hint: "single ="),
    Wrong("SELECT a FROM t WHERE x = «?", "unexpected \"?\"", hint: "$1"),
    Wrong("SELECT a FROM t JOIN u«", "ON or USING", hint: "ON condition"),
    Wrong("SELECT a FROM t GROUP «a", "expected BY, found \"a\""),
    Wrong("SELECT CASE WHEN a THEN b «FROM t", "WHEN, ELSE or END"),
    Wrong("SELECT a FROM t WHERE x BETWEEN 1 «OR 2", "expected AND, found \"OR\""),
    Wrong("SELECT a FROM t WHERE«", "expected an expression, found end of the statement"),
    Wrong("SELECT CAST(a AS «) FROM t", "expected a type, found \")\""),
    Wrong("DROP «t", "expected TABLE"),
    Wrong("WITH a AS «SELECT 1 SELECT * FROM a", "expected \"(\""),
    Wrong("SELECT a << «FROM t", "unexpected \"FROM\""),
    Wrong("SELECT 1 UNION«", "found end of the statement"),
    Wrong("SELECT 1 ORDER BY 1 «UNION SELECT 2", "unexpected \"UNION\""),
    Wrong("SELECT a < b «< c", "cannot be chained", hint: "AND"),
    Wrong("SELECT 1; «SELECT 2", "only one statement"),
    Wrong("«", "empty"),
    Wrong("CREATE TABLE t (a int, «b)", "no type: \"b\"", hint: "b double precision"),
    Wrong("CREATE TABLE t CLUSTER BY (a) AS SELECT 1 AS a «CLUSTER BY (a)", "given twice"),
    Wrong("INSERT INTO t VALUES (1, 2), «(3)", "same length: 2, 1"),
    Wrong("SELECT TOP «5 a FROM t LIMIT 5", "TOP and LIMIT"),
    Wrong("SELECT a FROM 'f.csv' (header => «)", "expected a value, found \")\""),
    Wrong("COPY t FROM 'f.csv' (columns (a, «))", "expected a value"),
    Wrong("SELECT a FROM t WHERE a «=> 1", "unexpected \"=>\"", hint: ">="),
    Wrong("SELECT «$0", "no parameter $0", state: .undefinedParameter),
    Wrong(
      "SELECT CAST(a AS char(«99999999999999999999))", "out of range",
      state: .numericValueOutOfRange),
  ]

  static let lexical = [
    Wrong("SELECT «'abc", "unterminated string", hint: "'"),
    Wrong("SELECT «\"abc", "unterminated name"),
    Wrong("SELECT «`abc", "unterminated name"),
    Wrong("SELECT 1 «/* /* */", "unterminated comment", hint: "nest"),
    Wrong("SELECT «\u{2018}abc\u{2019}", "unexpected character", hint: "straight quotes"),
    Wrong("SELECT a«\u{201D}", "unexpected character", hint: "straight quotes"),
    Wrong("SELECT a «\u{2212} 1", "unexpected character", hint: "minus"),
    Wrong("SELECT a «\u{2264} 1", "unexpected character", hint: "<="),
    Wrong("SELECT «1_000", "trailing junk after a number: 1_000", hint: "without separators"),
    Wrong("SELECT «0x1F", "trailing junk"), Wrong("SELECT «12abc", "trailing junk"),
    Wrong("SELECT «$1a", "trailing junk after a parameter"), Wrong("SELECT «$", "unexpected"),
    Wrong("SELECT «\"\"", "cannot be empty"), Wrong("SELECT «\u{1}", "control character: 0x1"),
  ]

  static let unsupported = [
    Wrong("«MERGE INTO t", "MERGE", state: .featureNotSupported),
    Wrong("CREATE TABLE t (a int «PRIMARY KEY)", "constraints", state: .featureNotSupported),
    Wrong("«VACUUM", "VACUUM", state: .featureNotSupported),
  ]

  static let strict = [
    Wrong("SELECT a FROM t LIMIT «5", "unexpected \"5\"", hint: "TOP n", .adql21),
    Wrong("SELECT «distance FROM t", "reserved word", hint: "\"distance\"", .adql21),
    Wrong("SELECT «_a FROM t", "", hint: "\"_a\"", .adql21),
    Wrong("SELECT a FROM t WHERE «CONTAINS(p, c)", "a condition is expected", hint: "1 =", .adql21),
    Wrong("SELECT a, «CASE WHEN a = 1 THEN 2 END FROM t", "", hint: "ADQL 2.1", .adql21),
    Wrong("SELECT «COALESCE() FROM t", "needs an argument", .adql21),
    Wrong("SELECT a FROM t WHERE a «ILIKE 'x'", "\"ILIKE\"", hint: "ADQL 2.0", .adql20),
  ]

  @Test("misspelt words", arguments: misspelt)
  func misspelling(_ wrong: Wrong) { check(wrong) }

  @Test("structure", arguments: structure)
  func structureError(_ wrong: Wrong) { check(wrong) }

  @Test("characters and literals", arguments: lexical)
  func lexicalError(_ wrong: Wrong) { check(wrong) }

  @Test("syntax to come", arguments: unsupported)
  func unsupportedSyntax(_ wrong: Wrong) { check(wrong) }

  @Test("strict ADQL", arguments: strict)
  func strictError(_ wrong: Wrong) { check(wrong) }

  private func check(_ wrong: Wrong) {
    do {
      let parsed = try SQLParser.parse(wrong.plain, dialect: wrong.dialect)
      Issue.record("accepted as \(parsed.statement)")
    } catch {
      #expect(error.state == wrong.state)
      #expect(wrong.message.isEmpty || error.message.contains(wrong.message), "\(error.message)")
      #expect(error.range?.offset == wrong.offset, "\(error.rendered(in: wrong.plain))")
      #expect(wrong.hint.isEmpty || error.hint?.contains(wrong.hint) == true, "\(error)")
    }
  }
}
