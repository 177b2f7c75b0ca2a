import Parsing

/// What `COPY … FROM STDIN` reads. A library and a server leave the process's own input alone.
public enum StandardInput {
  /// Nothing: the statement is refused.
  case none
  /// The standard input of the process.
  case process
  /// Rows that somebody else brings: `run` answers with `StatementResult.awaitedCopy`, and the
  /// statement is run again when they are there.
  case awaited
  /// Rows that have been brought.
  case spool(CopySpool)
}
