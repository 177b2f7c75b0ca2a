import Base
import Engine
import FunctionKit
import Testing
import Vectors

/// Rows that a host program hands over are a statement like any other.
@Suite("Rows of the host program")
struct IngestTests {
  private struct Rows: FileScan {
    let columns = [ResultColumn("a", .int64)]
    var rowCount: Int? { nil }
    var partCount: Int { 1 }
    var fractionRead: Double? { nil }

    func open(
      part: Int, columns: [Int], context: QueryContext
    ) throws(SQLError) -> any BatchGenerator { Generator() }
  }

  private final class Generator: BatchGenerator {
    private var isDone = false

    func next() throws(SQLError) -> Batch? {
      if isDone { return nil }
      isDone = true
      return Batch(columns: [Vector.of([.integer(7), .integer(8)], type: .int64)], rowCount: 2)
    }
  }

  enum Way: CaseIterable { case append, create, insert }

  private static func give(_ session: Session, _ way: Way) throws(SQLError) -> Int? {
    switch way {
    case .append: try session.ingest(Rows(), into: "t", mode: .append)
    case .create: try session.ingest(Rows(), into: "new", mode: .create)
    case .insert: try session.insert("INSERT INTO t VALUES ($1)", of: Rows())
    }
  }

  private static func failure(_ way: Way, _ session: Session) -> SQLState? {
    do throws(SQLError) {
      _ = try give(session, way)
      return nil
    } catch {
      return error.state
    }
  }

  private static func session() throws -> Session {
    let session = try Database.inMemory().makeSession()
    try session.lines("CREATE TABLE t (a bigint)")
    return session
  }

  @Test("are part of the transaction", arguments: Way.allCases)
  func transaction(way: Way) throws {
    let session = try Self.session()
    try session.lines("BEGIN")
    #expect(try Self.give(session, way) == 2)
    try session.lines("ROLLBACK")
    #expect(try session.line("SELECT count(*) FROM t") == "0")
    #expect(try Self.give(session, way) == 2)
  }

  @Test("are refused after a failure, and their failure is one", arguments: Way.allCases)
  func failedTransaction(way: Way) throws {
    let session = try Self.session()
    try session.lines("BEGIN")
    _ = session.failure("SELECT 1/0")
    #expect(Self.failure(way, session) == .inFailedTransaction)
    try session.lines("ROLLBACK")
    try session.lines("BEGIN")
    #expect(throws: SQLError.self) { try session.ingest(Rows(), into: "nowhere", mode: .append) }
    #expect(session.transactionStatus == .failed)
    try session.lines("ROLLBACK")
    try session.lines("BEGIN")
    #expect(throws: SQLError.self) {
      try session.insert("INSERT INTO nowhere VALUES ($1)", of: Rows())
    }
    #expect(session.transactionStatus == .failed)
  }

  @Test("are refused where only questions are allowed", arguments: Way.allCases)
  func access(way: Way) throws {
    let session = try Self.session().database.makeSession(access: .queries)
    #expect(Self.failure(way, session) == .insufficientPrivilege)
  }
}
