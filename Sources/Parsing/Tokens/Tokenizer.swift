import Base

/// Cuts UTF-8 text into tokens; comments and blanks vanish.
struct Tokenizer {
  let bytes: UnsafeBufferPointer<UInt8>
  let classes: UnsafeBufferPointer<UInt8>
  let vocabulary: Vocabulary
  private(set) var position: Int

  init(
    _ bytes: UnsafeBufferPointer<UInt8>, classes: UnsafeBufferPointer<UInt8>,
    vocabulary: Vocabulary, from position: Int = 0
  ) {
    self.bytes = bytes
    self.classes = classes
    self.vocabulary = vocabulary
    self.position = position
  }

  /// The next token; one of kind `end` and length 0 at the end of the text.
  mutating func next() throws(SQLError) -> Token {
    try skipBlanksAndComments()
    guard position < bytes.count else { return token(.end, from: bytes.count) }
    let start = position
    let byte = bytes[start]
    let byteClass = classes[Int(byte)]
    if byteClass & ByteClass.digit != 0 { return try number() }
    if byte | 0x20 == UInt8(ascii: "e"), self.byte(at: start + 1) == UInt8(ascii: "'") {
      return try escapedString()
    }
    if byteClass & ByteClass.letter != 0 || byte == UInt8(ascii: "_") { return name() }
    switch byte {
    case UInt8(ascii: "'"): return try quoted(byte, as: .string)
    case UInt8(ascii: "\""): return try quoted(byte, as: .delimited)
    case UInt8(ascii: "`"): return try quoted(byte, as: .backticked)
    case UInt8(ascii: "."):
      return isDigit(at: start + 1) ? try number() : symbol(length: 1)
    case UInt8(ascii: "$"): return try parameter()
    default:
      if byte >= 0x80 {
        if let lookalike = lookalike(at: start) { throw lookalike }
        return name()
      }
      return try symbol()
    }
  }

  private func token(_ kind: TokenKind, from start: Int) -> Token {
    Token(offset: UInt32(start), length: UInt32(position - start), kind: kind)
  }

  private func byte(at index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

  private func isDigit(at index: Int) -> Bool {
    classes[Int(byte(at: index))] & ByteClass.digit != 0
  }

  // MARK: Between tokens

  private mutating func skipBlanksAndComments() throws(SQLError) {
    while position < bytes.count {
      let byte = bytes[position]
      if classes[Int(byte)] & ByteClass.blank != 0 {
        position += 1
      } else if byte == UInt8(ascii: "-"), self.byte(at: position + 1) == byte {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      } else if byte == UInt8(ascii: "/"), self.byte(at: position + 1) == UInt8(ascii: "*") {
        try skipBlockComment()
      } else if byte == 0xC2, self.byte(at: position + 1) == 0xA0 {
        position += 2  // The no-break space that web pages put into examples.
      } else if byte == 0xEF, position == 0, isByteOrderMark {
        position += 3
      } else {
        return
      }
    }
  }

  private var isByteOrderMark: Bool { byte(at: 1) == 0xBB && byte(at: 2) == 0xBF }

  private mutating func skipBlockComment() throws(SQLError) {
    let start = position
    var depth = 0
    while position + 1 < bytes.count {
      switch (bytes[position], bytes[position + 1]) {
      case (UInt8(ascii: "/"), UInt8(ascii: "*")):
        depth += 1
        position += 2
      case (UInt8(ascii: "*"), UInt8(ascii: "/")):
        depth -= 1
        position += 2
        if depth == 0 { return }
      default: position += 1
      }
    }
    position = bytes.count
    throw SQLError(
      .syntaxError, "unterminated comment", at: SourceRange(offset: start, length: 2),
      hint: "Every /* needs its own */; comments nest.")
  }

  // MARK: Tokens

  private mutating func name() -> Token {
    let start = position
    var hash = Vocabulary.hashSeed
    var seen = byte(at: start) == UInt8(ascii: "_") ? ByteClass.extended : 0
    while position < bytes.count {
      let byte = bytes[position]
      let byteClass = classes[Int(byte)]
      guard byteClass & (ByteClass.letter | ByteClass.digit | ByteClass.extended) != 0 else {
        break
      }
      if byte >= 0x80, lookalike(at: position) != nil || isNoBreakSpace(at: position) { break }
      // An underscore inside a word is as good as a letter.
      if byte != UInt8(ascii: "_") { seen |= byteClass }
      hash = Vocabulary.hashed(hash, byte)
      position += 1
    }
    guard seen & ByteClass.extended == 0 else { return token(.extendedIdentifier, from: start) }
    let spelling = UnsafeBufferPointer(rebasing: bytes[start..<position])
    return token(vocabulary.kind(ofWord: spelling, hash: hash), from: start)
  }

  private func isNoBreakSpace(at index: Int) -> Bool {
    bytes[index] == 0xC2 && byte(at: index + 1) == 0xA0
  }

  private mutating func number() throws(SQLError) -> Token {
    let start = position
    var kind = TokenKind.integer
    skipDigits()
    if byte(at: position) == UInt8(ascii: ".") {
      kind = .decimal
      position += 1
      skipDigits()
    }
    if byte(at: position) | 0x20 == UInt8(ascii: "e") {
      let sign = byte(at: position + 1)
      let signLength = sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") ? 1 : 0
      if isDigit(at: position + 1 + signLength) {
        kind = .decimal
        position += 1 + signLength
        skipDigits()
      }
    }
    try refuseJunk(after: start, what: "number")
    return token(kind, from: start)
  }

  private mutating func skipDigits() {
    while position < bytes.count, classes[Int(bytes[position])] & ByteClass.digit != 0 {
      position += 1
    }
  }

  /// Letters right behind a number are a mistake: `1_000`, `0x1F`, `12abc`.
  private mutating func refuseJunk(after start: Int, what: String) throws(SQLError) {
    let letters = ByteClass.letter | ByteClass.digit | ByteClass.extended
    guard position < bytes.count, classes[Int(bytes[position])] & letters != 0,
      !isNoBreakSpace(at: position), lookalike(at: position) == nil
    else { return }
    while position < bytes.count, classes[Int(bytes[position])] & letters != 0 { position += 1 }
    let range = SourceRange(offset: start, length: position - start)
    throw SQLError(
      .syntaxError, "trailing junk after a \(what): \(text(range))", at: range,
      hint: text(range).contains("_")
        ? "Write numbers without separators." : "Put a blank between a number and a word.")
  }

  private mutating func parameter() throws(SQLError) -> Token {
    let start = position
    position += 1
    skipDigits()
    guard position > start + 1 else {
      throw SQLError(
        .syntaxError, "unexpected character: \"$\"", at: SourceRange(offset: start, length: 1),
        hint: "Parameters are written $1, $2 and so on.")
    }
    try refuseJunk(after: start, what: "parameter")
    return token(.parameter, from: start)
  }

  private mutating func quoted(_ quote: UInt8, as kind: TokenKind) throws(SQLError) -> Token {
    let start = position
    position += 1
    while position < bytes.count {
      guard bytes[position] == quote else {
        position += 1
        continue
      }
      position += 1
      if byte(at: position) == quote, position < bytes.count {
        position += 1
        continue
      }
      if kind != .string, position == start + 2 {
        throw SQLError(
          .syntaxError, "a name in quotes cannot be empty",
          at: SourceRange(offset: start, length: 2))
      }
      return token(kind, from: start)
    }
    throw SQLError(
      .syntaxError, kind == .string ? "unterminated string" : "unterminated name in quotes",
      at: SourceRange(offset: start, length: 1),
      hint: "Write the closing \(Character(UnicodeScalar(quote))); inside the text it is doubled.")
  }

  /// `E'…'`: a backslash keeps the quote behind it inside.
  private mutating func escapedString() throws(SQLError) -> Token {
    let start = position
    position += 2
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "\\") {
        position += 2
        continue
      }
      position += 1
      guard bytes[position - 1] == UInt8(ascii: "'") else { continue }
      if byte(at: position) != UInt8(ascii: "'") { return token(.string, from: start) }
      position += 1
    }
    throw SQLError(
      .syntaxError, "unterminated string", at: SourceRange(offset: start, length: 2),
      hint: "Write the closing '; inside the text it is doubled or has a backslash before it.")
  }

  private mutating func symbol() throws(SQLError) -> Token {
    let first = bytes[position]
    let second = byte(at: position + 1)
    if first == UInt8(ascii: "!"), second == UInt8(ascii: "~") {
      return symbol(length: byte(at: position + 2) == UInt8(ascii: "*") ? 3 : 2)
    }
    switch (first, second) {
    case (UInt8(ascii: "<"), UInt8(ascii: ">")), (UInt8(ascii: "!"), UInt8(ascii: "=")),
      (UInt8(ascii: "<"), UInt8(ascii: "=")), (UInt8(ascii: ">"), UInt8(ascii: "=")),
      (UInt8(ascii: "|"), UInt8(ascii: "|")), (UInt8(ascii: ":"), UInt8(ascii: ":")),
      (UInt8(ascii: "<"), UInt8(ascii: "<")), (UInt8(ascii: ">"), UInt8(ascii: ">")),
      (UInt8(ascii: "="), UInt8(ascii: "=")), (UInt8(ascii: "="), UInt8(ascii: ">")),
      (UInt8(ascii: "&"), UInt8(ascii: "&")), (UInt8(ascii: "~"), UInt8(ascii: "*")):
      return symbol(length: 2)
    default:
      guard vocabulary.symbolKinds[Int(first)] != 0 else {
        let range = SourceRange(offset: position, length: 1)
        let code = String(first, radix: 16)
        throw SQLError(.syntaxError, "unexpected control character: 0x\(code)", at: range)
      }
      return symbol(length: 1)
    }
  }

  private mutating func symbol(length: Int) -> Token {
    let start = position
    position += length
    if length == 1 {
      return token(TokenKind(rawValue: vocabulary.symbolKinds[Int(bytes[start])]), from: start)
    }
    let range = SourceRange(offset: start, length: length)
    return token(vocabulary.kind(ofSymbol: text(range)) ?? .end, from: start)
  }

  // MARK: Characters that only look right

  /// The error for a typographic character that word processors put where SQL has an ASCII one.
  private func lookalike(at index: Int) -> SQLError? {
    guard bytes[index] == 0xE2, index + 2 < bytes.count else { return nil }
    let hint: String
    switch (bytes[index + 1], bytes[index + 2]) {
    case (0x80, 0x98), (0x80, 0x99): hint = "Use straight quotes: 'text'."
    case (0x80, 0x9C), (0x80, 0x9D): hint = "Use straight quotes: 'text' or \"name\"."
    case (0x80, 0x93), (0x80, 0x94), (0x88, 0x92): hint = "Use the ASCII minus sign: -."
    case (0x89, 0xA4): hint = "Write <= instead."
    case (0x89, 0xA5): hint = "Write >= instead."
    case (0x89, 0xA0): hint = "Write <> instead."
    default: return nil
    }
    let range = SourceRange(offset: index, length: 3)
    return SQLError(
      .syntaxError, "unexpected character: \"\(text(range))\"", at: range, hint: hint)
  }

  private func text(_ range: SourceRange) -> String {
    String(decoding: bytes[range.offset..<range.end], as: UTF8.self)
  }
}

extension TokenList {
  /// The most bytes a statement can have; offsets are 32 bits wide.
  static let maximumBytes = 1 << 30

  init(_ bytes: UnsafeBufferPointer<UInt8>, vocabulary: Vocabulary) throws(SQLError) {
    guard bytes.count <= Self.maximumBytes else {
      throw SQLError(.programLimitExceeded, "statement is longer than 1 GiB")
    }
    tokens.reserveCapacity(bytes.count / 4 + 8)
    let table = ByteClass.table
    let failure: SQLError? = table.withUnsafeBufferPointer { classes in
      var tokenizer = Tokenizer(bytes, classes: classes, vocabulary: vocabulary)
      do throws(SQLError) {
        var token = try tokenizer.next()
        while token.kind != .end {
          tokens.append(token)
          token = try tokenizer.next()
        }
        tokens.append(token)
        tokens.append(token)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
    unwrapOperators(bytes, vocabulary)
    matchParentheses(vocabulary)
  }

  /// `OPERATOR(pg_catalog.~)` is the operator within.
  private mutating func unwrapOperators(
    _ bytes: UnsafeBufferPointer<UInt8>, _ vocabulary: Vocabulary
  ) {
    func text(_ index: Int) -> String {
      guard index < tokens.count else { return "" }
      let token = tokens[index]
      return String(decoding: bytes[Int(token.offset)..<token.end], as: UTF8.self).lowercased()
    }
    var kept: [Token]?
    var index = 0
    while index < tokens.count {
      defer { index += 1 }
      let isOperator = tokens[index].length == 8 && text(index) == "operator"
      guard isOperator, text(index + 1) == "(" else {
        kept?.append(tokens[index])
        continue
      }
      let symbol = text(index + 2) == "pg_catalog" && text(index + 3) == "." ? index + 4 : index + 2
      guard text(symbol + 1) == ")", vocabulary.kind(ofSymbol: text(symbol)) != nil else {
        kept?.append(tokens[index])
        continue
      }
      var result = kept ?? Array(tokens[..<index])
      result.append(tokens[symbol])
      kept = result
      index = symbol + 1
    }
    if let kept { tokens = kept }
  }

  mutating func matchParentheses(_ vocabulary: Vocabulary) {
    partners = [UInt32](repeating: 0, count: tokens.count)
    let open = vocabulary.kind(ofSymbol: "(")
    let close = vocabulary.kind(ofSymbol: ")")
    let semicolon = vocabulary.kind(ofSymbol: ";")
    var pending: [Int] = []
    for (index, token) in tokens.enumerated() {
      if token.kind == open {
        pending.append(index)
      } else if token.kind == close, let partner = pending.popLast() {
        partners[partner] = UInt32(index)
        partners[index] = UInt32(partner)
      } else if token.kind == semicolon {
        pending.removeAll(keepingCapacity: true)
      }
    }
  }
}
