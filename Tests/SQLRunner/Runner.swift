import Base
import Engine
import Foundation
import Vectors
import Zij

/// Runs one file of records on a fresh database.
final class Runner {
  struct Options {
    /// A directory database in place of one in memory.
    var isOnDisk = false
    /// The file was written for other engines: what Zij does not know yet is counted, not failed.
    var isCorpus = false
    /// Names that `onlyif` and `skipif` know as this engine.
    var engineNames: Set<String> = ["zij"]
  }

  struct Report {
    var passedCount = 0
    var failures: [String] = []
    /// Records left out, by reason.
    var skipped: [String: Int] = [:]
  }

  private struct Rows {
    var types: [LogicalType]
    var values: [[Value]] = []
  }

  private let options: Options
  private let path: String
  private let directory: URL
  private var database: Database?
  private var session: Session?
  private var report = Report()
  private var hashThreshold = 0
  /// Why the tables no longer hold what the corpus expects.
  private var spoiledBy: String?

  init(path: String, options: Options) {
    self.path = path
    self.options = options
    directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("zij-slt-\(UUID().uuidString)")
  }

  func run() -> Report {
    defer {
      database?.close()
      try? FileManager.default.removeItem(at: directory)
    }
    do {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      let script = try Script(String(contentsOfFile: path, encoding: .utf8))
      try open()
      for record in script.records {
        if case .halt = record.kind, applies(record) { break }
        try run(record)
      }
    } catch let error as Script.Malformed {
      report.failures.append("\(path):\(error.line): \(error.what)")
    } catch {
      report.failures.append("\(path): \(error)")
    }
    return report
  }

  private func open() throws {
    var databaseOptions = DatabaseOptions()
    databaseOptions.programName = "zij-slt"
    databaseOptions.readers = FileFormats.readers
    databaseOptions.writers = FileFormats.writers
    let location: DatabaseLocation =
      options.isOnDisk ? .directory(directory.path + "/test.zij") : .memory
    let opened = try Database(location, options: databaseOptions)
    database = opened
    session = opened.makeSession()
  }

  private func applies(_ record: Script.Record) -> Bool {
    let names = options.engineNames.union(options.isOnDisk ? ["directory"] : ["memory"])
    return record.onlyOn.allSatisfy(names.contains) && !record.skipOn.contains(where: names.contains)
  }

  private func run(_ record: Script.Record) throws {
    guard applies(record) else { return skip("for another engine") }
    switch record.kind {
    case .halt: return
    case .hashThreshold(let count): hashThreshold = count
    case .restart:
      guard options.isOnDisk else { return skip("restart in memory") }
      database?.close()
      try open()
    default:
      if options.isCorpus {
        if let spoiledBy { return skip("after \(spoiledBy)") }
        if let reason = Corpus.unsupported(record.sql) {
          if Corpus.changesRows(record.sql) { spoiledBy = reason }
          return skip(reason)
        }
      }
      check(record)
    }
  }

  private func check(_ record: Script.Record) {
    let sql = options.isCorpus
      ? Corpus.adapted(record.sql)
      : record.sql.replacingOccurrences(of: "__DIR__", with: directory.path)
    let outcome = execute(sql, parameters: record.parameters.map(ParameterText.value))
    switch (record.kind, outcome) {
    case (.failure(let wanted), .failure(let error)):
      guard let wanted, wanted != error.state.rawValue else { return pass() }
      fail(record, "SQLSTATE \(wanted) expected:\n\(error.rendered(in: sql))")
    case (.failure, .success):
      fail(record, "an error expected")
    case (_, .failure(let error)):
      if options.isCorpus { return skip("refused with \(error.state.rawValue)") }
      fail(record, error.rendered(in: sql))
    case (.query(let query), .success(let rows)):
      compare(record, query, rows)
    case (_, .success): pass()
    }
  }

  /// All rows, or the error; errors can come with the last batch.
  private func execute(_ sql: String, parameters: [Value]) -> Result<Rows, SQLError> {
    guard let session else { return .failure(SQLError(.internalError, "no session")) }
    do throws(SQLError) {
      let result = try session.run(sql, parameters: parameters)
      guard let stream = result.stream else { return .success(Rows(types: [])) }
      var rows = Rows(types: stream.columns.map(\.type))
      while let batch = try stream.next() {
        for row in 0..<batch.rowCount { rows.values.append(batch.columns.map { $0.value(at: row) }) }
      }
      return .success(rows)
    } catch {
      return .failure(error)
    }
  }

  private func compare(_ record: Script.Record, _ query: Script.Query, _ rows: Rows) {
    guard rows.types.count == query.types.count else {
      return fail(record, "\(query.types.count) columns expected, not \(rows.types.count)")
    }
    guard let expected = query.expected else { return pass() }
    var lines = rows.values.map { row in
      row.indices.map { ResultText.text(of: row[$0], rows.types[$0], as: query.types[$0]) }
    }
    if options.isCorpus { lines = lines.map { $0.map(Corpus.visible) } }
    let columnCount = query.types.count
    let isByRow =
      columnCount > 1 && !expected.isEmpty
      && expected.allSatisfy { $0.count { $0 == "\t" } == columnCount - 1 }
    var got = sorted(lines, query.sort, isByRow: isByRow)
    var wanted = expected
    if isByRow, query.sort != .nosort { wanted.sort() }
    if wanted.count == 1, wanted[0].contains(" values hashing to ") {
      let message = Array((got.joined(separator: "\n") + "\n").utf8)
      got = ["\(got.count) values hashing to \(MD5.hex(of: message))"]
    } else if !isByRow, query.sort == .valuesort {
      wanted.sort()
    }
    if got == wanted { return pass() }
    fail(record, "expected:\n\(Self.excerpt(wanted))\ngot:\n\(Self.excerpt(got))")
  }

  private func sorted(_ rows: [[String]], _ sort: Script.Sort, isByRow: Bool) -> [String] {
    switch sort {
    case .nosort:
      return isByRow ? rows.map { $0.joined(separator: "\t") } : rows.flatMap { $0 }
    case .rowsort:
      if isByRow { return rows.map { $0.joined(separator: "\t") }.sorted() }
      // A separator below every printable character sorts rows as their values one by one would.
      return rows.map { $0.joined(separator: "\u{1}") }.sorted()
        .flatMap { $0.split(separator: "\u{1}", omittingEmptySubsequences: false).map(String.init) }
    case .valuesort:
      return rows.flatMap { $0 }.sorted()
    }
  }

  private static func excerpt(_ lines: [String]) -> String {
    let shown = lines.prefix(20).map { "    " + $0 }.joined(separator: "\n")
    return lines.count > 20 ? shown + "\n    … \(lines.count) lines" : shown
  }

  private func pass() { report.passedCount += 1 }
  private func skip(_ reason: String) { report.skipped[reason, default: 0] += 1 }

  private func fail(_ record: Script.Record, _ what: String) {
    let sql = record.sql.count > 1000 ? record.sql.prefix(1000) + "…" : Substring(record.sql)
    report.failures.append("\(path):\(record.line): \(what)\n  in: \(sql)")
  }
}
