import Base
import Engine
import HTTP
import TAP

/// A service over a database in memory, on a free port.
final class Service {
  let database: Database
  let tasks: TaskThreads
  let server: MicroServer
  let service: TAPService

  init(
    _ statements: [String] = [], options: TAPOptions = TAPOptions(),
    serverOptions: HTTPServerOptions = HTTPServerOptions()
  ) throws {
    var databaseOptions = DatabaseOptions()
    databaseOptions.workerCount = 2
    database = try Database(.memory, options: databaseOptions)
    let session = database.makeSession()
    for sql in statements { while try session.run(sql).stream?.next() != nil {} }
    tasks = try TaskThreads(threadCount: 2)
    service = try TAPService(database, tasks: tasks, options: options)
    server = try MicroServer(serverOptions, tasks: tasks, handler: service)
  }

  deinit {
    server.stop(withinMS: 0)
    service.stop()
    tasks.stop()
    database.close()
  }

  func client() -> Client { Client(port: server.port) }

  /// A synchronous query by GET.
  func sync(_ sql: String, _ more: String = "") -> Client.Answer? {
    client().ask(
      "GET", "/tap/sync?LANG=ADQL&QUERY=\(PercentEncoding.encode(sql))\(more)")
  }
}

extension Client.Answer {
  func has(_ text: String) -> Bool { self.text.contains(text) }
}
