import Base
import CPlatform
import Engine
import Formats

extension Shell {
  /// How one statement is to be run, beyond the shell's settings.
  struct StatementOptions {
    /// `file:line: `, for errors.
    var place = ""
    /// The line of the script in which the statement begins, with `scriptName`.
    var scriptName: String?
    var startLine = 1
    /// `\gx`.
    var isExpanded = false
    /// `\g FILE`.
    var path: String?
  }

  enum StatementEnd { case done, failed, interrupted }

  /// Runs a statement and shows its result, warnings, tag and time.
  func runStatement(_ sql: String, _ options: StatementOptions = StatementOptions()) -> StatementEnd
  {
    let clock = SystemClock()
    let start = clock.monotonicNS()
    zij_clear_interrupts()
    watcher.start()
    var end = StatementEnd.done
    var warnings: () -> [String] = { [] }
    var notice: String?
    do throws(SQLError) {
      let result = try connection.run(sql)
      warnings = result.warnings
      notice = result.notice
      watcher.follow(result.context)
      try show(result, of: sql, options)
      noteSuccess(result)
    } catch {
      watcher.stop()
      let isInterrupted = error.state == .queryCanceled && zij_interrupt_count() > 0
      end = isInterrupted ? .interrupted : .failed
      report(error, in: sql, place: place(of: error, in: sql, options))
    }
    watcher.stop()
    zij_clear_interrupts()
    lastStatement = sql
    resultOutput.flush()
    output.flush()
    if let notice { StandardError.write("NOTICE: \(VisibleText.line(notice))\n") }
    for warning in warnings() { StandardError.write("WARNING: \(VisibleText.line(warning))\n") }
    if showsTiming {
      output.write("Time: \(Self.timeText(clock.monotonicNS() - start))\n")
      output.flush()
    }
    if output.isBroken { mustEnd = true }
    return end
  }

  private func noteSuccess(_ result: ShellResult) {
    variables["ERROR"] = "false"
    variables["SQLSTATE"] = "00000"
    if let count = result.affectedRowCount { variables["ROW_COUNT"] = String(count) }
  }

  /// `file:line: ` with the line of the error itself.
  private func place(of error: SQLError, in sql: String, _ options: StatementOptions) -> String {
    guard let name = options.scriptName else { return options.place }
    let before = sql.utf8.prefix(error.range?.offset ?? 0)
    return "\(name):\(options.startLine + before.count { $0 == 10 }): "
  }

  // MARK: Results

  private func show(
    _ result: ShellResult, of sql: String, _ options: StatementOptions
  ) throws(SQLError) {
    guard let stream = result.rows else {
      watcher.pause()
      if format.isTable { say(result.tag) }
      return
    }
    var target = resultOutput
    if let path = options.path { target = try OutputTarget.file(path) }
    defer { if options.path != nil { target.close() } }
    var wanted = format
    if options.isExpanded { wanted.table.isExpanded = true }
    let encoder: any RowEncoder
    if let chosen = result.copyEncoder {
      encoder = chosen
    } else {
      encoder = try wanted.encoder(for: stream.columns, toTerminal: target.isTerminal)
    }
    lastResult = LastResult(sql: sql, columns: stream.columns)
    do throws(SQLError) {
      try pump(stream, through: encoder, to: target)
    } catch {
      watcher.pause()
      try target.write { (out) throws(SQLError) in try encoder.finish(error: error, into: &out) }
      target.flush()
      throw error
    }
    watcher.pause()
    try target.write { (out) throws(SQLError) in try encoder.finish(error: nil, into: &out) }
    target.flush()
    if let failure = target.failure { throw failure }
    variables["ROW_COUNT"] = String(lastResult?.rowCount ?? 0)
  }

  private func pump(
    _ stream: any ShellRows, through encoder: any RowEncoder, to target: OutputTarget
  ) throws(SQLError) {
    // The line of progress and a result on the same terminal would run into each other.
    let sharesTerminal = target.isTerminal
    var hasHeader = false
    var portions = RowPortions(nil, bytesPerRow: encoder.bytesPerRow)
    while let batch = try stream.next() {
      if sharesTerminal { watcher.pause() }
      var rest = batch
      repeat {
        let portion = try portions.take(from: &rest)
        try target.write { (out) throws(SQLError) in
          if !hasHeader { try encoder.header(into: &out) }
          try encoder.append(portion, into: &out)
        }
        hasHeader = true
      } while rest.rowCount > 0 && target.canWrite
      lastResult?.add(batch)
      guard target.canWrite else {
        stream.close()
        if let failure = target.failure { throw failure }
        return
      }
    }
    if !hasHeader { try target.write { (out) throws(SQLError) in try encoder.header(into: &out) } }
  }

  /// `12.345 ms`, and from a second on also `(00:01.234)`, as psql.
  static func timeText(_ nanoseconds: Int64) -> String {
    let microseconds = nanoseconds / 1000
    let fraction = String(microseconds % 1000 + 1000).dropFirst()
    let text = "\(microseconds / 1000).\(fraction) ms"
    let milliseconds = microseconds / 1000
    guard milliseconds >= 1000 else { return text }
    let seconds = milliseconds / 1000
    func two(_ number: Int64) -> String { String(String(number % 100 + 100).dropFirst()) }
    let hours = seconds >= 3600 ? "\(two(seconds / 3600)):" : ""
    let minutes = "\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    return "\(text) (\(hours)\(minutes).\(String(milliseconds % 1000 + 1000).dropFirst()))"
  }
}
