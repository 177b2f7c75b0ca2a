import Testing

@testable import Parsing

@Suite("Help while typing")
struct AssistanceTests {
  static let splits: [(String, StatementSplit)] = [
    ("", .incomplete(.nothing)), (" -- ;\n", .incomplete(.nothing)),
    ("SELECT 1", .incomplete(.statement)), ("SELECT 1;", .complete(end: 9)),
    ("SELECT ';' ; x", .complete(end: 12)), ("SELECT 'a''; b", .incomplete(.string)),
    ("SELECT \"a;", .incomplete(.quotedName)), ("SELECT `a;", .incomplete(.quotedName)),
    ("SELECT /* ; /* ; */ ;", .incomplete(.comment)), ("SELECT (1;", .incomplete(.parenthesis)),
    ("SELECT 1 /* ; */;", .complete(end: 17)), (";", .complete(end: 1)),
    ("SELECT (');');", .complete(end: 14)), ("a / b - c;", .complete(end: 10)),
  ]

  @Test("finds where a statement ends", arguments: splits)
  func split(text: String, wanted: StatementSplit) {
    #expect(SQLParser.splitStatement(in: Array(text.utf8)) == wanted)
  }

  @Test("goes on behind the first statement")
  func splitAgain() {
    #expect(SQLParser.splitStatement(in: Array("a; b;".utf8), from: 2) == .complete(end: 5))
  }

  @Test("offers words where they fit")
  func keywords() {
    let start = SQLParser.completions(for: "SEL")
    #expect(start.prefix == "SEL")
    #expect(start.prefixRange.offset == 0)
    #expect(start.expectedKeywords.contains("SELECT"))
    #expect(!start.expectedKeywords.contains("WHERE"))
    let after = SQLParser.completions(for: "SELECT a FROM t ")
    #expect(after.expectedKeywords.contains("WHERE"))
    #expect(after.expectedKeywords.contains("LEFT"))
    #expect(!after.wantsColumn)
    let strict = SQLParser.completions(for: "SELECT a FROM t ", dialect: .adql21)
    #expect(!strict.expectedKeywords.contains("LIMIT"))
  }

  @Test("knows what kind of name is wanted")
  func kinds() {
    let column = SQLParser.completions(for: "SELECT ")
    #expect(column.wantsColumn && column.wantsFunction && !column.wantsTable)
    let table = SQLParser.completions(for: "SELECT a FROM ga")
    #expect(table.wantsTable && !table.wantsColumn)
    let type = SQLParser.completions(for: "SELECT CAST(a AS d")
    #expect(type.wantsType && !type.wantsColumn)
    let argument = SQLParser.completions(for: "SELECT count(")
    #expect(argument.wantsColumn)
    #expect(SQLParser.completions(for: "INSERT INTO ").wantsTable)
    #expect(SQLParser.completions(for: "COPY t FROM 'x").isInsideString)
  }

  @Test("sees the tables of the query, also behind the caret")
  func scope() {
    let text = "SELECT r FROM gaia.source AS s, (SELECT 1 FROM hidden) q JOIN x ON (s.a = x.b, c)"
    let request = SQLParser.completions(for: text, caret: 8)
    #expect(request.prefix == "r")
    #expect(request.tablesInScope.map(\.name.text) == ["gaia.source", "q", "x"])
    #expect(request.tablesInScope.first?.alias?.text == "s")
    let qualified = SQLParser.completions(for: "SELECT s. FROM t s; SELECT 1", caret: 9)
    #expect(qualified.qualifiers.map(\.text) == ["s"])
    #expect(qualified.wantsColumn)
    #expect(qualified.tablesInScope.map(\.name.text) == ["t"])
  }

  @Test("any caret in any sample is safe")
  func carets() {
    for sample in AcceptedSyntaxTests.queries {
      for caret in 0...sample.text.utf8.count {
        let request = SQLParser.completions(for: sample.text, caret: caret)
        #expect(request.prefixRange.end == caret)
      }
    }
  }

  @Test("has a page for each command")
  func help() {
    #expect(SQLParser.helpTopics.contains("CREATE TABLE"))
    for topic in SQLParser.helpTopics {
      #expect(SQLParser.help(for: topic.lowercased())?.contains(topic) == true)
    }
    #expect(SQLParser.help(for: "SELECT")?.contains("[ GROUP BY expression [, ...] ]") == true)
    #expect(SQLParser.help(for: "FROB") == nil)
  }
}
