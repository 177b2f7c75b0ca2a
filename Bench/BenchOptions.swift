/// A command line that cannot be understood.
struct OptionError: Error {
  let message: String
}

/// What the command line asks for.
struct BenchOptions {
  enum Command: String {
    case kernels, query, demo, insert, catbench, mixed, help

    /// The options that the command knows.
    var names: Set<String> {
      switch self {
      case .kernels: ["--filter", "--smoke", "--json"]
      case .query: ["--database", "--sql", "--file", "--runs", "--threads", "--json"]
      case .demo: ["--database", "--runs", "--threads", "--json"]
      case .catbench:
        [
          "--data", "--load", "--runs", "--threads", "--only", "--answers", "--queries", "--export",
          "--json",
        ]
      case .insert: ["--database", "--runs", "--threads", "--json"]
      case .mixed: ["--data", "--seconds", "--gap", "--batch", "--threads", "--queries", "--json"]
      case .help: []
      }
    }
  }

  static let runLimit = 100_000
  static let threadLimit = 1024

  private(set) var command = Command.help
  private(set) var filter: String?
  private(set) var isSmoke = false
  private(set) var jsonPath: String?
  private(set) var databasePath = ""
  private(set) var sql: String?
  private(set) var scriptPath: String?
  private(set) var runCount = 5
  private(set) var threadCount: Int?
  private(set) var dataPath = ""
  private(set) var isLoad = false
  private(set) var only: [String] = []
  private(set) var answersPath: String?
  private(set) var queriesPath: String?
  private(set) var exportPath: String?
  private(set) var seconds = 20
  private(set) var gapMS = 40
  private(set) var batch = ["q09", "q14", "q15"]

  /// `arguments` without the program's name.
  init(_ arguments: [String]) throws(OptionError) {
    guard !arguments.contains("--help"), !arguments.contains("-h") else { return }
    guard let name = arguments.first else { throw OptionError(message: "a command is missing") }
    guard let command = Command(rawValue: name) else {
      throw OptionError(message: "unknown command \"\(name)\"")
    }
    self.command = command
    var rest = arguments.dropFirst()
    while let option = rest.popFirst() {
      guard command.names.contains(option) else {
        throw OptionError(message: "\(name) does not know \"\(option)\"")
      }
      if option == "--smoke" {
        isSmoke = true
      } else if option == "--load" {
        isLoad = true
      } else if let value = rest.popFirst() {
        try set(option, value)
      } else {
        throw OptionError(message: "\(option) needs a value")
      }
    }
    try check()
  }

  private mutating func set(_ option: String, _ value: String) throws(OptionError) {
    switch option {
    case "--filter": filter = value
    case "--json": jsonPath = value
    case "--database": databasePath = value
    case "--sql": sql = value
    case "--file": scriptPath = value
    case "--data": dataPath = value
    case "--only": only = value.split(separator: ",").map(String.init)
    case "--answers": answersPath = value
    case "--queries": queriesPath = value
    case "--export": exportPath = value
    case "--batch": batch = value.split(separator: ",").map(String.init)
    case "--seconds": seconds = try Self.count(option, value, limit: 3600)
    case "--gap": gapMS = try Self.count(option, value, limit: 10_000)
    case "--runs": runCount = try Self.count(option, value, limit: Self.runLimit)
    default: threadCount = try Self.count(option, value, limit: Self.threadLimit)
    }
  }

  private static func count(
    _ option: String, _ text: String, limit: Int
  ) throws(OptionError) -> Int {
    guard let number = Int(text), (1...limit).contains(number) else {
      throw OptionError(message: "\(option) takes a number from 1 to \(limit), not \"\(text)\"")
    }
    return number
  }

  private func check() throws(OptionError) {
    if command == .catbench || command == .mixed, dataPath.isEmpty {
      throw OptionError(message: "--data is missing")
    }
    guard [.query, .demo, .insert].contains(command) else { return }
    guard !databasePath.isEmpty else { throw OptionError(message: "--database is missing") }
    guard command != .query || (sql == nil) != (scriptPath == nil) else {
      throw OptionError(message: "query takes either --sql or --file")
    }
  }
}
