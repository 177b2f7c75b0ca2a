import Base
import Formats

enum VariableCommands {
  static let all = [
    BackslashCommand(
      name: "set", arguments: "[NAME [VALUE …]]",
      summary: "set a variable, or show all; ON_ERROR_STOP ends scripts at an error",
      section: .variables, run: setOrShow),
    BackslashCommand(
      name: "unset", arguments: "NAME", summary: "remove a variable", section: .variables
    ) { (shell, call) throws(SQLError) in
      shell.variables[try call.required(0, "a name")] = nil
      noteSwitches(shell)
      return .done
    },
  ]

  private static func setOrShow(
    _ shell: Shell, _ call: BackslashCall
  ) throws(SQLError) -> Shell.StatementEnd {
    guard let name = call.argument(0) else {
      for (name, value) in shell.variables.values.sorted(by: { $0.key < $1.key }) {
        shell.output.write("\(name) = '\(VisibleText.line(value))'\n")
      }
      return .done
    }
    guard ShellVariables.isName(name) else {
      throw SQLError(.syntaxError, "invalid variable name: \"\(name)\"")
    }
    shell.variables[name] = call.arguments.dropFirst().joined()
    noteSwitches(shell)
    return .done
  }

  private static func noteSwitches(_ shell: Shell) {
    shell.isQuiet = shell.variables.isOn("QUIET")
  }
}
