import Base

/// Which language a text is in; rules of the grammar carry the names of the dialects they belong to.
public enum Dialect: String, Sendable, CaseIterable {
  case adql20 = "adql-2.0"
  case adql21 = "adql-2.1"
  /// Lenient ADQL: the standard plus everything unambiguous.
  case adql
  /// PostgreSQL-flavoured; the default in the shell.
  case sql
}

/// A statement of a script with the place of its text.
public struct ParsedStatement: Sendable {
  public var statement: Statement
  public var range: SourceRange
  /// The number of the highest `$n`, or 0.
  public var parameterCount: Int
}
