import Base
import Execution
import Parsing
import Plans
import Vectors

/// EXPLAIN and EXPLAIN ANALYZE.
extension Session {
  func explain(_ explain: Explain, _ parameters: [Value]) throws(SQLError) -> StatementResult {
    let runner = try QueryRunner(self, parameters: parameters)
    let prepared = try runner.prepare(explain.statement)
    var lines: [String] = []
    if explain.isAnalyze {
      lines = try analyze(prepared, runner)
    } else {
      lines.append("Logical plan")
      lines += ExplainText.lines(of: prepared.logical).map { "  " + $0 }
      lines.append("Physical plan")
      lines += ExplainText.lines(of: prepared.physical, annotations: nil).map { "  " + $0 }
    }
    return textResult("EXPLAIN", columns: [Self.planColumn], rows: lines.map { [.text($0)] })
  }

  static let planColumn = "QUERY PLAN"

  private func analyze(
    _ prepared: QueryRunner.Prepared, _ runner: QueryRunner
  ) throws(SQLError) -> [String] {
    let context = makeContext()
    let clock = SystemClock()
    let start = clock.monotonicNS()
    let stream = try runner.start(prepared, context: context)
    var rows = 0
    while let batch = try stream.next() { rows += batch.rowCount }
    let elapsed = clock.monotonicNS() - start
    let annotations = stream.metrics.map(Self.annotation)
    return ExplainText.lines(of: prepared.physical, annotations: annotations) + [
      "Rows: \(rows)",
      "Time: \(Self.milliseconds(Int(elapsed))) ms",
      "Memory: \(context.memory.peakBytes / 1024) KiB at most",
    ]
  }

  private static func annotation(_ metrics: OperatorMetrics) -> String {
    var parts = ["rows=\(metrics.rows)", "time=\(milliseconds(metrics.timeNS)) ms"]
    if metrics.groupsTotal > 0 {
      parts.append("row groups=\(metrics.groupsRead) of \(metrics.groupsTotal)")
    }
    if metrics.bytesRead > 0 { parts.append("bytes=\(metrics.bytesRead)") }
    return "(" + parts.joined(separator: ", ") + ")"
  }

  /// Microsecond precision without floating point.
  private static func milliseconds(_ nanoseconds: Int) -> String {
    let micros = nanoseconds / 1000
    let fraction = String(micros % 1000)
    return "\(micros / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
  }
}
