import Base
import Parsing
import Zij

/// `zij-bench query` and `zij-bench demo`: whole statements through the engine, in this process.
struct QueryCommand {
  private let options: BenchOptions

  init(_ options: BenchOptions) { self.options = options }

  func run() throws {
    let text: String
    if let path = options.scriptPath {
      let file = try PosixDisk().open(path)
      text = String(decoding: try file.read(at: 0, count: file.sizeBytes).bytes, as: UTF8.self)
    } else {
      text = options.sql ?? ""
    }
    let bytes = Array(text.utf8)
    let queries = try SQLParser.parseScript(text).map { statement in
      let sql = String(
        decoding: bytes[statement.range.offset..<statement.range.end], as: UTF8.self)
      return TimedQuery(Self.singleLine(sql), sql)
    }
    guard !queries.isEmpty else { throw OptionError(message: "there is no statement to run") }
    try measure(queries, benchmark: "query")
  }

  func runDemo() throws { try measure(DemoQueries.all, benchmark: "demo") }

  private static func singleLine(_ sql: String) -> String {
    let line = sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > 60 ? line.prefix(59) + "…" : line
  }

  private func measure(_ queries: [TimedQuery], benchmark: String) throws {
    let database = try open()
    defer { database.close() }
    let session = database.makeSession()
    let table = TextTable([
      ("query", 60), ("median", 9), ("min", 9), ("max", 9), ("rows", 10), ("output", 9),
    ])
    Terminal.say("\(Report.heading)\n\(options.runCount) runs of each after one to warm up\n")
    Terminal.say(table.heading)
    var report = Report(
      benchmark: benchmark,
      settings: [
        ("runs", .integer(options.runCount)), ("threads", .integer(options.threadCount ?? 0)),
      ])
    for query in queries {
      let figures = try query.measure(in: session, runCount: options.runCount)
      Terminal.say(table.line(figures.cells))
      report.results.append(figures.json)
    }
    if let path = options.jsonPath { try OutputFile.write(report.json.rendered, to: path) }
  }

  /// A benchmark never writes to a database.
  private func open() throws(SQLError) -> Database {
    var settings = DatabaseOptions()
    settings.programName = "zij-bench"
    settings.workerCount = options.threadCount
    guard options.databasePath != ":memory:" else {
      return try Database.open(.memory, options: settings)
    }
    settings.isReadOnly = true
    settings.createIfMissing = false
    return try Database.open(.directory(options.databasePath), options: settings)
  }
}
