import Base
import HTTP

/// The resources below /async (UWS 1.1, section 2.2).
final class JobEndpoints: Sendable {
  /// How long a client that waits "as long as it takes" is kept: less than clients' own patience.
  private static let patienceSeconds = 8
  private static let longestWaitSeconds = 60

  private let store: JobStore
  private let tasks: TaskThreads
  private let options: TAPOptions

  init(_ store: JobStore, tasks: TaskThreads, options: TAPOptions) {
    self.store = store
    self.tasks = tasks
    self.options = options
  }

  /// `path` are the segments behind /async, `root` its address.
  func handle(
    _ path: [String], root: String, _ exchange: any HTTPExchange
  ) throws(TAPFault) {
    let parameters = try TAPParameters(exchange.request)
    let method = exchange.request.method == "HEAD" ? "GET" : exchange.request.method
    guard let id = path.first else { return try list(method, parameters, root, exchange) }
    let job = try store.job(id)
    let request = Request(
      job: job, method: method, parameters: parameters, address: "\(root)/\(id)", root: root,
      exchange: exchange)
    switch (path.dropFirst().first, path.count) {
    case (nil, _): try self.job(request)
    case ("phase", 2): try phase(request)
    case ("executionduration", 2): try duration(request)
    case ("destruction", 2): try destruction(request)
    case ("parameters", 2): try self.parameters(request)
    case ("quote", 2), ("owner", 2): try request.text("")
    case ("error", 2): try error(request)
    case ("results", 2): try request.xml(request.document.resultsXML)
    case ("results", 3) where path[2] == "result": try result(request)
    default: throw TAPFault(.notFound, "the job has nothing of this name: \"\(path[1])\"")
    }
  }

  /// A request for a job.
  private struct Request {
    var job: Job
    var method: String
    var parameters: TAPParameters
    /// Of the job.
    var address: String
    /// Of the list of jobs.
    var root: String
    var exchange: any HTTPExchange

    var document: JobDocument {
      JobDocument(
        id: job.id, creationMicroseconds: job.creationMicroseconds, state: job.snapshot,
        address: address)
    }

    func requireGET() throws(TAPFault) {
      guard method == "GET" else { throw TAPFault(.methodNotAllowed, "this is only read") }
    }

    func text(_ text: String) throws(TAPFault) {
      try requireGET()
      exchange.answer(HTTPResponse(.ok, type: "text/plain;charset=UTF-8", text: text))
    }

    func xml(_ xml: XMLWriter) throws(TAPFault) {
      try requireGET()
      exchange.answer(xml.response)
    }

    /// Back to the job after a change.
    func redirect() { exchange.answer(.redirect(to: address)) }
  }

  // MARK: the list

  private func list(
    _ method: String, _ parameters: TAPParameters, _ root: String, _ exchange: any HTTPExchange
  ) throws(TAPFault) {
    switch method {
    case "GET":
      let jobs = try store.list(parameters)
      exchange.answer(
        JobDocument.list(options.listsJobs ? jobs : [], root: root).response)
    case "POST":
      let phase = try parameters.value("PHASE")?.uppercased()
      guard phase == nil || phase == "RUN" else {
        throw TAPFault(.badRequest, "a new job cannot have this phase: \"\(phase ?? "")\"")
      }
      let job = try store.make(parameters.without(["PHASE"]))
      if phase == "RUN" { try store.runner.submit(job) }
      exchange.answer(.redirect(to: "\(root)/\(job.id)"))
    default: throw TAPFault(.methodNotAllowed, "jobs are made by POST and listed by GET")
    }
  }

  // MARK: the job

  private func job(_ request: Request) throws(TAPFault) {
    switch request.method {
    case "GET": try wait(request)
    case "DELETE": remove(request)
    case "POST":
      if let action = try request.parameters.value("ACTION") {
        guard action.uppercased() == "DELETE" else {
          throw TAPFault(.badRequest, "action is not known: \"\(action)\"")
        }
        return remove(request)
      }
      try update(request, with: request.parameters.without(["PHASE"]))
      if let phase = try request.parameters.value("PHASE") { try enter(phase, request.job) }
      request.redirect()
    default: throw TAPFault(.methodNotAllowed, "jobs are read, changed by POST, and deleted")
    }
  }

  private func remove(_ request: Request) {
    store.remove(request.job)
    request.exchange.answer(.redirect(to: request.root))
  }

  private func enter(_ phase: String, _ job: Job) throws(TAPFault) {
    switch phase.uppercased() {
    case "RUN": try store.runner.submit(job)
    case "ABORT": try store.runner.abort(job)
    default:
      throw TAPFault(.badRequest, "phase cannot be entered: \"\(phase)\"", hint: "RUN or ABORT.")
    }
  }

  /// Answers at once, or, with WAIT, when the phase has changed: until then only a timer waits.
  private func wait(_ request: Request) throws(TAPFault) {
    let wanted = try request.parameters.value("PHASE")
      .flatMap { JobPhase(rawValue: $0.uppercased()) }
    let phase = request.job.phase
    guard let text = try request.parameters.value("WAIT"), phase.isActive,
      wanted == nil || wanted == phase
    else { return try request.xml(request.document.xml) }
    guard let seconds = Int(text), seconds >= -1 else {
      throw TAPFault(.badRequest, "WAIT is not a number of seconds: \"\(text)\"")
    }
    let answer: @Sendable () -> Void = {
      request.exchange.answer(request.document.xml.response)
    }
    let tasks = tasks
    // Answering takes the job's lock, so it is left to another turn.
    guard let waiter = request.job.whenLeaving(phase, { tasks.submit(answer) }) else {
      return answer()
    }
    let limit = seconds < 0 ? Self.patienceSeconds : min(seconds, Self.longestWaitSeconds)
    let timer = tasks.submit(afterMS: limit * 1000) {
      request.job.stopWaiting(waiter)
      answer()
    }
    request.exchange.onDisconnect {
      request.job.stopWaiting(waiter)
      tasks.withdraw(timer)
    }
  }

  // MARK: parts of a job

  private func phase(_ request: Request) throws(TAPFault) {
    guard request.method == "POST" else { return try request.text(request.job.phase.rawValue) }
    guard let phase = try request.parameters.value("PHASE") else {
      throw TAPFault(.badRequest, "parameter is missing: PHASE")
    }
    try enter(phase, request.job)
    request.redirect()
  }

  private func duration(_ request: Request) throws(TAPFault) {
    guard request.method == "POST" else {
      return try request.text(String(request.job.snapshot.executionSeconds))
    }
    let text = try request.parameters.value("EXECUTIONDURATION") ?? ""
    guard let wanted = Int(text), wanted >= 0 else {
      throw TAPFault(.badRequest, "not a number of seconds: \"\(text)\"")
    }
    let seconds = allowed(seconds: wanted)
    try request.job.change { (state) throws(TAPFault) in
      try Self.requirePending(state)
      state.executionSeconds = seconds
    }
    request.redirect()
  }

  /// What a job gets of the time that its client wants: a service may set another value (UWS 1.1).
  /// 0 is no limit.
  private func allowed(seconds wanted: Int) -> Int {
    let longest = options.jobSeconds > 0 ? options.jobSeconds : TAPOptions.longestSeconds
    if wanted == 0 { return options.jobSeconds }
    return min(wanted, longest)
  }

  private func destruction(_ request: Request) throws(TAPFault) {
    guard request.method == "POST" else {
      return try request.text(
        VOTime.text(microseconds: request.job.snapshot.destructionMicroseconds))
    }
    let wanted = try JobStore.time(try request.parameters.value("DESTRUCTION") ?? "")
    let latest = request.job.creationMicroseconds + Int64(options.retentionSeconds) * 1_000_000
    try request.job.change { (state) throws(TAPFault) in
      state.destructionMicroseconds = min(wanted, latest)
    }
    request.redirect()
  }

  private func parameters(_ request: Request) throws(TAPFault) {
    guard request.method == "POST" else { return try request.xml(request.document.parametersXML) }
    try update(request, with: request.parameters)
    request.redirect()
  }

  private func update(_ request: Request, with parameters: TAPParameters) throws(TAPFault) {
    guard !parameters.all.isEmpty else { return }
    var merged = request.job.snapshot.parameters
    merged.merge(parameters)
    try store.requireRoom(for: merged)
    try request.job.change { (state) throws(TAPFault) in
      try Self.requirePending(state)
      state.parameters.merge(parameters)
    }
  }

  private static func requirePending(_ state: Job.State) throws(TAPFault) {
    guard state.phase == .pending else {
      throw TAPFault(.forbidden, "job cannot be changed: it is \(state.phase.rawValue)")
    }
  }

  private func error(_ request: Request) throws(TAPFault) {
    try request.requireGET()
    guard let fault = request.job.snapshot.fault else {
      throw TAPFault(.notFound, "the job has no error: it is \(request.job.phase.rawValue)")
    }
    var response = fault.response
    response.status = .ok
    request.exchange.answer(response)
  }

  private func result(_ request: Request) throws(TAPFault) {
    try request.requireGET()
    guard let result = request.job.snapshot.result else {
      throw TAPFault(.notFound, "the job has no result: it is \(request.job.phase.rawValue)")
    }
    do throws(SQLError) {
      let body = FileBody(try store.runner.open(result))
      request.exchange.answer(
        HTTPResponse(
          .ok, headers: [HTTPHeader("Content-Type", result.mediaType)], body: .stream(body)))
    } catch {
      throw TAPFault(error, query: nil)
    }
  }
}
