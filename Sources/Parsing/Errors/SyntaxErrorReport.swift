import Base

/// Says in plain words what is wrong at the token where the grammar could not go on.
struct SyntaxErrorReport {
  let list: TokenList
  let bytes: UnsafeBufferPointer<UInt8>
  let dialect: Dialect
  /// The first token of the statement.
  let start: Int

  func error(at token: Int) -> SQLError {
    SQLError(.syntaxError, "syntax error", at: list.tokens[token].range)
  }
}
