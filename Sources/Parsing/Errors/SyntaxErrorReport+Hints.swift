import Base

/// Hints: each looks for one mistake that people make. Where it can, it makes the correction and
/// believes in it only if the grammar then gets further.
extension SyntaxErrorReport {
  func hint(at index: Int) -> String? {
    symbolHint(at: index) ?? clauseOrderHint(at: index) ?? parenthesisHint(at: index)
      ?? trailingCommaHint(at: index) ?? topHint(at: index) ?? reservedWordHint(at: index)
      ?? unquotedNameHint(at: index) ?? dialectHint(at: index) ?? missingHint(at: index)
      ?? particularHint(at: index)
  }

  // MARK: Symbols

  private func symbolHint(at index: Int) -> String? {
    switch spelling(index) {
    case "==": "Use a single = to compare."
    case "=>": "Greater or equal is written >=."
    case "&&": "Use AND."
    case "!": "Use NOT."
    case "^": "Use power(a, b)."
    case "?": "Write parameters as $1, $2 and so on."
    case "{", "}", "\\", "#", "@": "This character has no meaning in SQL outside of quotes."
    default: nil
    }
  }

  // MARK: Clauses

  private static let clauseOrder = [
    "FROM", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "LIMIT",
  ]

  /// The clause that begins at `index`.
  private func clause(at index: Int) -> String? {
    let word = spelling(index)
    switch word {
    case "GROUP", "ORDER": return spelling(index + 1) == "BY" ? word + " BY" : nil
    case "OFFSET", "FETCH": return "LIMIT"
    default: return Self.clauseOrder.contains(word) ? word : nil
    }
  }

  private func clauseOrderHint(at index: Int) -> String? {
    guard let late = clause(at: index), let rank = Self.clauseOrder.firstIndex(of: late) else {
      return nil
    }
    // The clauses before it in the same query: parentheses that were closed are skipped.
    var position = index - 1
    while position > start {
      if spelling(position) == "(" { return nil }
      if spelling(position) == ")" { position = max(start, Int(list.partners[position])) }
      if spelling(position) == "SELECT" { return nil }
      if let earlier = clause(at: position),
        let earlierRank = Self.clauseOrder.firstIndex(of: earlier), earlierRank >= rank
      {
        if earlierRank == rank { return "\(late) is already given." }
        let name = earlier.hasSuffix("BY") ? earlier : text(position).uppercased()
        return "\(late) goes before \(name)."
      }
      position -= 1
    }
    return nil
  }

  // MARK: Parentheses and commas

  private func parenthesisHint(at index: Int) -> String? {
    if spelling(index) == ")", list.partners[index] == 0, index > 0, !isPartner(index) {
      return "There is no \"(\" for this \")\"."
    }
    guard isEnd(index) else { return nil }
    var position = index - 1
    while position >= start {
      if spelling(position) == "(", list.partners[position] == 0 {
        let place = place(of: position)
        return "The \"(\" at \(place) is never closed."
      }
      position -= 1
    }
    return nil
  }

  private func isPartner(_ index: Int) -> Bool {
    Int(list.partners[0]) == index
  }

  private func place(of index: Int) -> String {
    let before = bytes[..<Int(list.tokens[index].offset)]
    let newline = UInt8(ascii: "\n")
    let line = before.count { $0 == newline } + 1
    let lineStart = before.lastIndex(of: newline).map { $0 + 1 } ?? 0
    let column = String(decoding: bytes[lineStart..<before.endIndex], as: UTF8.self).count + 1
    return "line \(line), column \(column)"
  }

  private func trailingCommaHint(at index: Int) -> String? {
    guard index > start, spelling(index - 1) == ",", clause(at: index) != nil || isClosing(index)
    else { return nil }
    var edited = list
    edited.tokens.remove(at: index - 1)
    edited.matchParentheses(Language.vocabulary)
    return reach(edited) > index - 1 ? "Remove the comma before it." : nil
  }

  private func isClosing(_ index: Int) -> Bool {
    isEnd(index) || spelling(index) == ")" || spelling(index) == "]"
  }

  /// A comma, a parenthesis or AS that is missing before `index`.
  private func missingHint(at index: Int) -> String? {
    for symbol in [",", ")", "("] where !isEnd(index) || symbol == ")" {
      guard let kind = Language.vocabulary.kind(ofSymbol: symbol) else { continue }
      var edited = list
      edited.tokens.insert(
        Token(offset: list.tokens[index].offset, length: 0, kind: kind), at: index)
      edited.matchParentheses(Language.vocabulary)
      if reach(edited) > index + 1 { return "A \"\(symbol)\" may be missing before it." }
    }
    return nil
  }

  // MARK: Names

  /// A reserved word where a name would have done.
  private func reservedWordHint(at index: Int) -> String? {
    let kind = list.tokens[index].kind
    guard Language.vocabulary.isWord(kind), !Language.program(dialect).names.contains(kind),
      clause(at: index) == nil
    else { return nil }
    if !Language.program(.sql).names.contains(kind), let hint = dialectHint(at: index) {
      return hint
    }
    var edited = list
    edited.tokens[index].kind = .delimited
    guard reach(edited) > index else { return nil }
    return "\(text(index).uppercased()) is a reserved word; as a name it needs double quotes: "
      + "\"\(text(index))\"."
  }

  /// A name that strict ADQL wants in double quotes, such as `_x`.
  private func unquotedNameHint(at index: Int) -> String? {
    let kind = list.tokens[index].kind
    guard kind == .extendedIdentifier || kind == .backticked else { return nil }
    var edited = list
    edited.tokens[index].kind = .delimited
    guard reach(edited) > index else { return nil }
    let name = text(index).filter { $0 != "`" }
    return "In this dialect the name needs double quotes: \"\(name)\"."
  }

  // MARK: Dialects

  private func topHint(at index: Int) -> String? {
    guard dialect == .adql20 || dialect == .adql21,
      [index, index - 1].contains(where: { $0 >= start && text($0).uppercased() == "LIMIT" })
    else { return nil }
    return "ADQL has no LIMIT: write SELECT TOP n."
  }

  private func dialectHint(at index: Int) -> String? {
    guard dialect == .adql20 || dialect == .adql21 else { return nil }
    let version = dialect == .adql20 ? "2.0" : "2.1"
    let lenient = SyntaxErrorReport(list: list, bytes: bytes, dialect: .sql, start: start)
    guard lenient.reach(list) == .max else { return nil }
    return "Strict ADQL \(version) has no such syntax; the dialects adql and sql do."
  }

  // MARK: The rest

  private func particularHint(at index: Int) -> String? {
    if index > start, spelling(index - 1) == "SELECT", clause(at: index) == "FROM" {
      return "Name the columns, or write * for all of them."
    }
    if expectations(at: index).contains(where: { $0.rules.contains("JoinCondition") }) {
      return "A JOIN needs ON condition or USING (columns)."
    }
    if spelling(index) == "ON" { return "CROSS and NATURAL joins take no condition." }
    return nil
  }
}
