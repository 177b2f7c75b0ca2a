/// What a rule matched. Nodes stand in reading order, a node before its children.
struct MatchNode {
  var kind: NodeKind
  /// Index of its first token, and of the token behind its last.
  var start: UInt32
  var end: UInt32
  /// Index of the node behind its last descendant.
  var next: UInt32
}

enum MatchOutcome {
  /// The nodes and the index of the token behind the statement: a semicolon or the end.
  case matched([MatchNode], end: Int)
  /// No rule could take this token.
  case failed(at: Int)
  case tooDeep(at: Int)
}

/// What the grammar would have taken at a place.
struct Expectations {
  struct Item {
    var set: Int
    /// What to call it instead of naming its tokens.
    var label: String?
    /// Names of the rules it was looked for in, innermost first.
    var rules: [String]
    /// How many of them, counted from the innermost, would have begun here.
    var beginningRuleCount: Int
  }

  var items: [Item] = []
}
