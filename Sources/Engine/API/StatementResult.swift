import Base
import Parsing
import Vectors

/// What a statement did.
public struct StatementResult {
  /// The command tag of PostgreSQL without the count of a query's rows: "SELECT", "INSERT 0 5".
  public var tag: String
  /// Rows, for queries, EXPLAIN and SHOW.
  public var stream: ResultStream?
  /// Rows changed by INSERT, COPY, CREATE TABLE AS.
  public var affectedRowCount: Int?
  /// For `COPY … TO STDOUT`: how the stream's rows are to be written.
  public var copyEncoder: (any RowEncoder)?
  /// Whether what the encoder writes is more than lines of text.
  public internal(set) var copyIsBinary = false
  /// A `COPY … FROM STDIN` that has done nothing yet, as its rows have to come first.
  public internal(set) var awaitedCopy: Copy?
  /// What the statement did besides what it was asked for: a sentence for the user.
  public var notice: String?
  /// Counted warnings, complete when the stream ended.
  public var context: QueryContext

  init(
    tag: String, stream: ResultStream? = nil, affectedRowCount: Int? = nil,
    notice: String? = nil, context: QueryContext
  ) {
    self.tag = tag
    self.stream = stream
    self.affectedRowCount = affectedRowCount
    self.notice = notice
    self.context = context
  }
}

public struct PreparedQuery: Sendable {
  public var parameterTypes: [LogicalType]
  public var columns: [ResultColumn]
}
