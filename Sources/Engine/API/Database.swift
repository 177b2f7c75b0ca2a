import Base
import Catalog
import FunctionKit
import Vectors

/// Where a database lives.
public enum DatabaseLocation: Hashable, Sendable {
  case memory
  /// A directory, by convention named `name.zij`.
  case directory(String)
}

public struct DatabaseOptions: Sendable {
  /// Nil: PosixDisk.
  public var disk: (any Disk)?
  public var isReadOnly = false
  /// Create the directory if it is missing.
  public var createIfMissing = true
  public var workerCount: Int?
  /// Limit of all queries together; nil: three quarters of the machine's memory.
  public var memoryLimitBytes: Int?
  /// Shown to others who find the database locked.
  public var programName = "zij"
  public var readers: [any FileReader] = []
  public var writers: [any FileWriter] = []

  public init() {}
}

/// An open database. Any number of sessions may use it from any threads.
public final class Database: Sendable {
  public let location: DatabaseLocation
  public let functions: FunctionSet

  /// Opens or creates a database. Threads start with the first query.
  public init(_ location: DatabaseLocation, options: DatabaseOptions = DatabaseOptions())
    throws(SQLError)
  {
    throw SQLError(.featureNotSupported, "not yet")
  }

  public func makeSession() -> Session { Session(database: self) }

  /// Tables as of now, virtual ones included.
  public func catalog() throws(SQLError) -> CatalogSnapshot { CatalogSnapshot(tables: []) }

  /// Starts adding rows to a new table, which appears with `commit`; see `TableAppender`.
  public func createTable(
    _ name: String, schema: String = CatalogSnapshot.defaultSchema, columns: [ColumnDefinition],
    order: TableOrder = .none, description: String? = nil
  ) throws(SQLError) -> TableAppender {
    throw SQLError(.featureNotSupported, "not yet")
  }

  /// Waits for running queries, joins all threads and releases the lock. Later calls fail.
  public func close() {}
}

/// Adds rows to a table; nothing is visible before `commit`, nothing remains without it.
public final class TableAppender {
  init() {}
  /// `batch` has the table's visible columns, in order.
  public func append(_ batch: Batch) throws(SQLError) {}
  /// Sorts if the table is clustered, writes segments, commits. Returns the rows added.
  public func commit() throws(SQLError) -> Int { 0 }
  /// Forgets everything.
  public func abandon() {}
}
