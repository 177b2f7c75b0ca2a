import Base
import Engine
import Vectors
import Wire

/// The rows of a statement as the server sends them, batch by batch.
public final class RemoteRows {
  public var columns: [ResultColumn] {
    decoder?.columns ?? [ResultColumn("data", .binary)]
  }
  /// The command tag, known at the end: "SELECT 5".
  public private(set) var tag = ""
  private let session: RemoteSession
  private let sql: String
  /// Nil for the pieces of a COPY.
  private let decoder: RowColumns?
  private var hasEnded = false
  /// A batch that was read to know the columns' types.
  private var ahead: Batch?

  init(_ session: RemoteSession, _ sql: String, _ decoder: RowColumns?) {
    self.session = session
    self.sql = sql
    self.decoder = decoder
  }

  deinit { close() }

  /// Reads so much that `columns` do not change any more.
  func settleColumns() throws(SQLError) {
    if let decoder, decoder.needsRows { ahead = try next() }
  }

  /// The next batch, waiting for it; nil at the end. Throws what the statement failed with.
  public func next() throws(SQLError) -> Batch? {
    if let batch = ahead {
      ahead = nil
      return batch
    }
    if hasEnded { return nil }
    do throws(SQLError) {
      while true {
        switch try session.next() {
        case .dataRow(let row):
          guard let decoder else { throw Self.unexpected }
          try decoder.append(row)
          if decoder.isFull { return try decoder.takeBatch() }
        case .copyData(let bytes):
          guard decoder == nil else { throw Self.unexpected }
          return Batch(columns: [Vector.of([.binary(bytes)], type: .binary)], rowCount: 1)
        case .commandComplete(let text): tag = text
        case .errorResponse(let fields):
          hasEnded = true
          throw session.failure(fields, in: sql)
        case .readyForQuery:
          hasEnded = true
          guard let decoder, decoder.rowCount > 0 else { return nil }
          return try decoder.takeBatch()
        default: break
        }
      }
    } catch {
      if error.state == .connectionFailure { hasEnded = true }
      throw error
    }
  }

  /// Ends the statement early; the server's remaining rows are thrown away.
  public func close() {
    ahead = nil
    guard !hasEnded else { return }
    hasEnded = true
    session.abandon()
  }

  private static var unexpected: SQLError {
    SQLError(.protocolViolation, "a row where none can be")
  }
}
