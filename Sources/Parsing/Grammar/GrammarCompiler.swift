import Grammar

/// Writes the matcher's program for one dialect.
///
/// A detailed program tries every alternative even where the next token rules it out, so that an
/// error message or a completion hears of all of them. It accepts the same texts.
struct GrammarCompiler {
  private let rules: [ResolvedRule]
  private let firsts: FirstSets
  private let isDetailed: Bool
  private var code: [Instruction] = []
  private var sets: [TokenSet: Int32] = [:]
  private var setWords: [UInt64] = []
  private var entries: [Int32]
  private var labels: [String] = []

  static func program(
    _ grammar: [GrammarRule], dialect: Dialect, vocabulary: Vocabulary, isDetailed: Bool
  ) -> Program {
    let byName = Dictionary(grammar.map { ($0.name, $0) }) { first, _ in
      preconditionFailure("two rules are called \(first.name)")
    }
    var resolver = GrammarResolver(byName, dialect: dialect, vocabulary: vocabulary)
    let start = resolver.number(of: "Statement")
    let statementEnd = TokenSet(.end).union(vocabulary.kind(ofSymbol: ";"))
    var compiler = GrammarCompiler(resolver.resolved, vocabulary, isDetailed)
    compiler.emitStart(rule: start, end: statementEnd)
    for number in compiler.rules.indices { compiler.emitRule(number) }
    compiler.link()
    return compiler.finished(
      operators: OperatorIndex(grammar, dialect: dialect, vocabulary: vocabulary),
      classes: TokenClasses(dialect, vocabulary))
  }

  private init(_ rules: [ResolvedRule], _ vocabulary: Vocabulary, _ isDetailed: Bool) {
    self.rules = rules
    self.isDetailed = isDetailed
    guard let open = vocabulary.kind(ofSymbol: "(") else { preconditionFailure("no parenthesis") }
    precondition(vocabulary.kindCount <= TokenSet.wordCount * 64, "enlarge TokenSet")
    firsts = FirstSets(rules, openParenthesis: open)
    entries = rules.map { _ in 0 }
  }

  private func finished(operators: OperatorIndex, classes: TokenClasses) -> Program {
    Program(
      instructions: code, sets: setWords,
      rules: rules.enumerated().map { number, rule in
        Program.Rule(
          name: rule.name, node: NodeKind(rawValue: rule.name), label: rule.label,
          entry: entries[number])
      },
      labels: labels, infixLevels: operators.infix, prefixLevels: operators.prefix,
      suffixLevels: operators.suffix, levels: operators.levels, names: classes.set(named: "name"),
      functions: classes.set(named: "function"))
  }

  // MARK: Pieces

  private var here: Int32 { Int32(code.count) }

  private mutating func number(of set: TokenSet) -> Int32 {
    if let number = sets[set] { return number }
    let number = Int32(sets.count)
    sets[set] = number
    setWords += set.bits
    return number
  }

  private mutating func number(ofLabel label: String) -> Int32 {
    if let index = labels.firstIndex(of: label) { return Int32(index) }
    labels.append(label)
    return Int32(labels.count - 1)
  }

  /// Emits an instruction whose target is set later by `aim`.
  private mutating func emit(
    _ operation: Instruction.Code, a: Int32 = 0, b: Int32 = 0, label: Int32 = -1
  ) -> Int {
    code.append(Instruction(code: operation, a: a, b: b, label: label))
    return code.count - 1
  }

  private mutating func add(_ operation: Instruction.Code, a: Int32 = 0) {
    code.append(Instruction(code: operation, a: a))
  }

  /// Makes instructions go to the current place.
  private mutating func aim(_ indices: [Int]) {
    for index in indices {
      switch code[index].code {
      case .test: code[index].b = here
      case .alone: code[index].label = here
      default: code[index].a = here
      }
    }
  }

  // MARK: Rules

  private mutating func emitStart(rule: Int, end: TokenSet) {
    add(.call, a: Int32(rule))
    add(.token, a: number(of: end))
    add(.accept)
  }

  private mutating func emitRule(_ number: Int) {
    entries[number] = here
    switch rules[number].body {
    case .pattern(let pattern): emit(pattern)
    case .operators(let table): emit(table)
    }
    add(.back)
  }

  /// Writes into every call where its rule begins and what node it makes.
  private mutating func link() {
    let nodes = rules.map { NodeKind(rawValue: $0.name) }
    for index in code.indices where code[index].code == .call {
      code[index].b = entries[Int(code[index].a)]
      code[index].node = nodes[Int(code[index].a)]
    }
  }

  private mutating func emit(_ pattern: Resolved) {
    switch pattern {
    case .tokens(let set): add(.token, a: number(of: set))
    case .group: add(.group)
    case .call(let rule): add(.call, a: Int32(rule))
    case .sequence(let items): for item in items { emit(item) }
    case .choice(let items): emitChoice(items)
    case .optional(let item): emitChoice([item, .sequence([])])
    case .repeated(let item): emitLoop(item)
    case .ahead(let item, let isNegated):
      let begin = emit(.lookAhead)
      emit(item)
      if isNegated {
        add(.failTwice)
        aim([begin])
      } else {
        let done = emit(.backCommit)
        aim([begin])
        add(.fail)
        aim([done])
      }
    }
  }

  private mutating func emitChoice(_ items: [Resolved]) {
    var ends: [Int] = []
    for (index, item) in items.enumerated() {
      let isLast = index == items.count - 1
      if isLast {
        emit(item)
        break
      }
      var skips: [Int] = []
      let (first, isNullable) = firsts.of(item)
      if !isNullable, !isDetailed { skips.append(emit(.test, a: number(of: first))) }
      if isDecided(item, first, isNullable, among: items[(index + 1)...]) {
        emit(item)
        ends.append(emit(.jump))
      } else {
        skips.append(emit(.choice))
        emit(item)
        ends.append(emit(.commit))
      }
      aim(skips)
    }
    aim(ends)
  }

  /// Whether the first token alone decides for `item`, so that no place need be remembered.
  private func isDecided(
    _ item: Resolved, _ first: TokenSet, _ isNullable: Bool, among others: ArraySlice<Resolved>
  ) -> Bool {
    if isNullable || isDetailed { return false }
    if case .tokens = item { return true }
    return others.allSatisfy { other in
      let (set, canBeEmpty) = firsts.of(other)
      return !canBeEmpty && !set.intersects(first)
    }
  }

  private mutating func emitLoop(_ item: Resolved) {
    let start = here
    var exits: [Int] = []
    let (first, isNullable) = firsts.of(item)
    precondition(!isNullable, "a repeated pattern must take something")
    if !isDetailed { exits.append(emit(.test, a: number(of: first))) }
    if !isDetailed, case .tokens = item {
      emit(item)
      add(.jump, a: start)
    } else {
      exits.append(emit(.choice))
      emit(item)
      add(.commit, a: start)
    }
    aim(exits)
  }

  /// Operand, operators and operands as one flat row; the lowering gives it its shape by the table.
  private mutating func emit(_ table: ResolvedOperators) {
    var exits: [Int] = []
    var goesOn = table.infix
    for suffix in table.suffixes { goesOn.formUnion(firsts.of(suffix).set) }
    if !table.alone.isEmpty, !isDetailed {
      exits.append(emit(.alone, a: number(of: table.alone), b: number(of: goesOn)))
    }
    let operand = here
    let noPrefix = emit(.test, a: number(of: table.prefix))
    add(.operatorNode)
    add(.deepen)
    add(.jump, a: operand)
    aim([noPrefix])
    emit(table.operand)

    let afterOperand = here
    let label = number(ofLabel: "an operator")
    exits.append(emit(.test, a: number(of: goesOn), label: label))
    if !table.suffixes.isEmpty {
      let skip = emit(.choice)
      emitChoice(table.suffixes)
      add(.deepen)
      add(.commit, a: afterOperand)
      aim([skip])
    }
    exits.append(emit(.test, a: number(of: table.infix), label: label))
    add(.operatorNode)
    add(.jump, a: operand)
    aim(exits)
  }
}

extension TokenSet {
  func union(_ kind: TokenKind?) -> TokenSet {
    var copy = self
    if let kind { copy.insert(kind) }
    return copy
  }
}
