import Base

extension SQLParser {
  /// The commands that `help` knows, sorted.
  public static var helpTopics: [String] { SyntaxHelp.topics.keys.sorted() }

  /// The syntax of a command such as `SELECT` or `create table`, written from the grammar; nil if
  /// there is no such command.
  public static func help(for command: String) -> String? {
    let name = command.split(separator: " ").joined(separator: " ").uppercased()
    return SyntaxHelp.topics[name].map { SyntaxHelp.synopsis(ofRule: $0) }
  }
}

enum SyntaxHelp {
  private static let rules = Dictionary(
    Language.grammar.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  /// Commands by the words that their rule begins with.
  static let topics: [String: String] = {
    var topics = ["SELECT": "TopQuery", "WITH": "TopQuery", "VALUES": "Values"]
    guard let statement = rules["Statement"], case .pattern(.choice(let kinds)) = statement.body
    else { return topics }
    for kind in kinds {
      guard case .rule(let name, _, _) = kind.pattern, name != "TopQuery", let rule = rules[name],
        case .pattern(let pattern) = rule.body
      else { continue }
      topics[firstWords(pattern).joined(separator: " ")] = name
    }
    return topics
  }()

  private static func firstWords(_ pattern: Pattern) -> [String] {
    switch pattern {
    case .literal(let word): return [word]
    case .sequence(let items):
      return items.prefix {
        if case .literal = $0 { true } else { false }
      }.flatMap(firstWords)
    default: return []
    }
  }

  /// The rule in the usual notation: brackets for what may be missing, braces for a choice.
  static func synopsis(ofRule name: String) -> String {
    guard let rule = rules[name], case .pattern(let pattern) = rule.body else { return "" }
    let pieces = clauses(pattern, within: [name])
    var lines = [""]
    for piece in pieces where !piece.isEmpty {
      let last = lines[lines.count - 1]
      let opensLine = piece.hasPrefix("[ ") && last.utf8.count + piece.utf8.count > 40
      if last.isEmpty {
        lines[lines.count - 1] = piece
      } else if opensLine || last.utf8.count + piece.utf8.count > 90 {
        lines.append("  " + piece)
      } else {
        lines[lines.count - 1] += " " + piece
      }
    }
    return lines.joined(separator: "\n")
  }

  /// The parts of a pattern that may each have a line of their own.
  private static func clauses(_ pattern: Pattern, within names: Set<String>) -> [String] {
    switch pattern {
    case .sequence(let items): return items.flatMap { clauses($0, within: names) }
    case .rule(let name, let arguments, _) where arguments.isEmpty:
      guard ["Query", "Body", "Select", "Limits"].contains(name), !names.contains(name),
        let rule = rules[name], case .pattern(let body) = rule.body
      else { return [text(pattern, within: names)] }
      return clauses(body, within: names.union([name]))
    case .choice(let items):
      let mine = items.filter { $0.belongs(to: .sql) }
      if mine.count == 1 { return clauses(mine[0].pattern, within: names) }
      // A query is explained by its SELECT; VALUES has a page of its own.
      if case .rule("Select", _, _)? = mine.first?.pattern {
        return clauses(mine[0].pattern, within: names)
      }
      return [text(pattern, within: names)]
    default: return [text(pattern, within: names)]
    }
  }

  private static func text(_ pattern: Pattern, within names: Set<String>) -> String {
    switch pattern {
    case .literal(let text): return text
    case .tokens(let name):
      return ["string": "'text'", "integer": "number", "label": "word"][name] ?? name
    case .rule(let name, let arguments, _): return reference(name, arguments, within: names)
    case .sequence(let items):
      return items.map { text($0, within: names) }.filter { !$0.isEmpty }.joined(separator: " ")
    case .choice(let alternatives): return choice(alternatives, within: names)
    case .optional(let item): return bracketed(text(item, within: names))
    case .repeated(let item, let atLeastOnce):
      let once = text(item, within: names)
      return atLeastOnce ? once + " [...]" : bracketed(once) + " [...]"
    case .ahead: return ""
    }
  }

  private static func bracketed(_ inner: String) -> String {
    if inner.isEmpty { return "" }
    return inner.hasPrefix("{ ") && inner.hasSuffix(" }") && !inner.dropFirst(2).contains("{")
      ? "[ \(inner.dropFirst(2).dropLast(2)) ]" : "[ \(inner) ]"
  }

  private static func choice(_ alternatives: [Alternative], within names: Set<String>) -> String {
    let items = alternatives.filter { $0.belongs(to: .sql) }
      .map { text($0.pattern, within: names) }.filter { !$0.isEmpty }
    return items.count > 1 ? "{ " + items.joined(separator: " | ") + " }" : items.first ?? ""
  }

  private static func reference(
    _ name: String, _ arguments: [Pattern], within names: Set<String>
  ) -> String {
    if name == "List", let item = arguments.first {
      return text(item, within: names) + " [, ...]"
    }
    if name == "Parens", let item = arguments.first {
      return "( " + text(item, within: names) + " )"
    }
    guard let rule = rules[name] else { return name }
    if let label = rule.label {
      return label.split(separator: " ").drop { $0 == "a" || $0 == "an" }.joined(separator: "_")
    }
    guard !names.contains(name), case .pattern(let body) = rule.body else {
      return name.lowercased()
    }
    return text(body, within: names.union([name]))
  }
}
