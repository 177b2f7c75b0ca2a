/// A parsing expression as the grammar files write it.
indirect enum Pattern: Sendable {
  /// `'SELECT'` or `'<='`.
  case literal(String)
  /// `%name`: a class of tokens.
  case tokens(String)
  /// A rule or a parameter of the enclosing rule; `level` is what follows `@`.
  case rule(String, arguments: [Pattern], level: String?)
  case sequence([Pattern])
  case choice([Alternative])
  case optional(Pattern)
  case repeated(Pattern, atLeastOnce: Bool)
  /// `&X` or `!X`: looks ahead without taking anything.
  case ahead(Pattern, isNegated: Bool)
}

struct Alternative: Sendable {
  /// Names of the dialects that have it; nil for all.
  var dialects: Set<String>?
  var pattern: Pattern

  func belongs(to dialect: Dialect) -> Bool {
    dialects.map { $0.contains(dialect.rawValue) } ?? true
  }
}

struct GrammarRule: Sendable {
  enum Body: Sendable {
    case pattern(Pattern)
    case operators([OperatorLevel])
  }

  var name: String
  var parameters: [String]
  /// What errors call it: "a name".
  var label: String?
  var body: Body
  /// The grammar file it is from.
  var file: String
}

/// One line of a table of operators.
struct OperatorLevel: Sendable {
  enum Fixity: String, Sendable {
    /// Stands between operands, any number of times; one node holds them all.
    case many
    /// Stands between two operands and does not repeat.
    case once
    /// Stands before its operand.
    case before
    /// Rules that follow their operand.
    case after
    /// The rule of what operators connect.
    case operand
    /// Tokens that are an operand by themselves: a short cut for literals.
    case alone
  }

  var name: String
  var fixity: Fixity
  var items: [Alternative]
}
