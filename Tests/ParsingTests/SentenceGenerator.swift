import Grammar

@testable import Parsing

/// Writes random sentences of a dialect by walking the grammar.
struct SentenceGenerator {
  private let dialect: Dialect
  private let rules: [String: GrammarRule]
  /// How many tokens the shortest sentence of a rule has.
  private var costs: [String: Int] = [:]
  private var random: Random
  private var depth = 0
  private(set) var usedRules: Set<String> = []

  init(_ dialect: Dialect, seed: UInt64) {
    self.dialect = dialect
    random = Random(seed: seed)
    rules = Dictionary(uniqueKeysWithValues: Language.grammar.map { ($0.name, $0) })
    var changed = true
    while changed {
      changed = false
      for rule in rules.values where rule.parameters.isEmpty {
        let new = cost(rule.body)
        if new < costs[rule.name, default: Self.infinite] {
          costs[rule.name] = new
          changed = true
        }
      }
    }
  }

  mutating func sentence() -> String {
    depth = 0
    return rule("Statement", level: nil).joined(separator: " ")
  }

  // MARK: Costs

  private static let infinite = 1_000_000

  private func cost(_ body: GrammarRule.Body) -> Int {
    switch body {
    case .pattern(let pattern): return cost(pattern)
    case .operators(let levels):
      return levels.filter { $0.fixity == .operand || $0.fixity == .alone }
        .flatMap(\.items).map { cost($0.pattern) }.min() ?? Self.infinite
    }
  }

  private func cost(_ pattern: Pattern) -> Int {
    switch pattern {
    case .literal, .tokens: 1
    case .rule(_, let arguments, _) where !arguments.isEmpty: 1 + cost(arguments[0])
    case .rule(let name, _, _): min(Self.infinite, 1 + costs[name, default: Self.infinite])
    case .sequence(let items): min(Self.infinite, items.reduce(0) { $0 + cost($1) })
    case .choice(let items):
      items.filter { $0.belongs(to: dialect) }.map { cost($0.pattern) }.min() ?? 0
    case .optional, .ahead: 0
    case .repeated(let item, let atLeastOnce): atLeastOnce ? cost(item) : 0
    }
  }

  // MARK: Writing

  private var isDeep: Bool { depth > 24 }

  private mutating func chance(_ one: Int, in many: Int) -> Bool {
    !isDeep && Int.random(in: 0..<many, using: &random) < one
  }

  private mutating func rule(_ name: String, level: String?) -> [String] {
    guard let rule = rules[name] else { preconditionFailure(name) }
    usedRules.insert(name)
    depth += 1
    defer { depth -= 1 }
    switch rule.body {
    case .pattern(let pattern): return write(pattern)
    case .operators(let levels): return row(levels, from: level)
    }
  }

  private mutating func write(_ pattern: Pattern) -> [String] {
    switch pattern {
    case .literal(let text): return [text]
    case .tokens(let name): return [token(name)]
    case .rule("List", let arguments, _):
      var result = write(arguments[0])
      while chance(1, in: 3) { result += [","] + write(arguments[0]) }
      return result
    case .rule("Parens", let arguments, _): return ["("] + write(arguments[0]) + [")"]
    case .rule(let name, _, let level): return rule(name, level: level)
    case .sequence(let items):
      var result: [String] = []
      for item in items { result += write(item) }
      return result
    case .choice(let items):
      let mine = items.filter { $0.belongs(to: dialect) }.map(\.pattern)
      guard let cheapest = mine.min(by: { cost($0) < cost($1) }) else { return [] }
      return write(isDeep ? cheapest : mine.randomElement(using: &random) ?? cheapest)
    case .optional(let item): return chance(1, in: 3) ? write(item) : []
    case .repeated(let item, let atLeastOnce):
      var result = atLeastOnce ? write(item) : []
      while chance(1, in: 4) { result += write(item) }
      return result
    case .ahead: return []
    }
  }

  private mutating func token(_ name: String) -> String {
    let choices: [String]
    switch name {
    case "integer": choices = ["0", "1", "42"]
    case "decimal": choices = ["1.5", ".25", "1e3", "2."]
    case "string": choices = ["'a'", "''", "'it''s'"]
    case "parameter": choices = ["$1", "$2"]
    case "function": choices = ["f", "abs", "count", "\"g\""]
    default: choices = ["a", "b", "gaia", "\"C d\"", "mag"]
    }
    return choices.randomElement(using: &random) ?? "a"
  }

  /// Operands and operators; one comparison at most, because they do not chain.
  private mutating func row(_ levels: [OperatorLevel], from name: String?) -> [String] {
    let first = name.flatMap { name in levels.firstIndex { $0.name == name } } ?? 0
    let mine = levels[first...]
    func patterns(_ fixities: OperatorLevel.Fixity...) -> [Pattern] {
      mine.filter { fixities.contains($0.fixity) }.flatMap(\.items)
        .filter { $0.belongs(to: dialect) }.map(\.pattern)
    }
    var result: [String] = []
    var infix = patterns(.many, .once)
    while true {
      // NOT only in front: in `a LIKE b * NOT c` the multiplication belongs to the pattern b.
      let prefixes = result.isEmpty ? patterns(.before) : [.literal("-"), .literal("+")]
      if chance(1, in: 8), let prefix = prefixes.randomElement(using: &random) {
        result += write(prefix)
      }
      let simple = patterns(.alone)
      let isSimple = isDeep || chance(1, in: 2)
      result += write((isSimple ? simple : patterns(.operand)).randomElement(using: &random)!)
      if chance(1, in: 8), let suffix = patterns(.after).randomElement(using: &random) {
        result += write(suffix)
      }
      guard chance(1, in: 4), let symbol = infix.randomElement(using: &random) else {
        return result
      }
      let text = write(symbol)
      if ["=", "<>", "!=", "<", ">", "<=", ">="].contains(text[0]) { infix = patterns(.many) }
      result += text
    }
  }
}
