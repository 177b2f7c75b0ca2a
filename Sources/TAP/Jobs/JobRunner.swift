import Base
import Engine
import HTTP
import Synchronization

/// Runs jobs, a few at a time, and spools their results into files. A job that waits for the engine
/// holds no thread.
final class JobRunner: Sendable {
  /// Bytes gathered before they are written.
  private static let blockBytes = 1 << 20
  /// Steps of one job before others have their turn.
  private static let turnSteps = 16

  private let database: Database
  private let tasks: TaskThreads
  private let options: TAPOptions
  private let disk = PosixDisk()
  private let folder: String
  private let clock = SystemClock()
  private let queue = Mutex(Queue())
  /// Bytes of all files that there are.
  private let spooledBytes = Atomic<Int>(0)

  private struct Queue {
    var waiting: [Job] = []
    var runningCount = 0
  }

  init(_ database: Database, tasks: TaskThreads, options: TAPOptions) {
    self.database = database
    self.tasks = tasks
    self.options = options
    folder = options.jobsDirectory ?? database.temporaryFolder ?? "/tmp"
  }

  /// Lets a pending job run as soon as there is room.
  func submit(_ job: Job) throws(TAPFault) {
    _ = try job.change { (state) throws(TAPFault) in
      guard state.phase == .pending else {
        throw TAPFault(.forbidden, "job cannot be started: it is \(state.phase.rawValue)")
      }
      state.phase = .queued
    }
    queue.withLock { $0.waiting.append(job) }
    startNext()
  }

  private func startNext() {
    while true {
      let next = queue.withLock { queue -> Job? in
        guard queue.runningCount < options.runningJobLimit, !queue.waiting.isEmpty else {
          return nil
        }
        queue.runningCount += 1
        return queue.waiting.removeFirst()
      }
      guard let next else { return }
      tasks.submit { [self] in start(next) }
    }
  }

  private func start(_ job: Job) {
    let now = clock.wallMicroseconds()
    let started = try? job.change { (state) throws(TAPFault) -> Job.State? in
      guard state.phase == .queued, !state.isDeleted else { return nil }
      state.phase = .executing
      state.startMicroseconds = now
      return state
    }
    guard let state = started ?? nil else { return release() }
    do throws(TAPFault) {
      let spool = try open(job, state)
      guard keep(spool.feed, in: job) else { return spool.end(nil) }
      spool.advance()
    } catch {
      finish(job, .failure(error))
    }
  }

  private func open(_ job: Job, _ state: Job.State) throws(TAPFault) -> Spool {
    let request = try QueryRequest(state.parameters, accepting: nil, rowLimit: options.rowLimit)
    let session = database.makeSession(access: .queries)
    do throws(SQLError) {
      try session.set("memory_limit", to: String(options.queryMemoryBytes))
      try session.set("queue", to: "batch")
      try session.set("statement_timeout", to: TAPOptions.timeout(seconds: state.executionSeconds))
      let feed = try QueryFeed(
        request, in: session, runID: state.parameters.values("RUNID").first,
        reportsLateErrors: false)
      let path = "\(folder)/zij-job-\(job.id)"
      let file = try disk.create(path, replacing: true)
      return Spool(self, job, request, feed, file)
    } catch {
      throw TAPFault(error, query: request.query)
    }
  }

  /// From now on the query can be cancelled; false if the job was aborted meanwhile.
  private func keep(_ feed: QueryFeed, in job: Job) -> Bool {
    let kept = try? job.change { (state) throws(TAPFault) -> Bool in
      guard state.phase == .executing, !state.isDeleted else { return false }
      state.feed = feed
      return true
    }
    return kept ?? false
  }

  /// The job's query is over.
  private func finish(_ job: Job, _ outcome: Result<Job.Result, TAPFault>) {
    let now = clock.wallMicroseconds()
    let isKept = try? job.change { (state) throws(TAPFault) -> Bool in
      state.feed = nil
      guard state.phase == .executing, !state.isDeleted else { return false }
      state.endMicroseconds = now
      switch outcome {
      case .success(let result):
        state.result = result
        state.phase = .completed
      case .failure(let fault):
        state.fault = fault
        state.phase = .error
      }
      return true
    }
    if isKept != true, case .success(let result) = outcome {
      remove(result.path, sizeBytes: result.sizeBytes)
    }
    release()
  }

  private func remove(_ path: String, sizeBytes: Int) {
    try? disk.remove(path)
    spooledBytes.wrappingSubtract(sizeBytes, ordering: .relaxed)
  }

  private func release() {
    queue.withLock { $0.runningCount -= 1 }
    startNext()
  }

  /// Stops a job that is queued or running.
  func abort(_ job: Job) throws(TAPFault) {
    let now = clock.wallMicroseconds()
    let feed = try job.change { (state) throws(TAPFault) -> QueryFeed? in
      guard state.phase.isActive else { return nil }
      state.phase = .aborted
      state.endMicroseconds = now
      return state.feed
    }
    feed?.cancel()
    queue.withLock { queue in queue.waiting.removeAll { $0 === job } }
  }

  /// Stops a job and removes what it left.
  func destroy(_ job: Job) {
    let found = try? job.change { (state) throws(TAPFault) -> (QueryFeed?, Job.Result?) in
      state.isDeleted = true
      defer { state.result = nil }
      return (state.feed, state.result)
    }
    found?.0?.cancel()
    if let result = found?.1 { remove(result.path, sizeBytes: result.sizeBytes) }
    queue.withLock { queue in queue.waiting.removeAll { $0 === job } }
  }

  func open(_ result: Job.Result) throws(SQLError) -> any ReadableFile {
    try disk.open(result.path)
  }
}

extension JobRunner {
  /// A running job and the file that its result goes to.
  private final class Spool: @unchecked Sendable {
    let feed: QueryFeed
    private let runner: JobRunner
    private let job: Job
    private let request: QueryRequest
    private let file: any WritableFile
    private var out = ByteWriter(capacity: 1 << 20)
    private var spooled = 0

    init(
      _ runner: JobRunner, _ job: Job, _ request: QueryRequest, _ feed: QueryFeed,
      _ file: any WritableFile
    ) {
      self.runner = runner
      self.job = job
      self.request = request
      self.feed = feed
      self.file = file
    }

    /// A turn: as many rows as are there, but not too many.
    func advance() {
      do throws(SQLError) {
        for _ in 0..<JobRunner.turnSteps {
          let step = feed.step(into: &out) { [self] in runner.tasks.submit { self.advance() } }
          switch step {
          case .more: if out.count >= JobRunner.blockBytes { try write() }
          case .pending: return
          case .failed(let error): throw error
          case .end:
            try write()
            try file.close()
            return end(
              .success(
                Job.Result(
                  path: file.path, mediaType: request.format.mediaType,
                  sizeBytes: file.sizeBytes, rowCount: feed.rowCount)))
          }
        }
        runner.tasks.submit { [self] in advance() }
      } catch {
        end(.failure(TAPFault(error, query: request.query)))
      }
    }

    private func write() throws(SQLError) {
      let all = runner.spooledBytes.wrappingAdd(out.count, ordering: .relaxed).newValue
      spooled += out.count
      guard all <= runner.options.resultBytes else {
        throw SQLError(.diskFull, "the service has no room for more results")
      }
      try file.write(out.bytes)
      out.removeAll()
    }

    /// Ends the job; without an outcome, or with a failure, nothing of the file remains.
    func end(_ outcome: Result<Job.Result, TAPFault>?) {
      feed.close()
      if case .success = outcome {} else {
        try? file.close()
        runner.remove(file.path, sizeBytes: spooled)
      }
      runner.finish(job, outcome ?? .failure(TAPFault(.badRequest, "job was aborted")))
    }
  }
}
