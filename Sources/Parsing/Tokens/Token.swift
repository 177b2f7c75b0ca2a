import Base

/// What a token is: a lexical class, a symbol, or a word of the grammar.
///
/// Words and symbols are numbered by `Vocabulary`; the classes below come first.
struct TokenKind: RawRepresentable, Hashable, Sendable {
  var rawValue: UInt16

  static let end = TokenKind(rawValue: 0)
  /// A regular identifier of letters, digits and underscores that begins with a letter.
  static let identifier = TokenKind(rawValue: 1)
  /// A regular identifier that ADQL has not: it begins with `_` or holds `$` or non-ASCII letters.
  static let extendedIdentifier = TokenKind(rawValue: 2)
  static let delimited = TokenKind(rawValue: 3)
  static let backticked = TokenKind(rawValue: 4)
  static let integer = TokenKind(rawValue: 5)
  static let decimal = TokenKind(rawValue: 6)
  static let string = TokenKind(rawValue: 7)
  static let parameter = TokenKind(rawValue: 8)
  static let firstSymbol: UInt16 = 9
}

struct Token {
  var offset: UInt32
  var length: UInt32
  var kind: TokenKind

  var range: SourceRange { SourceRange(offset: Int(offset), length: Int(length)) }
  var end: Int { Int(offset) + Int(length) }
}

/// The tokens of a text, followed by two `end` tokens so that one can always look two ahead.
struct TokenList {
  var tokens: [Token] = []
  /// For a `(` the index of its `)` and the other way round; 0 for everything else and for a
  /// parenthesis without partner (a `)` cannot be token 0 and have one).
  var partners: [UInt32] = []
  /// Without the end tokens.
  var count: Int { tokens.count - 2 }
}
