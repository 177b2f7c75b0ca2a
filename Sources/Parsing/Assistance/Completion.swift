import Base

/// What could stand at a place in a text.
public struct CompletionRequest: Hashable, Sendable {
  /// A table of the query around the place.
  public struct Table: Hashable, Sendable {
    /// As written in FROM; for a subquery its alias.
    public var name: QualifiedName
    public var alias: Identifier?
  }

  /// Upper-case words of the grammar, sorted; those that begin with `prefix` are not picked out.
  public var expectedKeywords: [String] = []
  public var wantsColumn = false
  public var wantsTable = false
  public var wantsFunction = false
  public var wantsType = false
  /// The place is in a text in quotes, perhaps a file's name.
  public var isInsideString = false
  /// The part of a word before the caret.
  public var prefix = ""
  public var prefixRange = SourceRange(offset: 0, length: 0)
  /// The names before the prefix: `t` in `t.ra`.
  public var qualifiers: [Identifier] = []
  /// Also those that FROM names behind the caret.
  public var tablesInScope: [Table] = []
}

extension SQLParser {
  /// What could be typed at byte `caret` (default: the end) of `text`.
  public static func completions(
    for text: String, caret: Int? = nil, dialect: Dialect = .sql
  ) -> CompletionRequest {
    let bytes = Array(text.utf8)
    let end = min(max(0, caret ?? bytes.count), bytes.count)
    return bytes.withUnsafeBufferPointer {
      CompletionFinder(bytes: $0, caret: end, dialect: dialect).request()
    }
  }
}

struct CompletionFinder {
  let bytes: UnsafeBufferPointer<UInt8>
  let caret: Int
  let dialect: Dialect

  func request() -> CompletionRequest {
    var request = CompletionRequest()
    let start = wordStart
    request.prefixRange = SourceRange(offset: start, length: caret - start)
    request.prefix = String(decoding: bytes[start..<caret], as: UTF8.self)
    guard let before = tokens(upTo: start) else {
      request.isInsideString = true
      return request
    }
    let first = statementStart(in: before)
    request.qualifiers = qualifiers(in: before, from: first)
    collect(before, from: first, into: &request)
    request.tablesInScope = TableScope(bytes: bytes, dialect: dialect).tables(
      list: tokens(upTo: bytes.count) ?? before, caret: caret)
    return request
  }

  private var wordStart: Int {
    let part = ByteClass.letter | ByteClass.digit | ByteClass.extended
    var start = caret
    while start > 0, ByteClass.table[Int(bytes[start - 1])] & part != 0 { start -= 1 }
    return start
  }

  private func tokens(upTo end: Int) -> TokenList? {
    try? TokenList(
      UnsafeBufferPointer(rebasing: bytes[..<end]), vocabulary: Language.vocabulary)
  }

  private func statementStart(in list: TokenList) -> Int {
    let semicolon = Language.vocabulary.kind(ofSymbol: ";")
    return list.tokens.lastIndex { $0.kind == semicolon }.map { $0 + 1 } ?? 0
  }

  /// The names right before the end, each with its dot.
  private func qualifiers(in list: TokenList, from first: Int) -> [Identifier] {
    let dot = Language.vocabulary.kind(ofSymbol: ".")
    var names: [Identifier] = []
    var index = list.count - 1
    while index > first, list.tokens[index].kind == dot {
      names.insert(name(list.tokens[index - 1]), at: 0)
      index -= 2
    }
    return names
  }

  private func name(_ token: Token) -> Identifier { Self.name(token, bytes) }

  static func name(_ token: Token, _ bytes: UnsafeBufferPointer<UInt8>) -> Identifier {
    let nothing = UnsafeBufferPointer<Token>(start: nil, count: 0)
    return Lowering(
      bytes: bytes, tokens: nothing, nodes: UnsafeBufferPointer(start: nil, count: 0),
      program: Language.program(.sql)
    ).identifier(token)
  }

  private func collect(_ list: TokenList, from first: Int, into request: inout CompletionRequest) {
    let program = Language.detailedProgram(dialect)
    let items = list.tokens.withUnsafeBufferPointer { tokens in
      list.partners.withUnsafeBufferPointer { partners in
        var matcher = Matcher(program, tokens: tokens, partners: partners)
        _ = matcher.run(from: first, recordAt: list.count)
        return matcher.expectations.items
      }
    }
    var words: Set<String> = []
    for item in items {
      words.formUnion(program.keywords(ofSet: item.set, Language.vocabulary))
      let isQualified = !request.qualifiers.isEmpty
      for rule in isQualified ? item.rules[...] : item.rules.prefix(item.beginningRuleCount) {
        switch rule {
        case "Column", "ColumnName", "AllColumns": request.wantsColumn = true
        case "TableName": request.wantsTable = true
        case "FunctionName": request.wantsFunction = true
        case "TypeName": request.wantsType = true
        default: continue
        }
        if isQualified { break }
      }
    }
    // Behind a dot any word is a name, so none is worth offering.
    request.expectedKeywords = request.qualifiers.isEmpty ? words.sorted() : []
  }
}

/// Finds the tables of a query by its FROM without parsing it, because the text around the caret is
/// rarely complete.
struct TableScope {
  let bytes: UnsafeBufferPointer<UInt8>
  let dialect: Dialect

  private static let clauseEnds: Set<String> = [
    "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FETCH", "SELECT", "SET", "VALUES",
    "UNION", "EXCEPT", "INTERSECT",
  ]

  func tables(list: TokenList, caret: Int) -> [CompletionRequest.Table] {
    var result: [CompletionRequest.Table] = []
    var depth = 0
    /// The depth of parentheses at which the FROM being read stands.
    var fromDepth = -1
    var index = start(in: list, caret: caret)
    while index < list.count {
      let word = spelling(list, index)
      if word == ";" { break }
      index += 1
      switch word {
      case "(":
        let partner = Int(list.partners[index - 1])
        if partner > 0,
          list.tokens[partner].offset < caret
            || list.tokens[index - 1].offset >= caret
        {
          // A group without the caret: what it names is not visible here, but its alias is.
          index = partner + 1
          if depth == fromDepth { append(alias(list, &index), to: &result) }
        } else {
          depth += 1
        }
      case ")":
        depth -= 1
        if fromDepth > depth { fromDepth = -1 }
      case "FROM", "JOIN", "INTO", "COPY":
        fromDepth = depth
        append(table(list, &index), to: &result)
      case "," where fromDepth == depth: append(table(list, &index), to: &result)
      case _ where Self.clauseEnds.contains(word): if fromDepth == depth { fromDepth = -1 }
      default: break
      }
    }
    return result
  }

  private func append(
    _ table: CompletionRequest.Table?, to tables: inout [CompletionRequest.Table]
  ) {
    if let table { tables.append(table) }
  }

  private func start(in list: TokenList, caret: Int) -> Int {
    let semicolon = list.tokens.lastIndex { $0.offset < caret && text($0) == ";" }
    return semicolon.map { $0 + 1 } ?? 0
  }

  private func text(_ token: Token) -> String {
    String(decoding: bytes[Int(token.offset)..<token.end], as: UTF8.self)
  }

  private func spelling(_ list: TokenList, _ index: Int) -> String {
    Language.vocabulary.spelling(of: list.tokens[index].kind) ?? ""
  }

  private func isName(_ list: TokenList, _ index: Int) -> Bool {
    Language.program(dialect).names.contains(list.tokens[index].kind)
  }

  private func table(_ list: TokenList, _ index: inout Int) -> CompletionRequest.Table? {
    guard isName(list, index) else { return nil }
    var parts = [CompletionFinder.name(list.tokens[index], bytes)]
    index += 1
    while spelling(list, index) == ".", isName(list, index + 1) {
      parts.append(CompletionFinder.name(list.tokens[index + 1], bytes))
      index += 2
    }
    return CompletionRequest.Table(
      name: QualifiedName(parts), alias: alias(list, &index)?.name.last)
  }

  private func alias(_ list: TokenList, _ index: inout Int) -> CompletionRequest.Table? {
    if spelling(list, index) == "AS" { index += 1 }
    guard isName(list, index), spelling(list, index) != "SET" else { return nil }
    index += 1
    return CompletionRequest.Table(
      name: QualifiedName([CompletionFinder.name(list.tokens[index - 1], bytes)]), alias: nil)
  }
}
