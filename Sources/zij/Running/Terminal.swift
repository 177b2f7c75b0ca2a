import Base
import CPlatform
import Engine
import Glibc
import Zij

/// The conversation at a terminal: prompt, line, answer.
struct Terminal {
  private let shell: Shell
  private let editor: any LineEditor
  private let reader: StatementReader

  init(_ shell: Shell) {
    self.shell = shell
    let reader = StatementReader(shell, scriptName: nil)
    self.reader = reader
    #if ZIJ_READLINE
      let term = getenv("TERM").map { String(cString: $0) } ?? ""
      if zij_isatty(1) != 0, term != "dumb" {
        let completion = Completion(shell) { reader.scanner.text }
        editor = ReadlineEditor(historyPath: Self.historyPath) { line, start, caret in
          completion.candidates(for: line, wordStart: start, caret: caret)
        }
        return
      }
    #endif
    editor = PlainLineEditor(descriptor: 0, showsPrompt: true)
  }

  /// `~/.zij_history`, or what ZIJ_HISTORY names; empty for none.
  private static var historyPath: String? {
    if let chosen = getenv("ZIJ_HISTORY") {
      let path = String(cString: chosen)
      return path.isEmpty ? nil : path
    }
    return getenv("HOME").map { String(cString: $0) + "/.zij_history" }
  }

  func converse() -> ShellProgram.ExitCode {
    if !shell.isQuiet {
      shell.output.write("zij \(ZijVersion.text). Type \\? for help, \\q to end.\n\n")
      shell.output.flush()
    }
    var entry: [String] = []
    while !shell.mustEnd {
      let mark = reader.promptMark
      switch editor.readLine(prompt: "\(shell.name)\(mark)> ") {
      case .end:
        shell.say("\\q")
        shell.mustEnd = true
      case .interrupted:
        reader.forget()
        entry = []
        zij_clear_interrupts()
      case .line(let line):
        // A statement of several lines is one entry of the history.
        entry.append(String(decoding: line, as: UTF8.self))
        let end = reader.read(line)
        if end != .done { reader.forget() }
        if reader.isBetweenStatements {
          editor.remember(entry.joined(separator: "\n"))
          entry = []
        }
        shell.output.flush()
      }
    }
    editor.close()
    return .success
  }
}
