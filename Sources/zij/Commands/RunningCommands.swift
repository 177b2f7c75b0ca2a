import Base
import CPlatform
import Engine
import Glibc
import Vectors

enum RunningCommands {
  static let all = [
    BackslashCommand(
      name: "g", arguments: "[FILE]", summary: "run the statement, or the last one again",
      section: .running
    ) { (_, call) throws(SQLError) in
      call.reader.runBufferOrLast { $0.path = call.argument(0) }
    },
    BackslashCommand(
      name: "gx", arguments: "[FILE]", summary: "as \\g, one line a value", section: .running
    ) { (_, call) throws(SQLError) in
      call.reader.runBufferOrLast {
        $0.path = call.argument(0)
        $0.isExpanded = true
      }
    },
    BackslashCommand(
      name: "gset", arguments: "[PREFIX]", summary: "put the values of the only row into variables",
      section: .running, run: setVariables),
    BackslashCommand(
      name: "watch", arguments: "[SECONDS]", summary: "run again and again until Ctrl-C",
      section: .running, run: watch),
    BackslashCommand(
      name: "p", aliases: ["print"], summary: "show the statement typed so far", section: .running
    ) { (shell, call) throws(SQLError) in
      shell.output.write(call.reader.bufferOrLast + "\n")
      return .done
    },
    BackslashCommand(
      name: "r", aliases: ["reset"], summary: "forget the statement typed so far", section: .running
    ) { (shell, call) throws(SQLError) in
      call.reader.forget()
      shell.say("Query buffer reset (cleared).")
      return .done
    },
    BackslashCommand(
      name: "e", aliases: ["edit"], arguments: "[FILE]",
      summary: "edit the statement with $EDITOR and run it", section: .running, run: edit),
  ]

  private static func setVariables(
    _ shell: Shell, _ call: BackslashCall
  ) throws(SQLError) -> Shell.StatementEnd {
    let sql = call.reader.bufferOrLast
    call.reader.forget()
    guard let stream = try shell.connection.run(sql).rows else {
      throw SQLError(.cardinalityViolation, "no row for \\gset")
    }
    var row: [String?]?
    while let batch = try stream.next() {
      for index in 0..<batch.rowCount {
        guard row == nil else {
          throw SQLError(.cardinalityViolation, "more than one row for \\gset")
        }
        row = try batch.columns.map { (column) throws(SQLError) in
          let value = column.value(at: index)
          return try value.isNull ? nil : ValueText.text(of: value, type: column.type)
        }
      }
    }
    guard let row else { throw SQLError(.cardinalityViolation, "no row for \\gset") }
    for (column, text) in zip(stream.columns, row) {
      shell.variables[(call.argument(0) ?? "") + column.name] = text
    }
    return .done
  }

  private static func watch(
    _ shell: Shell, _ call: BackslashCall
  ) throws(SQLError) -> Shell.StatementEnd {
    let text = call.argument(0) ?? "2"
    guard let seconds = Double(text), seconds > 0, seconds < 1e6 else {
      throw SQLError(.invalidParameterValue, "a number of seconds expected, not \"\(text)\"")
    }
    zij_clear_interrupts()
    while true {
      let end = call.reader.runBufferOrLast { _ in }
      if end != .done { return end == .interrupted ? .done : end }
      if shell.mustEnd { return .done }
      // Descriptor -1 is never readable: only the time or a signal ends the wait.
      _ = zij_wait_readable(-1, Int32(seconds * 1000))
      if zij_interrupt_count() > 0 {
        zij_clear_interrupts()
        return .done
      }
    }
  }

  private static func edit(
    _ shell: Shell, _ call: BackslashCall
  ) throws(SQLError) -> Shell.StatementEnd {
    let names = ["ZIJ_EDITOR", "VISUAL", "EDITOR"]
    let editor =
      names.lazy.compactMap { (name: String) in getenv(name) }.first
      .map { String(cString: $0) } ?? "vi"
    let path: String
    if let named = call.argument(0) {
      path = named
    } else {
      let file = try TemporaryFile.create(ending: ".sql")
      let target = OutputTarget(descriptor: file.descriptor)
      target.write(call.reader.editable + "\n")
      target.close()
      path = file.path
    }
    defer { if call.argument(0) == nil { unlink(path) } }
    shell.output.flush()
    guard zij_run_command("\(editor) \(quoted(path))") == 0 else {
      throw SQLError(.ioError, "the editor failed: \(editor)")
    }
    guard let lines = shell.openScript(path) else { return .failed }
    defer { lines.close() }
    call.reader.forget()
    var result = Shell.StatementEnd.done
    while case .line(let line) = lines.readLine(prompt: "") {
      let end = call.reader.read(line)
      if end != .done { result = end }
    }
    return result
  }

  private static func quoted(_ path: String) -> String {
    path.quoted(by: "'", escape: "'\\''")
  }
}
