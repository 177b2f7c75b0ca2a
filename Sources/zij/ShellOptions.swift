import Driver
import Engine

/// What is wrong with the command line.
struct OptionError: Error {
  var message: String
}

/// Where the database is that the command line names.
enum ShellLocation {
  case here(DatabaseLocation)
  /// An address such as `postgresql://user@host/database`.
  case server(String)
}

/// The command line.
struct ShellOptions {
  enum Goal { case work, help, version }
  enum Action {
    case command(String)
    case file(String)
  }

  private(set) var goal = Goal.work
  private(set) var location = ShellLocation.here(.memory)
  private(set) var actions: [Action] = []
  private(set) var isReadOnly = false
  private(set) var skipsStartFile = false
  private(set) var isQuiet = false
  private(set) var outputPath: String?
  /// `\set` and `\pset` to be done first, as name and value.
  private(set) var variables: [(name: String, value: String)] = []
  private(set) var formatSettings: [(name: String, value: String?)] = []

  init(_ arguments: [String]) throws(OptionError) {
    var rest = ArgumentList(arguments)
    var operands: [String] = []
    while let argument = rest.next() {
      switch argument {
      case .operand(let text): operands.append(text)
      case .option(let name): try read(name, from: &rest)
      }
      if goal != .work { return }
    }
    guard operands.count <= 1 else {
      throw OptionError(message: "one database is enough: \"\(operands[1])\" is one too many")
    }
    location = Self.location(of: operands.first)
  }

  private static func location(of operand: String?) -> ShellLocation {
    guard let operand, !operand.isEmpty, operand != ":memory:" else { return .here(.memory) }
    return ServerAddress.isAddress(operand) ? .server(operand) : .here(.directory(operand))
  }

  private mutating func read(_ name: String, from rest: inout ArgumentList) throws(OptionError) {
    switch name {
    case "-?", "-h", "--help": goal = .help
    case "-V", "--version": goal = .version
    case "-c", "--command": actions.append(.command(try rest.value(of: name)))
    case "-f", "--file": actions.append(.file(try rest.value(of: name)))
    case "-d", "--dbname": location = Self.location(of: try rest.value(of: name))
    case "-v", "--set", "--variable": try addVariable(try rest.value(of: name))
    case "-P", "--pset":
      let parts = try rest.value(of: name).split(separator: "=", maxSplits: 1)
      guard let setting = parts.first else { throw OptionError(message: "empty setting for -P") }
      formatSettings.append((String(setting), parts.count > 1 ? String(parts[1]) : nil))
    case "-o", "--output": outputPath = try rest.value(of: name)
    case "-F", "--field-separator": formatSettings.append(("fieldsep", try rest.value(of: name)))
    case "-R", "--record-separator": formatSettings.append(("recordsep", try rest.value(of: name)))
    case "-A", "--no-align": formatSettings.append(("format", "unaligned"))
    case "--csv": formatSettings.append(("format", "csv"))
    case "--json": formatSettings.append(("format", "json"))
    case "--jsonl": formatSettings.append(("format", "jsonl"))
    case "-t", "--tuples-only": formatSettings.append(("tuples_only", "on"))
    case "-x", "--expanded": formatSettings.append(("expanded", "on"))
    case "-q", "--quiet": isQuiet = true
    case "-n", "-X", "--no-rc", "--no-psqlrc", "--no-readline": skipsStartFile = true
    case "-r", "--readonly", "--read-only": isReadOnly = true
    default: throw OptionError(message: "unknown option: \(name)")
    }
  }

  private mutating func addVariable(_ text: String) throws(OptionError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first, !name.isEmpty else {
      throw OptionError(message: "-v takes name=value")
    }
    variables.append((String(name), parts.count > 1 ? String(parts[1]) : ""))
  }

  static let help = """
    zij: queries catalogues of the sky in an embedded database.

    Usage:
      zij [options] [DATABASE]

    DATABASE is a directory, by convention name.zij, made on first use. Without it, or with
    :memory:, tables live in memory and are gone at the end. An address such as
    postgresql://user:password@host:port/name is a database behind a server; what it leaves out
    comes from PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE and PGSSLMODE.

    What to do:
      -c, --command TEXT      run a statement or backslash command and end (may be repeated)
      -f, --file FILE         run a script and end (may be repeated; - is standard input)
      -v, --set NAME=VALUE    set a variable, as \\set does
      -n, --no-rc             do not read ~/.zijrc
      -r, --read-only         open the database for reading only
      -V, --version           show the version
      -h, --help              show this help

    How results look:
      --csv, --json, --jsonl  comma-separated values, an array of objects, an object a line
      -A, --no-align          values with a separator between them
      -F, --field-separator X the separator of -A (default |)
      -R, --record-separator X  what ends a row of -A (default a line end)
      -t, --tuples-only       rows only, without names and count
      -x, --expanded          one line a value
      -P, --pset NAME=VALUE   any setting of \\pset
      -q, --quiet             no welcome, no words about what was done
      -o, --output FILE       results go to FILE

    Without -c and -f zij reads from standard input; \\? lists its backslash commands.
    Exit codes: 0 done; 1 a failed -c or wrong use; 2 the database cannot be opened;
    3 a script stopped at an error because ON_ERROR_STOP is on.

    """
}

/// Arguments one by one: `-tA` is two options, `--set=x=1` and `-vx=1` bring their value along.
private struct ArgumentList {
  enum Item {
    case option(String)
    case operand(String)
  }

  private var rest: ArraySlice<String>
  private var pendingLetters: Substring = ""
  private var attachedValue: String?
  private var hasEnded = false

  init(_ arguments: [String]) { rest = arguments[...] }

  mutating func next() -> Item? {
    if let letter = pendingLetters.popFirst() { return .option("-\(letter)") }
    guard let argument = rest.popFirst() else { return nil }
    if hasEnded || argument == "-" || !argument.hasPrefix("-") { return .operand(argument) }
    if argument == "--" {
      hasEnded = true
      return next()
    }
    if argument.hasPrefix("--") {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      attachedValue = parts.count > 1 ? String(parts[1]) : nil
      return .option(String(parts[0]))
    }
    pendingLetters = argument.dropFirst()
    return next()
  }

  /// The value of the option just read.
  mutating func value(of name: String) throws(OptionError) -> String {
    if let value = attachedValue {
      attachedValue = nil
      return value
    }
    if !pendingLetters.isEmpty {
      defer { pendingLetters = "" }
      return String(pendingLetters)
    }
    guard let value = rest.popFirst() else {
      throw OptionError(message: "\(name) needs a value")
    }
    return value
  }
}
