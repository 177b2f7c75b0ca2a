import Base
import CPlatform
import Engine
import Glibc

extension Shell {
  enum ScriptEnd { case finished, quit, stopped, interrupted }

  /// Runs the statements and commands of a script. At an error it goes on, unless ON_ERROR_STOP.
  func runScript(from lines: any LineEditor, name: String?) -> ScriptEnd {
    if let name { scriptPaths.append(name) }
    defer { if name != nil { scriptPaths.removeLast() } }
    defer { lines.close() }
    let reader = StatementReader(self, scriptName: name)
    while true {
      guard case .line(let line) = lines.readLine(prompt: "") else { break }
      switch reader.read(line) {
      case .done: break
      case .failed where !variables.isOn("ON_ERROR_STOP"): break
      case .failed: return .stopped
      case .interrupted: return .interrupted
      }
      if mustEnd { return .quit }
    }
    switch reader.finish() {
    case .done: return .finished
    case .failed: return variables.isOn("ON_ERROR_STOP") ? .stopped : .finished
    case .interrupted: return .interrupted
    }
  }

  /// Runs the text of a `-c`, up to the first failure.
  func runCommandText(_ text: String) -> StatementEnd {
    let reader = StatementReader(self, scriptName: nil, isCommandText: true)
    let lines = PlainLineEditor(text: text)
    while case .line(let line) = lines.readLine(prompt: "") {
      let end = reader.read(line)
      if end != .done || mustEnd { return end }
    }
    return reader.finish()
  }

  /// The lines of a script; `-` is standard input. Shows why it cannot be read.
  func openScript(_ path: String) -> PlainLineEditor? {
    if path == "-" { return PlainLineEditor(descriptor: 0) }
    let descriptor = zij_open(path, O_RDONLY, 0)
    var status = stat()
    if descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
      return PlainLineEditor(descriptor: descriptor, closing: true)
    }
    let reason = descriptor < 0 ? String(cString: strerror(errno)) : "Is a directory"
    if descriptor >= 0 { Glibc.close(descriptor) }
    StandardError.write("zij: \(path): \(reason)\n")
    return nil
  }

  /// `~/.zijrc`, or the file that ZIJRC names.
  func runStartFile() {
    let path =
      getenv("ZIJRC").map { String(cString: $0) }
      ?? getenv("HOME").map { String(cString: $0) + "/.zijrc" }
    guard let path, access(path, R_OK) == 0, let lines = openScript(path) else { return }
    let wasQuiet = isQuiet
    isQuiet = true
    _ = runScript(from: lines, name: path)
    isQuiet = wasQuiet
  }
}

/// Feeds lines to the scanner and runs what comes out of it.
final class StatementReader {
  private let shell: Shell
  private let scriptName: String?
  private let isCommandText: Bool
  private(set) var scanner = StatementScanner()
  private var lineNumber = 0

  init(_ shell: Shell, scriptName: String?, isCommandText: Bool = false) {
    self.shell = shell
    self.scriptName = scriptName
    self.isCommandText = isCommandText
  }

  private var stopsAtFailure: Bool { isCommandText || shell.variables.isOn("ON_ERROR_STOP") }

  /// Runs everything that the line completes. After a failure the rest of the line runs only where
  /// the next line would run too.
  func read(_ line: [UInt8]) -> Shell.StatementEnd {
    lineNumber += 1
    // A byte order mark, as editors on other systems put it.
    var position = lineNumber == 1 && line.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var result = Shell.StatementEnd.done
    while !shell.mustEnd {
      let end: Shell.StatementEnd
      switch scanner.scan(line, from: &position, number: lineNumber, variables: shell.variables) {
      case .endOfLine: return result
      case .statement: end = runBuffer()
      case .command: end = runCommand(line, &position)
      }
      if end == .interrupted || end == .failed && stopsAtFailure { return end }
      if end == .failed { result = .failed }
    }
    return result
  }

  /// Runs a statement that the end of the script ends.
  func finish() -> Shell.StatementEnd {
    scanner.isEmpty ? .done : runBuffer()
  }

  func forget() { scanner = StatementScanner() }

  private func runBuffer(_ change: (inout Shell.StatementOptions) -> Void = { _ in })
    -> Shell.StatementEnd
  {
    var options = Shell.StatementOptions()
    options.scriptName = scriptName
    options.startLine = scanner.startLine
    change(&options)
    if scanner.isEmpty {
      forget()
      return .done
    }
    return shell.runStatement(scanner.take(), options)
  }

  private func runCommand(_ line: [UInt8], _ position: inout Int) -> Shell.StatementEnd {
    var arguments = CommandLineReader(line, at: position, variables: shell.variables)
    let name = arguments.readName()
    let place = scriptName.map { "\($0):\(lineNumber): " } ?? ""
    defer { position = arguments.position }
    guard let command = BackslashCommand.named(name) else {
      _ = arguments.readRest()
      let hint = Suggestion.nearest(to: name, among: BackslashCommand.all.map(\.name))
      shell.report(
        SQLError(
          .syntaxError, "unknown command: \\\(name)",
          hint: hint.map { "Did you mean \\\($0)?" } ?? "Try \\? for help."),
        in: "", place: place)
      return .failed
    }
    let words = command.takesRest ? [arguments.readRest()] : arguments.readArguments()
    let call = BackslashCall(
      name: name, arguments: words.filter { !command.takesRest || !$0.isEmpty }, reader: self)
    do throws(SQLError) {
      return try command.run(shell, call)
    } catch {
      shell.report(error, in: "", place: place)
      return .failed
    }
  }

  /// Runs the statement being typed, or the last one again when there is none: `\g`.
  func runBufferOrLast(_ change: (inout Shell.StatementOptions) -> Void) -> Shell.StatementEnd {
    if !scanner.isEmpty { return runBuffer(change) }
    guard !shell.lastStatement.isEmpty else { return .done }
    var options = Shell.StatementOptions()
    change(&options)
    return shell.runStatement(shell.lastStatement, options)
  }

  /// The statement being typed, or the last one.
  var bufferOrLast: String {
    scanner.isEmpty ? shell.lastStatement : String(decoding: scanner.text, as: UTF8.self)
  }

  /// Reads the lines of a text as if typed, as `\e` does.
  func read(text: String) -> Shell.StatementEnd {
    forget()
    for line in text.utf8.split(separator: 10, omittingEmptySubsequences: false) {
      let end = read(Array(line))
      if end != .done { return end }
    }
    return .done
  }
}
