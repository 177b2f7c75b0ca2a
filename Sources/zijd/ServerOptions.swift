import Network

/// What is wrong with the command line.
struct OptionError: Error {
  var message: String
}

/// The command line of `zijd`.
struct ServerOptions {
  enum Goal {
    case serve
    case help
    case version
    /// `zijd passwd`: adds or changes a user.
    case password(user: String)
  }

  enum Authentication: String { case scram, trust }

  private(set) var goal = Goal.serve
  /// Nil: tables live in memory.
  private(set) var dataPath: String?
  private(set) var listen = "127.0.0.1:5433"
  private(set) var socketPath: String?
  /// Where the Virtual Observatory's door is; nil: there is none.
  private(set) var http: String?
  private(set) var httpURL: String?
  private(set) var httpListsJobs = false
  private(set) var certificatePath: String?
  private(set) var keyPath: String?
  private(set) var authentication: Authentication?
  private(set) var usersPath: String?
  private(set) var memoryLimitBytes: Int?
  private(set) var threadCount: Int?
  private(set) var maximumConnections = 100
  private(set) var drainSeconds = 30
  private(set) var authenticationSeconds = 30
  private(set) var isReadOnly = false
  private(set) var allowsFiles = false

  init(_ arguments: [String]) throws(OptionError) {
    var rest = arguments[...]
    var isPassword = false
    var operands: [String] = []
    while let argument = rest.popFirst() {
      if argument == "passwd", operands.isEmpty, !isPassword {
        isPassword = true
        continue
      }
      guard argument.hasPrefix("-"), argument != "-" else {
        operands.append(argument)
        continue
      }
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      try read(String(parts[0]), parts.count > 1 ? String(parts[1]) : nil, &rest)
      switch goal {
      case .help, .version: return
      default: break
      }
    }
    if isPassword {
      guard operands.count == 1, usersPath != nil else {
        throw OptionError(message: "passwd wants --users FILE and a user's name")
      }
      goal = .password(user: operands[0])
    } else if let surplus = operands.first {
      throw OptionError(message: "unexpected argument: \"\(surplus)\"")
    }
    try check()
  }

  private mutating func read(
    _ name: String, _ attached: String?, _ rest: inout ArraySlice<String>
  ) throws(OptionError) {
    func value() throws(OptionError) -> String {
      if let attached { return attached }
      guard let next = rest.popFirst() else { throw OptionError(message: "\(name) needs a value") }
      return next
    }
    switch name {
    case "--data": dataPath = try value()
    case "--listen": listen = try value()
    case "--socket": socketPath = try value()
    case "--http": http = try value()
    case "--http-url": httpURL = try value()
    case "--http-list-jobs": httpListsJobs = true
    case "--tls-cert": certificatePath = try value()
    case "--tls-key": keyPath = try value()
    case "--users": usersPath = try value()
    case "--auth":
      let text = try value()
      guard let way = Authentication(rawValue: text) else {
        throw OptionError(message: "--auth is scram or trust, not \"\(text)\"")
      }
      authentication = way
    case "--memory-limit":
      let text = try value()
      guard let bytes = Self.sizeBytes(text), bytes >= 16 << 20 else {
        throw OptionError(message: "--memory-limit is a size such as 4GB, not \"\(text)\"")
      }
      memoryLimitBytes = bytes
    case "--threads": threadCount = try Self.number(name, try value(), 1...1024)
    case "--max-connections": maximumConnections = try Self.number(name, try value(), 1...100_000)
    case "--drain-seconds": drainSeconds = try Self.number(name, try value(), 0...86_400)
    case "--auth-seconds": authenticationSeconds = try Self.number(name, try value(), 1...86_400)
    case "--read-only": isReadOnly = true
    case "--allow-files": allowsFiles = true
    case "-h", "-?", "--help": goal = .help
    case "-V", "--version": goal = .version
    default: throw OptionError(message: "unknown option: \(name)")
    }
  }

  private func check() throws(OptionError) {
    guard case .serve = goal else { return }
    guard let address = ListenAddress(listen) else {
      throw OptionError(
        message: "--listen is a numeric address and a port such as 127.0.0.1:5433, not \"\(listen)\"")
    }
    guard (certificatePath == nil) == (keyPath == nil) else {
      throw OptionError(message: "--tls-cert and --tls-key belong together")
    }
    if authentication == .trust || authentication == nil && usersPath == nil, !address.isLoopback {
      throw OptionError(
        message: "without passwords only this machine may connect: give --auth scram --users FILE, or "
          + "listen on 127.0.0.1")
    }
    if authentication == .scram, usersPath == nil {
      throw OptionError(message: "--auth scram wants --users FILE; \"zijd passwd\" makes one")
    }
    if !address.isLoopback, certificatePath == nil {
      throw OptionError(
        message: "beyond this machine TLS is needed: give --tls-cert FILE --tls-key FILE")
    }
  }

  private static func number(
    _ name: String, _ text: String, _ range: ClosedRange<Int>
  ) throws(OptionError) -> Int {
    guard let value = Int(text), range.contains(value) else {
      throw OptionError(
        message: "\(name) is a number of \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
    }
    return value
  }

  /// `512MB`, `4GB`, `1000`: bytes.
  private static func sizeBytes(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let shifts = ["": 0, "b": 0, "kb": 10, "mb": 20, "gb": 30, "tb": 40]
    guard let value = Int(digits), let shift = shifts[text.dropFirst(digits.count).lowercased()] else {
      return nil
    }
    let (product, overflow) = value.multipliedReportingOverflow(by: 1 << shift)
    return overflow ? nil : product
  }

  static let help = """
    zijd: serves a database to clients of the PostgreSQL protocol.

    Usage:
      zijd --data NAME.zij [options]
      zijd passwd --users FILE NAME      sets a user's password, read from standard input

    What is served:
      --data DIRECTORY        the database, made on first use; without it tables live in memory
      --read-only             nobody changes it
      --allow-files           statements may read and write files of the server

    Who may connect:
      --listen ADDRESS:PORT   numeric; port 0 takes any free one (default 127.0.0.1:5433)
      --http ADDRESS:PORT     the Virtual Observatory's TAP over HTTP, at /tap: whoever reaches it may
                              ask all tables, and change nothing
      --http-url URL          how clients reach /tap, if a proxy with TLS stands in front
      --http-list-jobs        everybody may list all jobs, and so read and end them
      --socket PATH           a Unix socket, too, for the server's own user
      --auth scram|trust      by password, or whoever can reach it (on this machine only);
                              default: scram with --users, else trust
      --users FILE            names and SCRAM verifiers; read again on SIGHUP
      --auth-seconds N        how long a client may take to say who it is (default 30)
      --tls-cert FILE         certificate chain in PEM form; needed beyond this machine
      --tls-key FILE          its key; both are read again on SIGHUP

    How much:
      --memory-limit SIZE     of all queries together, such as 4GB (default three quarters)
      --threads N             threads that compute (default one a core)
      --max-connections N     (default 100)
      --drain-seconds N       what runs at SIGTERM may go on for so long (default 30)

      -h, --help              show this help
      -V, --version           show the version

    When it is ready, zijd prints a line with its address. SIGTERM and SIGINT end it.
    Exit codes: 0 ended by a signal; 1 a database, file or address that cannot be had; 2 wrong use.

    """
}
