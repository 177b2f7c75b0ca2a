import Base

/// Says in plain words what is wrong at the token where the grammar could not go on.
struct SyntaxErrorReport {
  let list: TokenList
  let bytes: UnsafeBufferPointer<UInt8>
  let dialect: Dialect
  /// The first token of the statement.
  let start: Int

  /// How many things an error says it would have taken.
  private static let expectedLimit = 6

  func error(at index: Int) -> SQLError {
    if let error = unsupported(at: index) ?? unsupported(at: index - 1) { return error }
    if let error = misspelling(at: index) ?? misspelling(at: index - 1) { return error }
    if let error = functionNameAlone(before: index) { return error }
    let expected = strongest(descriptions(of: expectations(at: index)))
    var message = "unexpected \(found(index))"
    if (1...Self.expectedLimit).contains(expected.count) {
      message = "expected \(Self.joined(expected)), found \(found(index))"
    }
    return SQLError(
      .syntaxError, message, at: list.tokens[index].range, hint: hint(at: index))
  }

  // MARK: Tokens

  func text(_ index: Int) -> String {
    let range = list.tokens[index].range
    return String(decoding: bytes[range.offset..<range.end], as: UTF8.self)
  }

  /// The upper-case spelling of a word or a symbol at `index`; empty for names and literals.
  func spelling(_ index: Int) -> String {
    guard list.tokens.indices.contains(index) else { return "" }
    return Language.vocabulary.spelling(of: list.tokens[index].kind) ?? ""
  }

  func isEnd(_ index: Int) -> Bool {
    list.tokens[index].kind == .end || spelling(index) == ";"
  }

  private func found(_ index: Int) -> String {
    if isEnd(index) { return "end of the statement" }
    let text = text(index)
    let short = text.count > 40 ? text.prefix(39) + "…" : text[...]
    let isQuoted = short.hasPrefix("'") || short.hasPrefix("\"")
    return isQuoted ? String(short) : "\"\(short)\""
  }

  private static func joined(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " or " + last
  }

  // MARK: Expectations

  /// Runs the grammar over `list`, which may be an edited copy.
  func outcome(_ list: TokenList) -> MatchOutcome {
    run(list, recordAt: -1).outcome
  }

  func expectations(at index: Int) -> [Expectations.Item] {
    run(list, recordAt: index).expectations.items
  }

  private func run(
    _ list: TokenList, recordAt: Int
  ) -> (outcome: MatchOutcome, expectations: Expectations) {
    let program =
      recordAt < 0 ? Language.program(dialect) : Language.detailedProgram(dialect)
    return list.tokens.withUnsafeBufferPointer { tokens in
      list.partners.withUnsafeBufferPointer { partners in
        var matcher = Matcher(program, tokens: tokens, partners: partners)
        let outcome = matcher.run(from: start, recordAt: recordAt)
        return (outcome, matcher.expectations)
      }
    }
  }

  /// What to call the things looked for, each once, in the grammar's order.
  private func descriptions(of items: [Expectations.Item]) -> [String] {
    var seen: Set<String> = []
    return items.flatMap { item in
      item.label.map { [$0] } ?? tokenDescriptions(ofSet: item.set)
    }.filter { seen.insert($0).inserted }
  }

  /// Without what nearly always could stand there, if there is anything else.
  private func strongest(_ descriptions: [String]) -> [String] {
    let weak: Set<String> = ["\".\"", "an operator", "an alias", "\"[\"", "\"::\""]
    let strong = descriptions.filter { !weak.contains($0) }
    return strong.isEmpty ? descriptions : strong
  }

  private func tokenDescriptions(ofSet set: Int) -> [String] {
    Language.detailedProgram(dialect).kinds(ofSet: set).compactMap { kind in
      switch kind {
      case .end: "end of the statement"
      case .integer: "a whole number"
      case .decimal: "a number"
      case .string: "a text in quotes"
      case .identifier: "a name"
      case .parameter: "a parameter"
      case .extendedIdentifier, .delimited, .backticked: nil
      default:
        switch Language.vocabulary.spelling(of: kind) {
        case let word? where Language.vocabulary.isWord(kind): word
        case ";", nil: nil
        case let symbol?: "\"\(symbol)\""
        }
      }
    }
  }

  /// The words of the grammar that could stand at `index`, also where another reading took it.
  private func expectedWords(at index: Int) -> Set<String> {
    guard let nonsense = Language.vocabulary.kind(ofSymbol: "\\") else { return [] }
    var edited = list
    edited.tokens[index].kind = nonsense
    let program = Language.detailedProgram(dialect)
    let sets = Set(run(edited, recordAt: index).expectations.items.map(\.set))
    return Set(sets.flatMap { program.keywords(ofSet: $0, Language.vocabulary) })
  }

  // MARK: Particular errors

  private func unsupported(at index: Int) -> SQLError? {
    guard index >= start, let phrase = UnsupportedSyntax.phrases[spelling(index)] else {
      return nil
    }
    return SQLError(
      .featureNotSupported, "not supported: \(phrase)", at: list.tokens[index].range)
  }

  /// A word that is nearly one of those expected, if the statement makes more sense with that.
  ///
  /// The word before the error counts too: in `SELECT a FORM t` the name FORM is taken for an alias
  /// and the error is seen one token later.
  private func misspelling(at index: Int) -> SQLError? {
    guard index >= start, isName(list.tokens[index].kind) else { return nil }
    // A word that SQL reserves is meant as such, even if this dialect has no use for it.
    guard Language.program(.sql).names.contains(list.tokens[index].kind) else { return nil }
    let written = text(index)
    guard written.utf8.count >= 2,
      let word = Suggestion.nearest(to: written, among: candidates(for: written, at: index)),
      word != written.uppercased(), let kind = Language.vocabulary.kind(ofWord: word)
    else { return nil }
    var edited = list
    edited.tokens[index].kind = kind
    guard reach(edited) > max(index, reach(list)) else { return nil }
    return SQLError(
      .syntaxError, "unexpected \"\(written)\"", at: list.tokens[index].range,
      hint: "Did you mean \(word)?")
  }

  /// Words with the same first letter come first: of equally near ones they are likelier meant.
  private func candidates(for written: String, at index: Int) -> [String] {
    let initial = written.uppercased().prefix(1)
    let words = expectedWords(at: index).sorted()
    return words.filter { $0.hasPrefix(initial) } + words.filter { !$0.hasPrefix(initial) }
  }

  /// A reserved word that is taken for a function's name, as in `SELECT distance FROM`.
  private func functionNameAlone(before next: Int) -> SQLError? {
    let index = next - 1
    guard index >= start, spelling(next) != "(" else { return nil }
    let kind = list.tokens[index].kind
    let program = Language.program(dialect)
    guard program.functions.contains(kind), !program.names.contains(kind) else { return nil }
    return SQLError(
      .syntaxError, "reserved word cannot be a name: \(text(index))", at: list.tokens[index].range,
      hint: "Put it in double quotes: \"\(text(index))\".")
  }

  private func isName(_ kind: TokenKind) -> Bool {
    kind == .identifier || Language.vocabulary.isWord(kind)
  }

  /// How far the grammar gets in an edited list.
  func reach(_ list: TokenList) -> Int {
    switch outcome(list) {
    case .matched: .max
    case .failed(let index), .tooDeep(let index): index
    }
  }
}
