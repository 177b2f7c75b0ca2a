/// One step of the matcher.
struct Instruction: Sendable {
  enum Code: UInt8, Sendable {
    /// Takes a token of set `a` or fails.
    case token
    /// Goes to `b` unless the current token is of set `a`; `label` says what was looked for.
    case test
    /// Remembers the place; a failure goes on at `a` from there.
    case choice
    /// The same, for a look ahead: what happens until then is not worth an error message.
    case lookAhead
    /// Forgets the youngest remembered place and goes to `a`.
    case commit
    /// Forgets it, returns to it and goes to `a`.
    case backCommit
    /// Forgets it and fails.
    case failTwice
    case fail
    case jump
    /// Matches rule `a`, whose code begins at `b` and which makes `node`, if anything.
    case call
    case back
    /// Takes an operator's token as a node.
    case operatorNode
    /// Counts one more level of nesting until the rule ends.
    case deepen
    /// Takes a token of set `a` and goes to `label` if the token after it is not of set `b`.
    case alone
    /// Takes a pair of parentheses and all within.
    case group
    case accept
  }

  var code: Code
  var a: Int32 = 0
  var b: Int32 = 0
  var label: Int32 = -1
  var node: NodeKind?
}

/// A dialect's grammar made ready for the matcher.
struct Program: Sendable {
  struct Rule: Sendable {
    var name: String
    /// The node it makes, or nil if it is transparent.
    var node: NodeKind?
    var label: String?
    var entry: Int32
  }

  var instructions: [Instruction]
  /// `TokenSet.wordCount` words a set.
  var sets: [UInt64]
  var rules: [Rule]
  var labels: [String]
  /// By token kind, the operators' levels: index into `levels`, or -1.
  var infixLevels: [Int8]
  var prefixLevels: [Int8]
  var suffixLevels: [NodeKind: Int8]
  var levels: [OperatorLevel]
  /// Names that the dialect accepts without quotes.
  var names: TokenSet
  /// Those, and reserved words that functions are called by.
  var functions: TokenSet

  func contains(set: Int, _ kind: TokenKind) -> Bool {
    sets[set * TokenSet.wordCount + Int(kind.rawValue) >> 6] >> (UInt64(kind.rawValue) & 63) & 1
      == 1
  }

  /// The words of a set. Of one that takes any name only those that are no names themselves.
  func keywords(ofSet set: Int, _ vocabulary: Vocabulary) -> [String] {
    let takesNames = contains(set: set, .identifier)
    var words: [String] = []
    for kind in kinds(ofSet: set) where vocabulary.isWord(kind) {
      if takesNames && (names.contains(kind) || functions.contains(kind)) { continue }
      if let word = vocabulary.spelling(of: kind) { words.append(word) }
    }
    return words
  }

  func kinds(ofSet set: Int) -> [TokenKind] {
    var result: [TokenKind] = []
    for word in 0..<TokenSet.wordCount {
      var bits = sets[set * TokenSet.wordCount + word]
      while bits != 0 {
        result.append(TokenKind(rawValue: UInt16(word * 64 + bits.trailingZeroBitCount)))
        bits &= bits - 1
      }
    }
    return result
  }
}
