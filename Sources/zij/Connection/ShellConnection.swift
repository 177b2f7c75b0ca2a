import Base
import Engine
import Parsing
import Vectors

/// Where the shell's statements run: in this process or on a server.
///
/// Used by the shell's thread; only `cancel` and `runningContext` may be called from others.
protocol ShellConnection: AnyObject, Sendable {
  /// For the prompt.
  var name: String { get }
  /// A sentence for `\conninfo`.
  var summary: String { get }
  var dialect: Dialect { get }
  /// False for a server of another kind, which has no schema `zij`.
  var isZij: Bool { get }
  /// What a running statement does; nil where nobody knows.
  var runningContext: QueryContext? { get }
  func run(_ sql: String) throws(SQLError) -> ShellResult
  /// Ends the running statement, if there is one. May take a few seconds.
  func cancel()
  func close()
}

/// What a statement gave.
struct ShellResult {
  var tag: String
  var rows: (any ShellRows)?
  var affectedRowCount: Int?
  /// For `COPY … TO STDOUT`: how the rows are to be written.
  var copyEncoder: (any RowEncoder)?
  var notice: String?
  var context: QueryContext?
  /// Lines about what went not quite well, complete when the rows have ended.
  var warnings: () -> [String] = { [] }
}

/// Rows that come batch by batch.
protocol ShellRows: AnyObject {
  var columns: [ResultColumn] { get }
  func next() throws(SQLError) -> Batch?
  func close()
}

extension ResultStream: ShellRows {}

extension ShellConnection {
  /// All rows of a small result, each of so many columns: what the shell asks catalogues for. A
  /// server that answers with others is refused.
  func values(_ sql: String, columnCount: Int) throws(SQLError) -> [[Value]] {
    guard let rows = try run(sql).rows else { return [] }
    guard rows.columns.count == columnCount else {
      rows.close()
      throw SQLError(
        .protocolViolation,
        "\(rows.columns.count) columns of a catalogue instead of \(columnCount)")
    }
    var result: [[Value]] = []
    while let batch = try rows.next() {
      for row in 0..<batch.rowCount { result.append(batch.columns.map { $0.value(at: row) }) }
    }
    return result
  }
}

extension Value {
  /// The text of a text, nothing of all else.
  var text: String { if case .text(let text) = self { text } else { "" } }
}
