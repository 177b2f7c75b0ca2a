import Base
import Engine
import Formats
import Parsing

/// A database opened by the shell itself.
final class EmbeddedConnection: ShellConnection {
  let database: Database
  private let session: Session

  init(_ database: Database) {
    self.database = database
    session = database.makeSession()
    session.standardInput = .process
  }

  var name: String { database.name }
  var dialect: Dialect { session.dialect }
  var isZij: Bool { true }
  var runningContext: QueryContext? { session.runningContext }

  var summary: String {
    switch database.location {
    case .memory: "A database in memory; its tables are gone at the end."
    case .directory(let path):
      "Database \"\(name)\" in the directory \(VisibleText.line(path))."
    }
  }

  func run(_ sql: String) throws(SQLError) -> ShellResult {
    let result = try session.run(sql)
    let context = result.context
    return ShellResult(
      tag: result.tag, rows: result.stream, affectedRowCount: result.affectedRowCount,
      copyEncoder: result.copyEncoder, notice: result.notice, context: context,
      warnings: {
        context.warnings.all.map { reason, rows in
          let count = rows == 1 ? "1 row" : "\(Grouped.text(rows)) rows"
          return "\(count): \(reason)"
        }
      })
  }

  func cancel() { session.cancel() }

  func close() { database.close() }
}
