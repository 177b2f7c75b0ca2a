/// A pattern of one dialect: names looked up, shapes written out, tokens as sets.
indirect enum Resolved {
  case tokens(TokenSet)
  case group
  case call(Int)
  case sequence([Resolved])
  case choice([Resolved])
  case optional(Resolved)
  case repeated(Resolved)
  case ahead(Resolved, isNegated: Bool)
}

/// A rule of one dialect; one with `@level` is a rule of its own.
struct ResolvedRule {
  enum Body {
    case pattern(Resolved)
    case operators(ResolvedOperators)
  }

  var name: String
  var label: String?
  var body: Body
}

/// A table of operators from one level on.
struct ResolvedOperators {
  var prefix = TokenSet()
  var infix = TokenSet()
  /// The rules that follow an operand.
  var suffixes: [Resolved] = []
  var operand: Resolved = .sequence([])
  var alone = TokenSet()
}
