import Base
import Engine
import Formats
import HTTP
import Vectors

/// A running query whose rows become bytes step by step, so that no thread waits for it. Used by one
/// thread at a time.
final class QueryFeed: @unchecked Sendable {
  enum Step {
    /// Bytes were written.
    case more
    case pending
    /// The last bytes were written.
    case end
    /// The query failed before anything was written, or in a format that cannot say so.
    case failed(SQLError)
  }

  /// Longer queries are not repeated in their answers.
  private static let echoBytes = 64 << 10

  private let session: Session
  private let stream: ResultStream?
  private let encoder: any RowEncoder
  private let request: QueryRequest
  private let reportsLateErrors: Bool
  private var rowsLeft: Int
  private var portions: RowPortions
  /// What is left of the stream's last batch.
  private var rest = Batch(columns: [], rowCount: 0)
  private var hasBegun = false
  private(set) var rowCount = 0

  /// Parses, plans and starts the query. `reportsLateErrors`: what goes wrong after the first rows is
  /// said behind them, where the format can do that.
  init(
    _ request: QueryRequest, in session: Session, runID: String?, reportsLateErrors: Bool = true
  ) throws(SQLError) {
    self.request = request
    self.reportsLateErrors = reportsLateErrors
    self.session = session
    try session.set("dialect", to: request.dialect)
    rowsLeft = request.maximumRowCount ?? .max
    if rowsLeft == 0 {
      stream = nil
      encoder = try request.format.encoder(session.prepare(request.query).columns)
    } else {
      let result = try session.run(request.query)
      stream = result.stream
      encoder = try request.format.encoder(result.stream?.columns ?? [])
    }
    portions = RowPortions(stream?.context.memory, bytesPerRow: encoder.bytesPerRow)
    if let votable = encoder as? VOTableEncoder {
      if request.query.utf8.count <= Self.echoBytes { votable.infos = [("QUERY", request.query)] }
      if let runID { votable.infos.append(("RUNID", runID)) }
    }
  }

  /// Writes what is there. After `.pending`, `notify` is called once when there is more.
  func step(into out: inout ByteWriter, notify: @escaping @Sendable () -> Void) -> Step {
    do throws(SQLError) {
      guard let stream else { return try finish(isCut: true, into: &out) }
      if rest.rowCount > 0 { return try writeRest(of: stream, into: &out) }
      switch try stream.poll(notify) {
      case .pending: return .pending
      case .end: return try finish(isCut: false, into: &out)
      case .batch(let batch):
        try begin(into: &out)
        rest = batch
        return try writeRest(of: stream, into: &out)
      }
    } catch {
      return fail(error, into: &out)
    }
  }

  /// Writes a portion of the last batch.
  private func writeRest(
    of stream: ResultStream, into out: inout ByteWriter
  ) throws(SQLError) -> Step {
    if rest.rowCount > 0, rowsLeft > 0 {
      var portion = try portions.take(from: &rest)
      if portion.rowCount > rowsLeft {
        rest = portion.slice(from: rowsLeft, count: portion.rowCount - rowsLeft)
        portion = portion.slice(from: 0, count: rowsLeft)
      }
      rowsLeft -= portion.rowCount
      rowCount += portion.rowCount
      try encoder.append(portion, into: &out)
    }
    guard rest.rowCount > 0, rowsLeft == 0 else { return .more }
    stream.close()
    return try finish(isCut: true, into: &out)
  }

  private func begin(into out: inout ByteWriter) throws(SQLError) {
    guard !hasBegun else { return }
    hasBegun = true
    try encoder.header(into: &out)
  }

  private func finish(isCut: Bool, into out: inout ByteWriter) throws(SQLError) -> Step {
    try begin(into: &out)
    (encoder as? VOTableEncoder)?.hasOverflowed = isCut
    try encoder.finish(error: nil, into: &out)
    return .end
  }

  /// VOTable says behind its rows that they are not all; other formats have to break off.
  private func fail(_ error: SQLError, into out: inout ByteWriter) -> Step {
    guard hasBegun, reportsLateErrors, request.format.isVOTable else { return .failed(error) }
    let fault = TAPFault(error, query: request.query)
    let published = SQLError(error.state, fault.text)
    do throws(SQLError) { try encoder.finish(error: published, into: &out) } catch {
      return .failed(error)
    }
    return .end
  }

  /// How far the query is, from any thread.
  var progress: QueryProgress? { stream?.context.progress }

  func cancel() { session.cancel() }

  /// Ends the query. Nobody uses the feed any more.
  func close() { stream?.close() }
}
