/// For each rule, the tokens it can begin with and whether it can match nothing.
struct FirstSets {
  private(set) var first: [TokenSet]
  private(set) var isNullable: [Bool]
  private let open: TokenSet

  init(_ rules: [ResolvedRule], openParenthesis: TokenKind) {
    first = rules.map { _ in TokenSet() }
    isNullable = rules.map { _ in false }
    open = TokenSet(openParenthesis)
    var changed = true
    while changed {
      changed = false
      for (number, rule) in rules.enumerated() {
        let (set, nullable) = of(rule.body)
        if first[number].formUnion(set) { changed = true }
        if nullable != isNullable[number] {
          isNullable[number] = nullable
          changed = true
        }
      }
    }
  }

  private func of(_ body: ResolvedRule.Body) -> (TokenSet, Bool) {
    switch body {
    case .pattern(let pattern): return of(pattern)
    case .operators(let table):
      var (set, nullable) = of(table.operand)
      set.formUnion(table.prefix)
      set.formUnion(table.alone)
      if !table.prefix.isEmpty { nullable = false }
      return (set, nullable)
    }
  }

  func of(_ pattern: Resolved) -> (set: TokenSet, isNullable: Bool) {
    switch pattern {
    case .tokens(let set): return (set, false)
    case .group: return (open, false)
    case .call(let rule): return (first[rule], isNullable[rule])
    case .optional(let item), .repeated(let item): return (of(item).set, true)
    case .ahead: return (TokenSet(), true)
    case .sequence(let items):
      var result = TokenSet()
      for item in items {
        let (set, nullable) = of(item)
        result.formUnion(set)
        if !nullable { return (result, false) }
      }
      return (result, true)
    case .choice(let items):
      var result = TokenSet()
      var nullable = false
      for item in items {
        let part = of(item)
        result.formUnion(part.set)
        if part.isNullable { nullable = true }
      }
      return (result, nullable)
    }
  }
}
