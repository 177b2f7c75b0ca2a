import Base

enum FileCommands {
  static let all = [
    BackslashCommand(
      name: "o", aliases: ["out"], arguments: "[FILE]",
      summary: "send results to a file, or back to here", section: .files
    ) { (shell, call) throws(SQLError) in
      try shell.redirect(to: call.argument(0))
      return .done
    },
    BackslashCommand(
      name: "i", aliases: ["include"], arguments: "FILE", summary: "run a script", section: .files
    ) { (shell, call) throws(SQLError) in
      runScript(try call.required(0, "a file"), shell)
    },
    BackslashCommand(
      name: "ir", aliases: ["include_relative"], arguments: "FILE",
      summary: "run a script beside the present one", section: .files
    ) { (shell, call) throws(SQLError) in
      let file = try call.required(0, "a file")
      let folder =
        shell.scriptPaths.last?.split(separator: "/", omittingEmptySubsequences: false)
        .dropLast().joined(separator: "/") ?? ""
      return runScript(file.hasPrefix("/") || folder.isEmpty ? file : "\(folder)/\(file)", shell)
    },
    BackslashCommand(
      name: "copy", arguments: "TABLE|(QUERY) FROM|TO 'FILE' [(OPTIONS)]",
      summary: "COPY with a file of this machine", section: .files, takesRest: true
    ) { (shell, call) throws(SQLError) in
      let rest = try call.required(0, "what to copy and a file")
      // The files of an embedded database are those of this machine.
      guard shell.connection is EmbeddedConnection else {
        throw SQLError(.featureNotSupported, "\\copy is not there for servers yet")
      }
      return shell.runStatement("COPY " + rest)
    },
    BackslashCommand(
      name: "echo", arguments: "[-n] [TEXT]", summary: "write a text to standard output",
      section: .files
    ) { (shell, call) throws(SQLError) in
      shell.output.write(text(call))
      return .done
    },
    BackslashCommand(
      name: "qecho", arguments: "[-n] [TEXT]", summary: "write a text to where results go",
      section: .files
    ) { (shell, call) throws(SQLError) in
      shell.resultOutput.write(text(call))
      return .done
    },
    BackslashCommand(
      name: "warn", arguments: "[-n] [TEXT]", summary: "write a text to standard error",
      section: .files
    ) { (shell, call) throws(SQLError) in
      shell.output.flush()
      StandardError.write(text(call))
      return .done
    },
  ]

  /// Scripts that read each other end somewhere.
  private static let depthLimit = 50

  private static func runScript(_ path: String, _ shell: Shell) -> Shell.StatementEnd {
    guard shell.scriptPaths.count < depthLimit else {
      StandardError.write("zij: \(path): scripts within scripts more than \(depthLimit) deep\n")
      return .failed
    }
    guard let lines = shell.openScript(path) else { return .failed }
    switch shell.runScript(from: lines, name: path) {
    case .finished, .quit: return .done
    case .stopped: return .failed
    case .interrupted: return .interrupted
    }
  }

  private static func text(_ call: BackslashCall) -> String {
    let isOpen = call.argument(0) == "-n"
    let words = isOpen ? call.arguments.dropFirst() : call.arguments[...]
    return words.joined(separator: " ") + (isOpen ? "" : "\n")
  }
}
