import Base

/// Reads SQL and ADQL text.
public enum SQLParser {
  /// The one statement in `text`; a semicolon behind it is allowed.
  public static func parse(
    _ text: String, dialect: Dialect = .sql
  ) throws(SQLError) -> ParsedStatement {
    try parse(Array(text.utf8), dialect: dialect)
  }

  /// The one statement in UTF-8 `text`; a semicolon behind it is allowed.
  public static func parse(
    _ text: [UInt8], dialect: Dialect = .sql
  ) throws(SQLError) -> ParsedStatement {
    let statements = try statements(in: text, dialect: dialect, atMost: 1)
    guard let statement = statements.first else {
      throw SQLError(
        .syntaxError, "the statement is empty", at: SourceRange(offset: 0, length: 0))
    }
    return statement
  }

  /// All statements of a text, which semicolons separate; empty ones are left out.
  public static func parseScript(
    _ text: String, dialect: Dialect = .sql
  ) throws(SQLError) -> [ParsedStatement] {
    try statements(in: Array(text.utf8), dialect: dialect, atMost: .max)
  }

  private static func statements(
    in text: [UInt8], dialect: Dialect, atMost limit: Int
  ) throws(SQLError) -> [ParsedStatement] {
    let result: Result<[ParsedStatement], SQLError> = text.withUnsafeBufferPointer { bytes in
      do throws(SQLError) {
        let list = try TokenList(bytes, vocabulary: Language.vocabulary)
        return .success(try statements(list, bytes, dialect: dialect, atMost: limit))
      } catch { return .failure(error) }
    }
    return try result.get()
  }

  private static func statements(
    _ list: TokenList, _ bytes: UnsafeBufferPointer<UInt8>, dialect: Dialect, atMost limit: Int
  ) throws(SQLError) -> [ParsedStatement] {
    let reader = StatementReader(list: list, bytes: bytes, dialect: dialect)
    var result: [ParsedStatement] = []
    var start = 0
    while true {
      while start < list.count, reader.isSemicolon(start) { start += 1 }
      guard start < list.count else { return result }
      guard result.count < limit else {
        throw SQLError(
          .syntaxError, "only one statement is allowed here", at: list.tokens[start].range)
      }
      let (statement, end) = try reader.statement(from: start)
      result.append(statement)
      start = end
    }
  }
}
