import Base
import Formats

enum FormattingCommands {
  static let all = [
    BackslashCommand(
      name: "x", arguments: "[on|off]", summary: "one line a value", section: .formatting
    ) { (shell, call) throws(SQLError) in try set("expanded", call.argument(0), shell) },
    BackslashCommand(
      name: "a", summary: "aligned or unaligned", section: .formatting
    ) { (shell, _) throws(SQLError) in
      try set("format", shell.format.kind == .aligned ? "unaligned" : "aligned", shell)
    },
    BackslashCommand(
      name: "t", arguments: "[on|off]", summary: "rows only, without names and count",
      section: .formatting
    ) { (shell, call) throws(SQLError) in try set("tuples_only", call.argument(0), shell) },
    BackslashCommand(
      name: "f", arguments: "[TEXT]", summary: "separator of unaligned values", section: .formatting
    ) { (shell, call) throws(SQLError) in try set("fieldsep", call.argument(0), shell) },
    BackslashCommand(
      name: "pset", arguments: "[NAME [VALUE]]",
      summary: "format (aligned, unaligned, csv, tsv, json, jsonl, votable), null, footer …",
      section: .formatting, run: setOrShow),
  ]

  private static func set(
    _ name: String, _ value: String?, _ shell: Shell
  ) throws(SQLError) -> Shell.StatementEnd {
    shell.say(VisibleText.line(try shell.format.set(name, to: value)))
    return .done
  }

  private static func setOrShow(
    _ shell: Shell, _ call: BackslashCall
  ) throws(SQLError) -> Shell.StatementEnd {
    if let name = call.argument(0) { return try set(name, call.argument(1), shell) }
    for (name, value) in shell.format.settings {
      let gap = String(repeating: " ", count: max(1, 25 - name.count))
      shell.output.write("\(name)\(gap)\(VisibleText.line(value))\n")
    }
    return .done
  }
}
