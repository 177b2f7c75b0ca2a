import Base
import CPlatform
import Engine
import Formats
import Glibc
import Zij

/// The state of a shell: the open database, where output goes and how it looks.
final class Shell {
  let connection: any ShellConnection
  let options: ShellOptions
  /// Standard output, for `\echo` and everything that is no result.
  let output = OutputTarget(descriptor: 1)
  /// Where results go when `\o` or `-o` named a file.
  private var fileOutput: OutputTarget?
  let watcher: QueryWatcher
  var format = ResultFormat()
  var variables = ShellVariables()
  var showsTiming = false
  var isQuiet = false
  /// The last statement that ran, for `\g`, `\watch` and `\e` on an empty buffer.
  var lastStatement = ""
  var lastResult: LastResult?
  /// `\q`, or nobody reads any more.
  var mustEnd = false
  /// An option asked for what there is not.
  private(set) var hasBadOptions = false
  /// Directories of the scripts being read, innermost last, for `\ir`.
  var scriptPaths: [String] = []

  init(_ connection: any ShellConnection, _ options: ShellOptions) {
    self.connection = connection
    self.options = options
    watcher = QueryWatcher(connection, drawsProgress: zij_isatty(2) != 0)
    isQuiet = options.isQuiet
    for (name, value) in options.variables { variables[name] = value }
    if isQuiet { variables["QUIET"] = "on" }
    let isGood = attempt { () throws(SQLError) in
      for (name, value) in options.formatSettings { _ = try format.set(name, to: value) }
      if let path = options.outputPath { try redirect(to: path) }
    }
    hasBadOptions = !isGood
  }

  var resultOutput: OutputTarget { fileOutput ?? output }

  /// Sends results to a file, or back to standard output.
  func redirect(to path: String?) throws(SQLError) {
    let target = try path.map { (path) throws(SQLError) in try OutputTarget.file(path) }
    fileOutput?.close()
    fileOutput = target
  }

  func close() {
    watcher.close()
    fileOutput?.close()
    output.close()
  }

  /// What the prompt shows of the database.
  var name: String { connection.name }

  var tables: TableList { TableList(connection: connection) }

  /// Runs `body` and shows what it throws; false if it threw.
  @discardableResult
  func attempt(_ body: () throws(SQLError) -> Void) -> Bool {
    do throws(SQLError) {
      try body()
      return true
    } catch {
      report(error, in: "")
      return false
    }
  }

  /// Shows an error on standard error; `place` is `file:line: ` in scripts.
  func report(_ error: SQLError, in sql: String, place: String = "") {
    output.flush()
    variables["ERROR"] = "true"
    variables["SQLSTATE"] = error.state.rawValue
    variables["LAST_ERROR_MESSAGE"] = error.message
    variables["LAST_ERROR_SQLSTATE"] = error.state.rawValue
    let text = error.rendered(in: sql).split(separator: "\n", omittingEmptySubsequences: false)
    let lines = text.map { VisibleText.line(String($0)) }
    StandardError.write(place + lines.joined(separator: "\n") + "\n")
  }

  /// Says what was done, unless quiet.
  func say(_ text: String) {
    if !isQuiet { output.write(text + "\n") }
  }
}
