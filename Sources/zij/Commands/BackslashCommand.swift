import Base

/// A backslash command as a value: parsing, `\?` and completion all read the list.
struct BackslashCommand: Sendable {
  enum Section: String, CaseIterable, Sendable {
    case general = "General"
    case running = "Running statements"
    case information = "Information (a pattern may hold * and ?)"
    case plots = "Plots of the last result"
    case formatting = "How results look"
    case files = "Input and output"
    case variables = "Variables"
  }

  /// Without the backslash.
  let name: String
  var aliases: [String] = []
  /// As `\?` shows them.
  var arguments = ""
  let summary: String
  let section: Section
  /// The rest of the line is one argument, backslashes and quotes included.
  var takesRest = false
  let run: @Sendable (Shell, BackslashCall) throws(SQLError) -> Shell.StatementEnd

  static let all: [BackslashCommand] =
    GeneralCommands.all + RunningCommands.all + InformationCommands.all + PlotCommands.all
    + FormattingCommands.all + FileCommands.all + CopyCommand.all + VariableCommands.all

  private static let byName: [String: BackslashCommand] = {
    var result: [String: BackslashCommand] = [:]
    for command in all {
      for name in [command.name] + command.aliases { result[name] = command }
    }
    return result
  }()

  /// A `+` behind a name asks for more; the command finds it in its call.
  static func named(_ name: String) -> BackslashCommand? {
    byName[name] ?? (name.hasSuffix("+") ? byName[String(name.dropLast())] : nil)
  }
}

/// A backslash command as typed.
struct BackslashCall {
  let name: String
  let arguments: [String]
  let reader: StatementReader

  /// `\d+`.
  var wantsMore: Bool { name.hasSuffix("+") }

  func argument(_ index: Int) -> String? { index < arguments.count ? arguments[index] : nil }

  /// The argument, or an error that says it is missing.
  func required(_ index: Int, _ what: String) throws(SQLError) -> String {
    guard let argument = argument(index) else {
      throw SQLError(.syntaxError, "\\\(name) needs \(what)")
    }
    return argument
  }
}
