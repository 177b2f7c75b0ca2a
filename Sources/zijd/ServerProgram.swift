import Base
import CPlatform
import Engine
import Glibc
import HTTP
import Network
import TAP
import Wire
import Zij

/// `zijd`: opens the database, opens its doors, waits for a signal, closes them.
enum ServerProgram {
  enum ExitCode {
    static let ended: Int32 = 0
    static let failure: Int32 = 1
    static let wrongUse: Int32 = 2
  }

  static func run(_ arguments: [String]) -> Int32 {
    let options: ServerOptions
    do throws(OptionError) {
      options = try ServerOptions(Array(arguments.dropFirst()))
    } catch {
      say("zijd: \(error.message)\nTry \"zijd --help\".")
      return ExitCode.wrongUse
    }
    do throws(SQLError) {
      switch options.goal {
      case .help: print(ServerOptions.help, terminator: "")
      case .version: print("zijd \(ZijVersion.text)")
      case .password(let user): try PasswordCommand.run(user, path: options.usersPath ?? "")
      case .serve: try serve(options)
      }
      return ExitCode.ended
    } catch {
      say("zijd: \(error.description)")
      return ExitCode.failure
    }
  }

  private static func serve(_ options: ServerOptions) throws(SQLError) {
    // Before any thread starts, so that all have them blocked.
    zij_block_server_signals()
    _ = zij_raise_file_limit()
    let database = try open(options)
    defer { database.close() }
    let doors = Doors(try wireServer(options, database), try tapDoor(options, database))
    for service in doors.services { try service.start() }
    for service in doors.services { announce(service) }
    wait(for: doors, options)
    let services = doors.services
    say("zijd: stopping")
    for service in services { service.stop(withinMS: options.drainSeconds * 1000) }
  }

  private static func open(_ options: ServerOptions) throws(SQLError) -> Database {
    var settings = DatabaseOptions()
    settings.programName = "zijd"
    settings.isReadOnly = options.isReadOnly
    settings.memoryLimitBytes = options.memoryLimitBytes
    settings.workerCount = options.threadCount
    settings.allowsFiles = options.allowsFiles
    settings.writers = [BinaryCopyFormat(), TextCopyFormat()]
    settings.streamFormat = "text"
    let location = options.dataPath.map(DatabaseLocation.directory) ?? .memory
    return try Database.open(location, options: settings)
  }

  private static func wireServer(
    _ options: ServerOptions, _ database: Database
  ) throws(SQLError) -> WireServer {
    let usesPasswords = options.authentication == .scram
      || options.authentication == nil && options.usersPath != nil
    let service = try WireService(
      database: database, authentication: usesPasswords ? .scram : .trust,
      users: try UsersFile.read(options.usersPath), version: ZijVersion.text,
      maximumConnections: options.maximumConnections)
    guard let address = ListenAddress(options.listen) else {
      throw SQLError(.invalidParameterValue, "no address: \"\(options.listen)\"")
    }
    var network = WireServer.Options(
      listen: address, threadCount: max(2, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    network.socketPath = options.socketPath
    network.authenticationMS = options.authenticationSeconds * 1000
    if let certificate = options.certificatePath, let key = options.keyPath {
      network.tls = (certificate, key)
    }
    return try WireServer(service, options: network)
  }

  private static func tapDoor(
    _ options: ServerOptions, _ database: Database
  ) throws(SQLError) -> TAPDoor? {
    guard let http = options.http else { return nil }
    var tap = TAPOptions()
    tap.publicURL = options.httpURL
    tap.listsJobs = options.httpListsJobs
    return TAPDoor(
      database, options: try HTTPServerOptions(listeningOn: http), tapOptions: tap)
  }

  /// The line that scripts wait for.
  private static func announce(_ service: any Service) {
    print("zijd: ready on \(service.address)")
    fflush(nil)
  }

  private static func wait(for doors: Doors, _ options: ServerOptions) {
    while zij_wait_server_signal(-1) == SIGHUP {
      do throws(SQLError) {
        doors.setUsers(try UsersFile.read(options.usersPath))
        for service in doors.services { try service.reload() }
        say("zijd: read users and certificates again")
      } catch {
        say("zijd: everything stays as it was: \(error.description)")
      }
    }
  }

  static func say(_ text: String) {
    var line = text + "\n"
    line.withUTF8 { bytes in _ = Glibc.write(2, bytes.baseAddress, bytes.count) }
  }
}

/// The server's doors; a new one is added here.
struct Doors {
  let services: [any Service]
  private let wire: WireServer

  init(_ wire: WireServer, _ tap: TAPDoor?) {
    self.wire = wire
    services = [wire] + (tap.map { [$0] } ?? [])
  }

  func setUsers(_ users: UserStore) { wire.setUsers(users) }
}
