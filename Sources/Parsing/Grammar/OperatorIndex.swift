/// The level of every operator, for the lowering.
struct OperatorIndex {
  private(set) var levels: [OperatorLevel] = []
  private(set) var infix: [Int8]
  private(set) var prefix: [Int8]
  private(set) var suffix: [NodeKind: Int8] = [:]

  init(_ grammar: [GrammarRule], dialect: Dialect, vocabulary: Vocabulary) {
    infix = [Int8](repeating: -1, count: vocabulary.kindCount)
    prefix = infix
    for rule in grammar {
      guard case .operators(let table) = rule.body else { continue }
      precondition(levels.isEmpty, "one table of operators is all the lowering knows")
      levels = table
    }
    for (index, level) in levels.enumerated() {
      for item in level.items { enter(item.pattern, Int8(index), level.fixity, vocabulary) }
    }
  }

  private mutating func enter(
    _ pattern: Pattern, _ index: Int8, _ fixity: OperatorLevel.Fixity, _ vocabulary: Vocabulary
  ) {
    switch pattern {
    case .literal(let text):
      guard let kind = vocabulary.kind(ofSymbol: text) ?? vocabulary.kind(ofWord: text) else {
        return
      }
      if fixity == .before {
        prefix[Int(kind.rawValue)] = index
      } else {
        infix[Int(kind.rawValue)] = index
      }
    case .rule(let name, _, _):
      if fixity == .after, let node = NodeKind(rawValue: name) { suffix[node] = index }
    default: return
    }
  }
}
