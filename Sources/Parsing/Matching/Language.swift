import Grammar

/// The compiled grammars, made once a process: the vocabulary with the first statement, a dialect's
/// program with its first statement.
enum Language {
  static let grammar = GrammarReader.rules(of: GrammarText.files)

  static let vocabulary = Vocabulary(
    words: Set(grammarWords(grammar)).union(ReservedWords.sql).union(ReservedWords.adql20)
      .union(ReservedWords.adql21).union(ReservedWords.functions).union(UnsupportedSyntax.words))

  static func program(_ dialect: Dialect) -> Program {
    switch dialect {
    case .adql20: adql20
    case .adql21: adql21
    case .adql: adql
    case .sql: sql
    }
  }

  /// The program that error messages and completion run; made when first needed.
  static func detailedProgram(_ dialect: Dialect) -> Program {
    switch dialect {
    case .adql20: detailedADQL20
    case .adql21: detailedADQL21
    case .adql: detailedADQL
    case .sql: detailedSQL
    }
  }

  private static let detailedADQL20 = compile(.adql20, isDetailed: true)
  private static let detailedADQL21 = compile(.adql21, isDetailed: true)
  private static let detailedADQL = compile(.adql, isDetailed: true)
  private static let detailedSQL = compile(.sql, isDetailed: true)
  private static let adql20 = compile(.adql20)
  private static let adql21 = compile(.adql21)
  private static let adql = compile(.adql)
  private static let sql = compile(.sql)

  static func compile(_ dialect: Dialect, isDetailed: Bool = false) -> Program {
    GrammarCompiler.program(
      grammar, dialect: dialect, vocabulary: vocabulary, isDetailed: isDetailed)
  }

  /// The words in quotes of all rules.
  static func grammarWords(_ rules: [GrammarRule]) -> [String] {
    rules.flatMap { rule in
      switch rule.body {
      case .pattern(let pattern): words(pattern)
      case .operators(let levels): levels.flatMap { $0.items.flatMap { words($0.pattern) } }
      }
    }
  }

  private static func words(_ pattern: Pattern) -> [String] {
    switch pattern {
    case .literal(let text):
      return text.utf8.first.map { $0 &- 65 < 26 } == true ? [text] : []
    case .tokens: return []
    case .rule(_, let arguments, _): return arguments.flatMap(words)
    case .sequence(let items): return items.flatMap(words)
    case .choice(let alternatives): return alternatives.flatMap { words($0.pattern) }
    case .optional(let item), .repeated(let item, _), .ahead(let item, _): return words(item)
    }
  }
}
