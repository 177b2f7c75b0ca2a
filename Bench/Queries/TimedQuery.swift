import Base
import Zij

/// A statement and where its rows go.
struct TimedQuery {
  let name: String
  let sql: String
  /// The format that rows are written in, whose bytes are counted and forgotten; nil: rows are only
  /// taken.
  let format: String?

  init(_ name: String, _ sql: String, format: String? = nil) {
    self.name = name
    self.sql = sql
    self.format = format
  }

  struct Figures {
    let query: TimedQuery
    let timing: Timing
    let rowCount: Int
    let outputBytes: Int
  }

  private struct Outcome {
    var rowCount = 0
    var outputBytes = 0
  }

  /// Wall time from the text to the last row, `runCount` times after one that is not counted.
  func measure(in session: Session, runCount: Int) throws(SQLError) -> Figures {
    let clock = SystemClock()
    var outcome = try run(in: session)
    var samples: [Double] = []
    for _ in 0..<runCount {
      let startNS = clock.monotonicNS()
      outcome = try run(in: session)
      samples.append(Double(clock.monotonicNS() - startNS))
    }
    return Figures(
      query: self, timing: Timing(samples), rowCount: outcome.rowCount,
      outputBytes: outcome.outputBytes)
  }

  private func run(in session: Session) throws(SQLError) -> Outcome {
    let result = try session.run(sql)
    var outcome = Outcome()
    guard let stream = result.stream else { return outcome }
    let encoder = try encoder(for: stream, session)
    var out = ByteWriter(capacity: 1 << 16)
    while let batch = try stream.next() {
      outcome.rowCount += batch.rowCount
      try encoder?.append(batch, into: &out)
      outcome.outputBytes += out.count
      out.removeAll()
    }
    return outcome
  }

  private func encoder(
    for stream: ResultStream, _ session: Session
  ) throws(SQLError) -> (any RowEncoder)? {
    guard let format else { return nil }
    let writers = session.database.options.writers
    guard let writer = writers.first(where: { $0.names.contains(format) }) else {
      throw SQLError(.internalError, "no format is called \"\(format)\"")
    }
    return try writer.begin(stream.columns, options: FileOptions())
  }
}

extension TimedQuery.Figures {
  var cells: [String] {
    [
      query.name, Shown.time(nanoseconds: timing.medianNS), Shown.time(nanoseconds: timing.bestNS),
      Shown.time(nanoseconds: timing.worstNS), "\(rowCount)",
      outputBytes == 0 ? "" : Shown.number(Double(outputBytes) / 1e6) + " MB",
    ]
  }

  var json: JSONValue {
    .object([
      ("name", .text(query.name)), ("sql", .text(query.sql)),
      ("median_ms", .number(milliseconds(timing.medianNS))),
      ("min_ms", .number(milliseconds(timing.bestNS))),
      ("max_ms", .number(milliseconds(timing.worstNS))), ("rows", .integer(rowCount)),
      ("output_bytes", .integer(outputBytes)),
    ])
  }

  /// To the microsecond.
  private func milliseconds(_ nanoseconds: Double) -> Double {
    (nanoseconds / 1e3).rounded() / 1e3
  }
}
