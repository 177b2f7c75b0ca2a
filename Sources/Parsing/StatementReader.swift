import Base

/// Matches and lowers statements out of a list of tokens.
struct StatementReader {
  let list: TokenList
  let bytes: UnsafeBufferPointer<UInt8>
  let dialect: Dialect

  func isSemicolon(_ token: Int) -> Bool {
    let token = list.tokens[token]
    return token.length == 1 && bytes[Int(token.offset)] == UInt8(ascii: ";")
  }

  /// The statement that begins at token `start`, and the token behind it.
  func statement(from start: Int) throws(SQLError) -> (ParsedStatement, end: Int) {
    let program = Language.program(dialect)
    let outcome = list.tokens.withUnsafeBufferPointer { tokens in
      list.partners.withUnsafeBufferPointer { partners in
        var matcher = Matcher(program, tokens: tokens, partners: partners)
        return matcher.run(from: start)
      }
    }
    switch outcome {
    case .matched(let nodes, let end):
      return (try lowered(nodes, program: program), end)
    case .tooDeep(let token): throw Lowering.tooComplex(at: list.tokens[token].range)
    case .failed(let token):
      throw SyntaxErrorReport(list: list, bytes: bytes, dialect: dialect, start: start)
        .error(at: token)
    }
  }

  private func lowered(
    _ nodes: [MatchNode], program: Program
  ) throws(SQLError) -> ParsedStatement {
    let result: Result<ParsedStatement, SQLError> = list.tokens.withUnsafeBufferPointer { tokens in
      nodes.withUnsafeBufferPointer { nodes in
        var lowering = Lowering(bytes: bytes, tokens: tokens, nodes: nodes, program: program)
        do throws(SQLError) {
          let statement = try lowering.statement()
          if dialect == .adql20 || dialect == .adql21, case .query(let query) = statement {
            try StrictADQL().check(query)
          }
          return .success(
            ParsedStatement(
              statement: statement, range: lowering.range(0),
              parameterCount: lowering.parameterCount))
        } catch { return .failure(error) }
      }
    }
    return try result.get()
  }
}
