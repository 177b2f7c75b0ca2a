import CPlatform
import Glibc
import Parsing

/// The rows that follow a `COPY … FROM STDIN` in the script itself, up to a line `\.` or the end.
///
/// They go to a file without a name, which then stands in for standard input while the statement
/// runs: the shell has read ahead in the real one.
final class InlineData {
  static let endMark: [UInt8] = Array("\\.".utf8)

  let sql: String
  let options: Shell.StatementOptions
  private let descriptor: Int32
  private let rows: OutputTarget

  /// Nil if no file can be had.
  init?(_ sql: String, _ options: Shell.StatementOptions) {
    guard let file = try? TemporaryFile.create() else { return nil }
    unlink(file.path)
    descriptor = file.descriptor
    rows = OutputTarget(descriptor: descriptor)
    self.sql = sql
    self.options = options
  }

  deinit { rows.close() }

  /// Whether a statement reads rows from its script.
  static func isWanted(by sql: String) -> Bool {
    guard sql.prefix(4).lowercased() == "copy",
      case .copy(let copy)? = try? SQLParser.parse(sql).statement
    else { return false }
    return copy.isFrom && copy.target == .standardStream
  }

  func add(_ line: [UInt8]) {
    rows.write { (out) in
      out.append(line)
      out.append(10)
    }
  }

  /// Runs `body` with the rows as standard input.
  func asStandardInput<R>(_ body: () -> R) -> R {
    rows.flush()
    lseek(descriptor, 0, SEEK_SET)
    let real = dup(0)
    dup2(descriptor, 0)
    defer {
      dup2(real, 0)
      Glibc.close(real)
    }
    return body()
  }
}
