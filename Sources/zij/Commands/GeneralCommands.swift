import Base
import CPlatform
import Engine
import Formats
import Parsing
import Zij

enum GeneralCommands {
  static let all = [
    BackslashCommand(
      name: "?", summary: "show this help", section: .general, run: showHelp),
    BackslashCommand(
      name: "h", aliases: ["help"], arguments: "[COMMAND]", summary: "syntax of an SQL command",
      section: .general, takesRest: true, run: showSyntax),
    BackslashCommand(
      name: "conninfo", summary: "which database is open", section: .general, run: showDatabase),
    BackslashCommand(
      name: "timing", arguments: "[on|off]", summary: "show how long statements take",
      section: .general
    ) { (shell, call) throws(SQLError) in
      shell.showsTiming = try ResultFormat.truth(call.argument(0), now: shell.showsTiming)
      shell.say("Timing is \(ResultFormat.word(shell.showsTiming)).")
      return .done
    },
    BackslashCommand(
      name: "!", arguments: "COMMAND", summary: "run a command of the system", section: .general,
      takesRest: true
    ) { (shell, call) throws(SQLError) in
      shell.output.flush()
      let status = zij_run_command(try call.required(0, "a command"))
      return status == 0 ? .done : .failed
    },
    BackslashCommand(
      name: "q", aliases: ["quit", "exit"], summary: "end", section: .general
    ) { (shell, _) throws(SQLError) in
      shell.mustEnd = true
      return .done
    },
  ]

  private static func showHelp(_ shell: Shell, _: BackslashCall) -> Shell.StatementEnd {
    for section in BackslashCommand.Section.allCases {
      shell.output.write("\(section.rawValue)\n")
      for command in BackslashCommand.all where command.section == section {
        let usage =
          "  \\\(command.name)" + (command.arguments.isEmpty ? "" : " ") + command.arguments
        let gap = String(repeating: " ", count: max(1, 30 - usage.count))
        shell.output.write("\(usage)\(gap)\(command.summary)\n")
      }
      shell.output.write("\n")
    }
    return .done
  }

  private static func showSyntax(
    _ shell: Shell, _ call: BackslashCall
  ) throws(SQLError) -> Shell.StatementEnd {
    let topics = SQLParser.helpTopics
    guard let wanted = call.argument(0).map(topic), !wanted.isEmpty else {
      shell.output.write("SQL commands; \\h COMMAND shows the syntax of one:\n")
      for name in topics { shell.output.write("  \(name)\n") }
      return .done
    }
    let matches =
      topics.contains(wanted)
      ? [wanted] : topics.filter { $0.hasPrefix(wanted) }
    guard !matches.isEmpty else {
      throw SQLError(
        .undefinedObject, "no SQL command \"\(wanted)\"",
        hint: Suggestion.hint(for: wanted, among: topics) ?? "\\h lists them.")
    }
    for name in matches {
      guard let text = SQLParser.help(for: name) else { continue }
      let lines = text.split(separator: "\n").map { "  \($0)\n" }.joined()
      shell.output.write("\(name)\n\(lines)\n")
    }
    return .done
  }

  private static func topic(_ text: String) -> String {
    let words = text.uppercased().split { $0 == " " || $0 == ";" }
    return words.joined(separator: " ")
  }

  private static func showDatabase(_ shell: Shell, _: BackslashCall) -> Shell.StatementEnd {
    shell.output.write(shell.connection.summary + "\n")
    return .done
  }
}
