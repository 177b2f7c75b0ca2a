/// What the statements of a session may do.
public enum SessionAccess: Sendable {
  case everything
  /// Queries of tables, for strangers: nothing is changed, and no file of the server is read.
  case queries
}
