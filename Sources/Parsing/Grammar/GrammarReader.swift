import Grammar

/// Reads the notation of `Grammar/README.md`. Mistakes in it are ours, so they trap.
struct GrammarReader {
  private enum Lexeme: Equatable {
    case word(String)
    case literal(String)
    case label(String)
    case tokens(String)
    case symbol(Character)
    case arrow
    case end
  }

  private var lexemes: [Lexeme] = []
  private var next = 0
  private let file: String

  static func rules(of files: [GrammarText.File]) -> [GrammarRule] {
    files.flatMap { file in
      var reader = GrammarReader(file)
      return reader.rules()
    }
  }

  private init(_ file: GrammarText.File) {
    self.file = file.name
    lexemes = Self.lexemes(of: Array(file.text.utf8))
  }

  // MARK: Lexemes

  private static func lexemes(of text: [UInt8]) -> [Lexeme] {
    var result: [Lexeme] = []
    var index = 0
    func isWord(_ byte: UInt8) -> Bool {
      byte &- 65 < 26 || byte &- 97 < 26 || byte &- 48 < 10
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
    }
    func run(from start: Int, while holds: (UInt8) -> Bool) -> String {
      var end = start
      while end < text.count, holds(text[end]) { end += 1 }
      index = end
      return String(decoding: text[start..<end], as: UTF8.self)
    }
    while index < text.count {
      let byte = text[index]
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\n"): index += 1
      case UInt8(ascii: "#"): _ = run(from: index) { $0 != UInt8(ascii: "\n") }
      case UInt8(ascii: "'"):
        result.append(.literal(run(from: index + 1) { $0 != byte }))
        index += 1
      case UInt8(ascii: "\""):
        result.append(.label(run(from: index + 1) { $0 != byte }))
        index += 1
      case UInt8(ascii: "%"): result.append(.tokens(run(from: index + 1, while: isWord)))
      case UInt8(ascii: "<"):
        precondition(text[index + 1] == UInt8(ascii: "-"), "expected <-")
        result.append(.arrow)
        index += 2
      case _ where isWord(byte): result.append(.word(run(from: index, while: isWord)))
      default:
        result.append(.symbol(Character(UnicodeScalar(byte))))
        index += 1
      }
    }
    return result + [.end, .end]
  }

  private mutating func take(_ symbol: Character) -> Bool {
    guard lexemes[next] == .symbol(symbol) else { return false }
    next += 1
    return true
  }

  private mutating func expect(_ symbol: Character) {
    precondition(take(symbol), "\(file): expected \(symbol), found \(lexemes[next])")
  }

  private mutating func word() -> String {
    guard case .word(let word) = lexemes[next] else {
      preconditionFailure("\(file): expected a word, found \(lexemes[next])")
    }
    next += 1
    return word
  }

  // MARK: Rules

  private mutating func rules() -> [GrammarRule] {
    var result: [GrammarRule] = []
    while lexemes[next] != .end {
      var rule = GrammarRule(
        name: word(), parameters: [], label: nil, body: .pattern(.sequence([])), file: file)
      if take("(") {
        repeat { rule.parameters.append(word()) } while take(",")
        expect(")")
      }
      if case .label(let label) = lexemes[next] {
        rule.label = label
        next += 1
      }
      precondition(lexemes[next] == .arrow, "\(file): expected <- after \(rule.name)")
      next += 1
      if lexemes[next] == .word("Operators"), lexemes[next + 1] == .symbol("{") {
        next += 2
        rule.body = .operators(operatorLevels())
      } else {
        rule.body = .pattern(choice())
      }
      result.append(rule)
    }
    return result
  }

  /// Whether a rule's head begins here: a name, perhaps parameters and a label, then an arrow.
  private var isAtRuleHead: Bool {
    guard case .word = lexemes[next] else { return false }
    var index = next + 1
    if lexemes[index] == .symbol("(") {
      while lexemes[index] != .symbol(")"), lexemes[index] != .end { index += 1 }
      index += 1
    }
    guard index < lexemes.count else { return false }
    if case .label = lexemes[index] { index += 1 }
    return lexemes[index] == .arrow
  }

  private mutating func operatorLevels() -> [OperatorLevel] {
    var levels: [OperatorLevel] = []
    while !take("}") {
      let name = word()
      let fixityName = word()
      guard let fixity = OperatorLevel.Fixity(rawValue: fixityName) else {
        preconditionFailure("\(file): unknown kind of operators \(fixityName)")
      }
      var items: [Alternative] = []
      while lexemes[next] != .symbol("}"), !isAtLevelHead {
        let dialects = dialectTag()
        items.append(Alternative(dialects: dialects, pattern: suffixed()))
      }
      levels.append(OperatorLevel(name: name, fixity: fixity, items: items))
    }
    return levels
  }

  private var isAtLevelHead: Bool {
    guard case .word = lexemes[next], case .word(let second) = lexemes[next + 1] else {
      return false
    }
    return OperatorLevel.Fixity(rawValue: second) != nil
  }

  // MARK: Patterns

  private mutating func choice() -> Pattern {
    var alternatives: [Alternative] = []
    repeat {
      let dialects = dialectTag()
      alternatives.append(Alternative(dialects: dialects, pattern: sequence()))
    } while take("/")
    if alternatives.count == 1, alternatives[0].dialects == nil { return alternatives[0].pattern }
    return .choice(alternatives)
  }

  private mutating func dialectTag() -> Set<String>? {
    guard take("[") else { return nil }
    var names: Set<String> = []
    while !take("]") { names.insert(word()) }
    for name in names { precondition(Dialect(rawValue: name) != nil, "no dialect \(name)") }
    return names
  }

  private mutating func sequence() -> Pattern {
    var items: [Pattern] = []
    while !isAtSequenceEnd { items.append(prefixed()) }
    return items.count == 1 ? items[0] : .sequence(items)
  }

  private var isAtSequenceEnd: Bool {
    switch lexemes[next] {
    case .symbol("/"), .symbol(")"), .symbol(","), .end: true
    default: isAtRuleHead
    }
  }

  private mutating func prefixed() -> Pattern {
    if take("!") { return .ahead(suffixed(), isNegated: true) }
    if take("&") { return .ahead(suffixed(), isNegated: false) }
    return suffixed()
  }

  private mutating func suffixed() -> Pattern {
    let item = primary()
    if take("?") { return .optional(item) }
    if take("*") { return .repeated(item, atLeastOnce: false) }
    if take("+") { return .repeated(item, atLeastOnce: true) }
    return item
  }

  private mutating func primary() -> Pattern {
    switch lexemes[next] {
    case .literal(let text):
      next += 1
      return .literal(text)
    case .tokens(let name):
      next += 1
      return .tokens(name)
    case .symbol("("):
      next += 1
      let inner = choice()
      expect(")")
      return inner
    default: return reference()
    }
  }

  private mutating func reference() -> Pattern {
    let name = word()
    var arguments: [Pattern] = []
    // A parenthesis right behind a name opens arguments only for shapes; else it is a group.
    if ["List", "Parens"].contains(name), take("(") {
      repeat { arguments.append(choice()) } while take(",")
      expect(")")
    }
    return .rule(name, arguments: arguments, level: take("@") ? word() : nil)
  }
}
