import Base
import Engine
import HTTP
import Network
import TAP

/// The Virtual Observatory's door: TAP over HTTP.
final class TAPDoor: Service, @unchecked Sendable {
  private static let threadCount = 4

  private let database: Database
  private let options: HTTPServerOptions
  private let tapOptions: TAPOptions
  // Set by `start`, which is called once and before anything else.
  private var tasks: TaskThreads?
  private var service: TAPService?
  private var server: MicroServer?

  init(_ database: Database, options: HTTPServerOptions, tapOptions: TAPOptions) {
    self.database = database
    self.options = options
    self.tapOptions = tapOptions
  }

  var address: String {
    let host = options.address.contains(":") ? "[\(options.address)]" : options.address
    return "http://\(host):\(server?.port ?? options.port)\(tapOptions.root)"
  }

  func start() throws(SQLError) {
    let tasks = try TaskThreads(threadCount: Self.threadCount)
    self.tasks = tasks
    let service = try TAPService(database, tasks: tasks, options: tapOptions)
    self.service = service
    server = try MicroServer(options, tasks: tasks, handler: service)
  }

  /// There is nothing to read: everybody may ask, and TLS ends in front of this server.
  func reload() {}

  func stop(withinMS milliseconds: Int) {
    server?.stop(withinMS: milliseconds)
    service?.stop()
    tasks?.stop()
  }
}
