import Grammar

/// Turns the rules that a dialect can reach into `ResolvedRule`s.
struct GrammarResolver {
  private let rules: [String: GrammarRule]
  private let dialect: Dialect
  private let classes: TokenClasses
  private let vocabulary: Vocabulary
  private var numbers: [String: Int] = [:]
  private(set) var resolved: [ResolvedRule] = []

  init(_ rules: [String: GrammarRule], dialect: Dialect, vocabulary: Vocabulary) {
    self.rules = rules
    self.dialect = dialect
    self.vocabulary = vocabulary
    classes = TokenClasses(dialect, vocabulary)
  }

  /// The number of a rule, which is resolved now if it has not been yet.
  mutating func number(of name: String, level: String? = nil) -> Int {
    let key = level.map { name + "@" + $0 } ?? name
    if let number = numbers[key] { return number }
    guard let rule = rules[name] else { preconditionFailure("the grammar has no rule \(name)") }
    let number = resolved.count
    numbers[key] = number
    resolved.append(ResolvedRule(name: name, label: rule.label, body: .pattern(.sequence([]))))
    switch rule.body {
    case .pattern(let pattern): resolved[number].body = .pattern(resolve(pattern, [:]))
    case .operators(let levels):
      resolved[number].body = .operators(operators(levels, from: level))
    }
    return number
  }

  private mutating func resolve(_ pattern: Pattern, _ environment: [String: Resolved]) -> Resolved {
    switch pattern {
    case .literal(let text): return .tokens(TokenSet(kind(of: text)))
    case .tokens("group"): return .group
    case .tokens(let name): return .tokens(classes.set(named: name))
    case .rule(let name, let arguments, let level):
      if let argument = environment[name] { return argument }
      guard let rule = rules[name], !rule.parameters.isEmpty else {
        return .call(number(of: name, level: level))
      }
      guard case .pattern(let body) = rule.body else { preconditionFailure("\(name): no shape") }
      let values = arguments.map { resolve($0, environment) }
      precondition(values.count == rule.parameters.count, "\(name): wrong number of arguments")
      return resolve(body, Dictionary(uniqueKeysWithValues: zip(rule.parameters, values)))
    case .sequence(let items): return .sequence(items.map { resolve($0, environment) })
    case .choice(let alternatives):
      let mine = alternatives.filter { $0.belongs(to: dialect) }
      if mine.isEmpty { return .sequence([]) }
      let items = mine.map { resolve($0.pattern, environment) }
      return items.count == 1 ? items[0] : .choice(items)
    case .optional(let item): return .optional(resolve(item, environment))
    case .repeated(let item, let atLeastOnce):
      let once = resolve(item, environment)
      return atLeastOnce ? .sequence([once, .repeated(once)]) : .repeated(once)
    case .ahead(let item, let isNegated):
      return .ahead(resolve(item, environment), isNegated: isNegated)
    }
  }

  private mutating func operators(
    _ levels: [OperatorLevel], from name: String?
  ) -> ResolvedOperators {
    let first = name.flatMap { name in levels.firstIndex { $0.name == name } } ?? 0
    precondition(name == nil || levels[first].name == name, "no operator level \(name ?? "")")
    var table = ResolvedOperators()
    for level in levels[first...] {
      for item in level.items where item.belongs(to: dialect) {
        let pattern = resolve(item.pattern, [:])
        switch level.fixity {
        case .many, .once: if case .tokens(let set) = pattern { table.infix.formUnion(set) }
        case .before: if case .tokens(let set) = pattern { table.prefix.formUnion(set) }
        case .after: table.suffixes.append(pattern)
        case .operand: table.operand = pattern
        case .alone: if case .tokens(let set) = pattern { table.alone.formUnion(set) }
        }
      }
    }
    return table
  }

  private func kind(of text: String) -> TokenKind {
    guard let kind = vocabulary.kind(ofSymbol: text) ?? vocabulary.kind(ofWord: text) else {
      preconditionFailure("no token is written \(text)")
    }
    return kind
  }
}

/// What `%name` and the like stand for in a dialect.
struct TokenClasses {
  private var sets: [String: TokenSet] = [:]

  init(_ dialect: Dialect, _ vocabulary: Vocabulary) {
    let isStrict = dialect == .adql20 || dialect == .adql21
    var name = TokenSet(.identifier)
    name.insert(.delimited)
    if !isStrict {
      name.insert(.extendedIdentifier)
      name.insert(.backticked)
    }
    var label = name
    let reserved = Set(Self.reservedWords(dialect))
    for word in vocabulary.words {
      guard let kind = vocabulary.kind(ofWord: word) else { continue }
      if !reserved.contains(word) { name.insert(kind) }
      if !isStrict || !reserved.contains(word) { label.insert(kind) }
    }
    var function = name
    for word in ReservedWords.functions {
      if let kind = vocabulary.kind(ofWord: word) { function.insert(kind) }
    }
    sets = ["name": name, "label": label, "function": function]
    let single: [(String, TokenKind)] = [
      ("integer", .integer), ("decimal", .decimal), ("string", .string), ("parameter", .parameter),
    ]
    for (className, kind) in single { sets[className] = TokenSet(kind) }
  }

  func set(named name: String) -> TokenSet {
    guard let set = sets[name] else { preconditionFailure("no class of tokens is called \(name)") }
    return set
  }

  static func reservedWords(_ dialect: Dialect) -> [String] {
    switch dialect {
    case .adql20: ReservedWords.adql20
    case .adql21: ReservedWords.adql21
    case .adql, .sql: ReservedWords.sql
    }
  }
}
