import Base
import Engine
import HTTP

/// A TAP service over one database. Answers everything below its root.
public final class TAPService: HTTPHandler {
  let database: Database
  let tasks: TaskThreads
  let options: TAPOptions
  let rootSegments: [String]
  let startMicroseconds: Int64
  let sync: SyncQueries
  private let jobs: JobEndpoints
  private let store: JobStore
  /// Of jobs: they must not delay the steps of queries that somebody waits for.
  private let jobTasks: TaskThreads
  private let features: LanguageFeatures

  /// `tasks` run its queries' short steps and stay the caller's.
  public init(
    _ database: Database, tasks: TaskThreads, options: TAPOptions = TAPOptions()
  ) throws(SQLError) {
    self.database = database
    self.tasks = tasks
    self.options = options
    rootSegments = options.root.split(separator: "/").map(String.init)
    startMicroseconds = SystemClock().wallMicroseconds()
    sync = SyncQueries(database, tasks: tasks, options: options)
    jobTasks = try TaskThreads(threadCount: 2)
    store = JobStore(database, tasks: jobTasks, options: options)
    jobs = JobEndpoints(store, tasks: tasks, options: options)
    features = LanguageFeatures(database)
  }

  /// Synchronous queries that run now, those whose clients do not read included.
  public var runningQueryCount: Int { sync.runningCount }

  /// Ends all jobs and removes their results. Called once, after the server has stopped.
  public func stop() {
    store.stop()
    jobTasks.stop()
  }

  public func handle(_ exchange: any HTTPExchange) {
    do throws(TAPFault) {
      try route(exchange)
    } catch {
      exchange.answer(error)
    }
  }

  private func route(_ exchange: any HTTPExchange) throws(TAPFault) {
    guard let target = HTTPTarget(exchange.request.target) else {
      throw TAPFault(.badRequest, "the address is not well encoded")
    }
    guard target.segments.starts(with: rootSegments) else {
      throw TAPFault(.notFound, "there is nothing here", hint: "The service is at \(options.root).")
    }
    let path = Array(target.segments.dropFirst(rootSegments.count))
    if exchange.request.method == "OPTIONS" {
      return exchange.answer(
        HTTPResponse(
          .noContent,
          headers: [
            HTTPHeader("Allow", "GET, HEAD, POST, DELETE, OPTIONS"),
            HTTPHeader("Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE, OPTIONS"),
            HTTPHeader("Access-Control-Allow-Headers", "*"),
            HTTPHeader("Access-Control-Max-Age", "86400"),
          ]))
    }
    switch path.first {
    case "sync" where path.count == 1: try sync.handle(exchange)
    case "async":
      try jobs.handle(
        Array(path.dropFirst()), root: address(exchange.request) + "/async", exchange)
    default: try document(path, exchange)
    }
  }

  private func document(_ path: [String], _ exchange: any HTTPExchange) throws(TAPFault) {
    let response: HTTPResponse
    switch (path.first, path.count) {
    case (nil, _): response = .redirect(to: address(exchange.request) + "/capabilities")
    case ("availability", 1):
      response = AvailabilityDocument(startMicroseconds: startMicroseconds).xml.response
    case ("capabilities", 1):
      response = CapabilitiesDocument(
        root: address(exchange.request), features: features, options: options
      ).xml.response
    case ("tables", 1), ("tables", 2): response = try tables(path, exchange.request)
    case ("examples", 1): response = ExamplesDocument(schemas: try schemas()).response
    default:
      throw TAPFault(.notFound, "there is nothing here: \"\(path.joined(separator: "/"))\"")
    }
    guard ["GET", "HEAD"].contains(exchange.request.method) else {
      throw TAPFault(.methodNotAllowed, "this is only read", hint: "Use GET.")
    }
    exchange.answer(response)
  }

  private func tables(
    _ path: [String], _ request: HTTPRequest
  ) throws(TAPFault) -> HTTPResponse {
    let detail = try TAPParameters(request).value("DETAIL")?.lowercased() ?? "max"
    guard ["min", "max"].contains(detail) else {
      throw TAPFault(.badRequest, "detail is not known: \"\(detail)\"", hint: "It is min or max.")
    }
    let document = TablesDocument(schemas: try schemas(), isBrief: detail == "min")
    guard path.count > 1 else { return document.xml.response }
    guard let xml = document.xml(of: path[1]) else {
      throw TAPFault(.notFound, "table does not exist: \"\(path[1])\"")
    }
    return xml.response
  }

  private func schemas() throws(TAPFault) -> [PublishedSchema] {
    do throws(SQLError) { return try database.publishedSchemas() } catch {
      throw TAPFault(error, query: nil)
    }
  }

  /// The root as the client reaches it.
  func address(_ request: HTTPRequest) -> String {
    if let address = options.publicURL { return address }
    let host = request.header("Host") ?? ""
    let isPlain = host.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
        UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    return "http://" + (isPlain && !host.isEmpty ? host : "localhost") + options.root
  }
}

extension HTTPExchange {
  /// Responds, and lets pages of other sites read it: everything here is public.
  func answer(_ response: HTTPResponse) {
    var response = response
    response.headers += [
      HTTPHeader("Server", "Zij"),
      HTTPHeader("Access-Control-Allow-Origin", "*"),
      HTTPHeader("Access-Control-Expose-Headers", "Location"),
    ]
    respond(response)
  }

  /// Responds with an error document.
  func answer(_ fault: TAPFault) {
    var response = fault.response
    if fault.status == .methodNotAllowed {
      response.headers.append(HTTPHeader("Allow", "GET, HEAD, POST, OPTIONS"))
    }
    if fault.status == .serviceUnavailable {
      response.headers.append(HTTPHeader("Retry-After", "10"))
    }
    answer(response)
  }
}
