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
