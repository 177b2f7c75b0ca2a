import Base
import Catalog
import Parsing
import Vectors

/// One user's conversation: settings and one statement at a time.
///
/// A session is used by one thread at a time; `cancel` may come from any.
public final class Session: @unchecked Sendable {
  public let database: Database

  init(database: Database) { self.database = database }

  /// Runs one statement. Rows come through `StatementResult.stream`; everything else is done when
  /// this returns.
  public func run(_ sql: String, parameters: [Value] = []) throws(SQLError) -> StatementResult {
    throw SQLError(.featureNotSupported, "not yet")
  }

  /// Parses, binds and infers the types of parameters and columns without running.
  public func prepare(_ sql: String) throws(SQLError) -> PreparedQuery {
    throw SQLError(.featureNotSupported, "not yet")
  }

  /// Cancels the running statement, if there is one.
  public func cancel() {}

  /// A setting's text, e.g. "memory_limit", "statement_timeout", "dialect".
  public func setting(_ name: String) -> String? { nil }
  public var dialect: Dialect { .sql }
}

/// What a statement did.
public struct StatementResult {
  /// The command tag of PostgreSQL: "SELECT 5" has its count only after the stream ended.
  public var tag: String
  /// Rows, for queries, EXPLAIN and SHOW.
  public var stream: ResultStream?
  /// Rows changed by INSERT, COPY, CREATE TABLE AS.
  public var affectedRowCount: Int?
  /// Counted warnings, complete when the stream ended.
  public var context: QueryContext
}

public struct PreparedQuery: Sendable {
  public var parameterTypes: [LogicalType]
  public var columns: [ResultColumn]
}

/// The rows of a running query, in order, batch by batch. It may stay suspended for any time without
/// holding a worker; what it buffers is bounded.
public final class ResultStream: @unchecked Sendable {
  public let columns: [ResultColumn]
  public let context: QueryContext

  init(columns: [ResultColumn], context: QueryContext) {
    self.columns = columns
    self.context = context
  }

  /// The next batch, waiting for it; nil at the end. Throws what the query failed with.
  public func next() throws(SQLError) -> Batch? { nil }
  /// True if a batch or the end is there without waiting; waits at most that long for it.
  public func waitForBatch(milliseconds: Int) -> Bool { true }
  /// Ends the query early. Also happens when the stream goes away.
  public func close() {}
}
