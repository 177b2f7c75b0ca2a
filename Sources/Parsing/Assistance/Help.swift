import Base

extension SQLParser {
  /// The commands that `help` knows, sorted.
  public static var helpTopics: [String] { SyntaxHelp.topics.keys.sorted() }

  /// The syntax of a command such as `SELECT` or `create table`, written from the grammar; nil if
  /// there is no such command.
  public static func help(for command: String) -> String? {
    let name = command.split(separator: " ").joined(separator: " ").uppercased()
    guard let rule = SyntaxHelp.topics[name] else { return nil }
    var help = SyntaxHelp()
    return help.synopsis(ofRule: rule)
  }
}

/// Writes rules in the usual notation: brackets for what may be missing, braces for a choice.
struct SyntaxHelp {
  /// A part longer than this gets a line of its own under "where".
  private static let inlineLimit = 60

  private static let rules = Dictionary(
    Language.grammar.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  /// Commands by the words that their rule begins with.
  static let topics: [String: String] = {
    var topics = ["SELECT": "TopQuery", "WITH": "With", "VALUES": "Values"]
    guard let statement = rules["Statement"], case .pattern(.choice(let kinds)) = statement.body
    else { return topics }
    for kind in kinds {
      guard case .rule(let name, _, _) = kind.pattern, name != "TopQuery",
        let pattern = pattern(ofRule: name)
      else { continue }
      topics[firstWords(pattern).joined(separator: " ")] = name
    }
    return topics
  }()

  /// Rules with more than `inlineLimit` to say, in the order they were met.
  private var explained: [String] = []

  private static func pattern(ofRule name: String) -> Pattern? {
    guard let rule = rules[name], case .pattern(let pattern) = rule.body else { return nil }
    return pattern
  }

  private static func firstWords(_ pattern: Pattern) -> [String] {
    switch pattern {
    case .literal(let word): return [word]
    case .sequence(let items):
      return items.prefix { if case .literal = $0 { true } else { false } }.flatMap(firstWords)
    default: return []
    }
  }

  mutating func synopsis(ofRule name: String) -> String {
    guard let pattern = Self.pattern(ofRule: name) else { return "" }
    var text = lines(of: clauses(pattern))
    var index = 0
    while index < explained.count {
      let rule = explained[index]
      index += 1
      guard let pattern = Self.pattern(ofRule: rule) else { continue }
      text += "\n\nwhere \(Self.title(rule)) is\n  " + self.text(pattern)
    }
    return text
  }

  private func lines(of pieces: [String]) -> String {
    var lines = [""]
    for piece in pieces where !piece.isEmpty {
      let last = lines[lines.count - 1]
      let isFull = last.utf8.count + piece.utf8.count > (piece.hasPrefix("[ ") ? 40 : 80)
      if last.isEmpty {
        lines[lines.count - 1] = piece
      } else if isFull {
        lines.append("  " + piece)
      } else {
        lines[lines.count - 1] += " " + piece
      }
    }
    return lines.joined(separator: "\n")
  }

  /// The parts of a statement that may each have a line of their own.
  private mutating func clauses(_ pattern: Pattern) -> [String] {
    switch pattern {
    case .sequence(let items):
      var result: [String] = []
      let unfolds = items.contains {
        if case .rule("Body", _, _) = $0 { true } else { false }
      }
      for item in items {
        // A statement that holds a query names it; only the query's own page unfolds it.
        if case .rule("Query", _, _) = item, case .literal? = items.first {
          result.append(text(item))
        } else {
          result += unfolds || Self.isUnfolded(item) ? clauses(item) : [text(item)]
        }
      }
      return result
    case .rule(let name, let arguments, _) where arguments.isEmpty && Self.isUnfolded(pattern):
      return Self.pattern(ofRule: name).map { clauses($0) } ?? []
    case .choice(let items):
      let mine = items.filter { $0.belongs(to: .sql) }
      guard let first = mine.first else { return [] }
      // A query is explained by its SELECT; VALUES has a page of its own.
      if mine.count == 1 || Self.isUnfolded(first.pattern) { return clauses(first.pattern) }
      return [text(pattern)]
    default: return [text(pattern)]
    }
  }

  private static func isUnfolded(_ pattern: Pattern) -> Bool {
    switch pattern {
    case .rule(let name, _, _): return ["Query", "Body", "BodyPart", "Select"].contains(name)
    case .choice(let items): return items.filter { $0.belongs(to: .sql) }.count < items.count
    default: return false
    }
  }

  // MARK: Patterns

  private mutating func text(_ pattern: Pattern) -> String {
    switch pattern {
    case .literal(let text): return text
    case .tokens(let name):
      return ["string": "'text'", "integer": "number", "label": "word"][name] ?? name
    case .rule(let name, let arguments, _): return reference(name, arguments)
    case .sequence(let items):
      return items.map { text($0) }.filter { !$0.isEmpty }.joined(separator: " ")
    case .choice(let alternatives):
      let items = alternatives.filter { $0.belongs(to: .sql) }.map { text($0.pattern) }
        .filter { !$0.isEmpty }
      return items.count > 1 ? "{ " + items.joined(separator: " | ") + " }" : items.first ?? ""
    case .optional(let item): return bracketed(text(item))
    case .repeated(let item, let atLeastOnce):
      let once = text(item)
      return (atLeastOnce ? once : bracketed(once)) + " [...]"
    case .ahead: return ""
    }
  }

  private func bracketed(_ inner: String) -> String {
    if inner.isEmpty { return "" }
    let isChoice =
      inner.hasPrefix("{ ") && inner.hasSuffix(" }") && !inner.dropFirst(2).contains("{")
    return isChoice ? "[ \(inner.dropFirst(2).dropLast(2)) ]" : "[ \(inner) ]"
  }

  private mutating func reference(_ name: String, _ arguments: [Pattern]) -> String {
    if name == "List", let item = arguments.first { return text(item) + " [, ...]" }
    if name == "Parens", let item = arguments.first { return "( " + text(item) + " )" }
    guard let rule = Self.rules[name] else { return name }
    if let label = rule.label {
      return label.split(separator: " ").drop { $0 == "a" || $0 == "an" }.joined(separator: "_")
    }
    guard !explained.contains(name), let pattern = Self.pattern(ofRule: name) else {
      return Self.title(name)
    }
    // Entered before its text is made, so that a rule within itself ends there.
    explained.append(name)
    let inner = text(pattern)
    if inner.utf8.count > Self.inlineLimit { return Self.title(name) }
    explained.removeAll { $0 == name }
    return inner
  }

  /// `TableFactor` as `table_factor`.
  private static func title(_ name: String) -> String {
    var result = ""
    for character in name {
      if character.isUppercase, !result.isEmpty { result += "_" }
      result += character.lowercased()
    }
    return result
  }
}
