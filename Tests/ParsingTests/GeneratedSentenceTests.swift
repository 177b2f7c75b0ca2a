import Base
import Testing

@testable import Parsing

@Suite("Generated sentences")
struct GeneratedSentenceTests {
  /// What the grammar allows and the lowering refuses.
  static let laterErrors = [
    "TOP and LIMIT", "same length", "has no type", "given twice",
    "collation does not exist",
    // The line between values and conditions in strict ADQL.
    "a condition is expected", "a value is expected", "COALESCE",
  ]

  @Test("all parse, and print as they parse", arguments: Dialect.allCases)
  func parse(dialect: Dialect) {
    var generator = SentenceGenerator(dialect, seed: 20_260_101)
    var parsedCount = 0
    for _ in 0..<400 {
      let sentence = generator.sentence()
      do {
        let printed = try SQLParser.parse(sentence, dialect: dialect).statement.description
        parsedCount += 1
        let again = try SQLParser.parse(printed).statement.description
        #expect(again == printed, "\(sentence)")
      } catch {
        #expect(
          Self.laterErrors.contains { error.message.contains($0) },
          "\(error.rendered(in: sentence))")
      }
    }
    #expect(parsedCount > 10)
  }

  @Test("use every rule of the grammar")
  func coverage() {
    var generator = SentenceGenerator(.sql, seed: 7)
    for _ in 0..<4000 { _ = generator.sentence() }
    let shapes: Set<String> = ["List", "Parens"]
    // Looking ahead and strict ADQL write nothing in SQL.
    let silent: Set<String> = [
      "ClauseAhead", "QueryAhead", "WindowWord", "QueryGoesOn", "StandardType", "StandardOffset",
    ]
    let unused = Set(Language.grammar.map(\.name)).subtracting(generator.usedRules)
      .subtracting(shapes).subtracting(silent)
    #expect(unused.isEmpty)
  }

  @Test("every kind of node is a rule of the grammar")
  func nodeKinds() {
    let rules = Set(Language.grammar.map(\.name))
    for kind in NodeKind.allCases where kind != .operator { #expect(rules.contains(kind.rawValue)) }
  }
}
