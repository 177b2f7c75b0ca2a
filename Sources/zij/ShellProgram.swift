import Base
import CPlatform
import Driver
import Engine
import Formats
import Glibc
import Zij

/// `zij [options] [DATABASE]`: opens the database, does what the options ask, gives the exit code.
enum ShellProgram {
  /// psql's exit codes.
  enum ExitCode: Int32 {
    case success = 0
    /// A failed `-c`, a wrong option, a file that is not there.
    case failure = 1
    /// The database cannot be opened.
    case noDatabase = 2
    /// A script stopped because of ON_ERROR_STOP.
    case scriptError = 3
    /// Ctrl-C ended a script: 128 and the number of the signal, as shells count.
    case interrupted = 130
  }

  static func run(_ arguments: [String]) -> Int32 {
    let options: ShellOptions
    do throws(OptionError) {
      options = try ShellOptions(Array(arguments.dropFirst()))
    } catch {
      StandardError.write("zij: \(error.message)\nTry \"zij --help\".\n")
      return ExitCode.failure.rawValue
    }
    switch options.goal {
    case .help:
      print(ShellOptions.help, terminator: "")
      return 0
    case .version:
      print("zij \(ZijVersion.text)")
      return 0
    case .work: break
    }
    zij_catch_interrupts()
    return work(options).rawValue
  }

  private static func work(_ options: ShellOptions) -> ExitCode {
    let connection: any ShellConnection
    do throws(SQLError) {
      connection = try connect(options)
    } catch {
      let lines = error.description.split(separator: "\n", omittingEmptySubsequences: false)
      let text = lines.map { VisibleText.line(String($0)) }.joined(separator: "\n")
      StandardError.write("zij: \(text)\n")
      return .noDatabase
    }
    defer { connection.close() }
    let shell = Shell(connection, options)
    if shell.hasBadOptions { return .failure }
    defer { shell.close() }
    if !options.skipsStartFile { shell.runStartFile() }
    guard options.actions.isEmpty else { return perform(options.actions, shell) }
    if zij_isatty(0) != 0 { return Terminal(shell).converse() }
    return exitCode(of: shell.runScript(from: PlainLineEditor(descriptor: 0), name: nil))
  }

  private static func connect(_ options: ShellOptions) throws(SQLError) -> any ShellConnection {
    switch options.location {
    case .server(let address): return try RemoteConnection(ServerAddress(address))
    case .here(let location):
      var settings = DatabaseOptions()
      settings.isReadOnly = options.isReadOnly
      return EmbeddedConnection(try Database.open(location, options: settings))
    }
  }

  private static func perform(_ actions: [ShellOptions.Action], _ shell: Shell) -> ExitCode {
    for action in actions {
      switch action {
      case .command(let text):
        switch shell.runCommandText(text) {
        case .done: break
        case .failed: return .failure
        case .interrupted: return .interrupted
        }
      case .file(let path):
        guard let lines = shell.openScript(path) else { return .failure }
        let code = exitCode(of: shell.runScript(from: lines, name: path == "-" ? nil : path))
        if code != .success { return code }
      }
      if shell.mustEnd { break }
    }
    return .success
  }

  private static func exitCode(of end: Shell.ScriptEnd) -> ExitCode {
    switch end {
    case .finished, .quit: .success
    case .stopped: .scriptError
    case .interrupted: .interrupted
    }
  }
}

/// Messages for people; never data.
enum StandardError {
  static func write(_ text: String) {
    var copy = text
    copy.withUTF8 { bytes in
      var offset = 0
      while offset < bytes.count {
        let written = Glibc.write(2, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
        if written < 0, errno == EINTR { continue }
        if written <= 0 { return }
        offset += written
      }
    }
  }
}
