import Base
import CPlatform
import Driver
import Engine
import Formats
import Glibc
import Parsing
import Vectors

/// A database behind a server.
final class RemoteConnection: ShellConnection {
  private let session: RemoteSession

  /// Connects; asks on the terminal for a password that the server wants and nobody gave.
  init(_ address: ServerAddress) throws(SQLError) {
    do throws(SQLError) {
      session = try RemoteSession(address)
    } catch {
      guard error.state == .invalidPassword, address.password == nil, zij_isatty(0) != 0,
        let typed = getpass("Password for user \(address.user): ")
      else { throw error }
      var complete = address
      complete.password = String(cString: typed)
      session = try RemoteSession(complete)
    }
  }

  var name: String { session.address.database }
  var dialect: Dialect { .sql }
  var isZij: Bool { session.isZij }
  var runningContext: QueryContext? { nil }

  var summary: String {
    let address = session.address
    let version = session.parameters["server_version"] ?? "unknown"
    return "Database \"\(name)\" as user \"\(address.user)\" on \(address.host), port "
      + "\(address.port); server version \(VisibleText.line(version))."
  }

  func run(_ sql: String) throws(SQLError) -> ShellResult {
    let answer = try session.run(sql, input: Self.readInput)
    var result = ShellResult(tag: answer.tag, rows: answer.rows.map { RemoteShellRows($0) })
    // "INSERT 0 5": PostgreSQL's tags end in a count.
    let words = answer.tag.split(separator: " ")
    if answer.rows == nil, words.count > 1 {
      result.affectedRowCount = words.last.flatMap { Int($0) }
    }
    if answer.isCopy { result.copyEncoder = PieceEncoder() }
    let notices = session.takeNotices()
    result.notice = notices.filter { $0.severity == "NOTICE" }.map(\.message).first
    result.warnings = { [session] in
      (notices + session.takeNotices()).filter { $0.severity == "WARNING" }.map(\.message)
    }
    return result
  }

  /// What stands on standard input, for `COPY … FROM STDIN`.
  private static func readInput() throws(SQLError) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 256 << 10)
    while true {
      let count = read(0, &bytes, bytes.count)
      if count < 0, errno == EINTR, zij_interrupt_count() == 0 { continue }
      guard count >= 0 else { throw SQLError(.queryCanceled, "reading was interrupted") }
      return count == 0 ? nil : Array(bytes[..<count])
    }
  }

  func cancel() { session.cancel() }

  func close() {}
}

/// Rows of a server as the shell reads them.
private final class RemoteShellRows: ShellRows {
  private let rows: RemoteRows

  init(_ rows: RemoteRows) { self.rows = rows }

  var columns: [ResultColumn] { rows.columns }
  func next() throws(SQLError) -> Batch? { try rows.next() }
  func close() { rows.close() }
}

/// Writes the pieces of a file as they come.
private final class PieceEncoder: RowEncoder {
  func header(into out: inout ByteWriter) throws(SQLError) {}

  func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    for row in 0..<batch.rowCount { out.append(batch.columns[0].bytes(at: row)) }
  }

  func finish(error: SQLError?, into out: inout ByteWriter) throws(SQLError) {}
}
