import Base
import Engine

/// Feeds lines to the scanner and runs what comes out of it.
final class StatementReader {
  private let shell: Shell
  private let scriptName: String?
  private let isCommandText: Bool
  private(set) var scanner = StatementScanner()
  private var lineNumber = 0
  /// A COPY FROM STDIN whose rows are being read.
  private var inlineData: InlineData?

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
    if let inlineData {
      if line != InlineData.endMark {
        inlineData.add(line)
        return .done
      }
      return runInlineData(inlineData)
    }
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
    if let inlineData { return runInlineData(inlineData) }
    if scanner.isEmpty { return .done }
    let end = runBuffer()
    return inlineData.map(runInlineData) ?? end
  }

  func forget() {
    scanner = StatementScanner()
    inlineData = nil
  }

  /// Nothing is half typed.
  var isBetweenStatements: Bool { scanner.isEmpty && inlineData == nil }

  /// What stands before the `>` of the prompt.
  var promptMark: Character { inlineData == nil ? scanner.promptMark : ">" }

  private func runInlineData(_ data: InlineData) -> Shell.StatementEnd {
    inlineData = nil
    return data.asStandardInput { shell.runStatement(data.sql, data.options) }
  }

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
    let sql = scanner.take()
    // The standard input of `-c` is not its text, so there the rows come from outside.
    if !isCommandText, InlineData.isWanted(by: sql), let data = InlineData(sql, options) {
      inlineData = data
      return .done
    }
    return shell.runStatement(sql, options)
  }

  private func runCommand(_ line: [UInt8], _ position: inout Int) -> Shell.StatementEnd {
    var arguments = CommandLineReader(line, at: position, variables: shell.variables)
    let name = arguments.readName()
    let place = scriptName.map { "\($0):\(lineNumber): " } ?? ""
    defer { position = arguments.position }
    guard let command = BackslashCommand.named(name) else {
      _ = arguments.readRest()
      let names = name.count < 2 ? [] : BackslashCommand.all.map(\.name)
      let hint = Suggestion.nearest(to: name, among: names)
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

  /// The statement being typed, or the last one, which was whole.
  var bufferOrLast: String {
    scanner.isEmpty ? shell.lastStatement : String(decoding: scanner.text, as: UTF8.self)
  }

  /// What `\e` begins with: the last statement with its semicolon, so that it runs when edited.
  var editable: String {
    scanner.isEmpty && !bufferOrLast.isEmpty ? bufferOrLast + ";" : bufferOrLast
  }
}
