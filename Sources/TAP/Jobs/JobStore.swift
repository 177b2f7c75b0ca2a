import Base
import Engine
import HTTP
import Synchronization
import Vectors

/// All jobs of a service. They live as long as the service does.
final class JobStore: Sendable {
  private static let sweepMS = 1000

  let runner: JobRunner
  private let tasks: TaskThreads
  private let options: TAPOptions
  private let random = SystemRandom()
  private let clock = SystemClock()
  private let jobs = Mutex<[String: Job]>([:])
  private let isStopped = Atomic<Bool>(false)

  init(_ database: Database, tasks: TaskThreads, options: TAPOptions) {
    self.tasks = tasks
    self.options = options
    runner = JobRunner(database, tasks: tasks, options: options)
    scheduleSweep()
  }

  /// Throws if there is no room for parameters of jobs: those of one job are limited, and of all.
  func requireRoom(for parameters: TAPParameters) throws(TAPFault) {
    guard parameters.sizeBytes <= options.jobParameterBytes else {
      throw TAPFault(
        .contentTooLarge, "parameters of a job take more than \(options.jobParameterBytes) bytes")
    }
    let held = all().reduce(0) { $0 + $1.snapshot.parameters.sizeBytes }
    guard held + parameters.sizeBytes <= options.allJobParameterBytes else {
      throw TAPFault(.serviceUnavailable, "the service has too many jobs", hint: "Delete yours.")
    }
  }

  func make(_ parameters: TAPParameters) throws(TAPFault) -> Job {
    try requireRoom(for: parameters)
    let digits = [random.next(), random.next()].map { bits in
      let text = String(bits, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }
    let job = Job(
      id: digits.joined(), parameters: parameters, options: options,
      nowMicroseconds: clock.wallMicroseconds())
    let isKept = jobs.withLock { jobs in
      guard jobs.count < options.jobLimit else { return false }
      jobs[job.id] = job
      return true
    }
    guard isKept else {
      throw TAPFault(.serviceUnavailable, "the service has too many jobs", hint: "Delete yours.")
    }
    return job
  }

  func job(_ id: String) throws(TAPFault) -> Job {
    guard let job = jobs.withLock({ $0[id] }) else {
      throw TAPFault(.notFound, "job does not exist: \"\(id)\"")
    }
    return job
  }

  func remove(_ job: Job) {
    jobs.withLock { _ = $0.removeValue(forKey: job.id) }
    runner.destroy(job)
  }

  /// The latest first.
  func all() -> [Job] {
    jobs.withLock { Array($0.values) }.sorted {
      ($0.creationMicroseconds, $0.id) > ($1.creationMicroseconds, $1.id)
    }
  }

  /// Ends and removes all jobs.
  func stop() {
    isStopped.store(true, ordering: .relaxed)
    for job in all() { remove(job) }
  }

  private func scheduleSweep() {
    tasks.submit(afterMS: Self.sweepMS) { [weak self] in
      guard let self, !isStopped.load(ordering: .relaxed) else { return }
      let now = clock.wallMicroseconds()
      for job in all() where job.snapshot.destructionMicroseconds <= now { remove(job) }
      scheduleSweep()
    }
  }
}

// MARK: Lists

extension JobStore {
  /// The jobs that PHASE, AFTER and LAST leave (UWS 1.1, section 2.2.2.1).
  func list(_ parameters: TAPParameters) throws(TAPFault) -> [JobEntry] {
    var phases: Set<JobPhase> = []
    for text in parameters.values("PHASE") {
      guard let phase = JobPhase(rawValue: text.uppercased()) else {
        throw TAPFault(.badRequest, "phase is not known: \"\(text)\"")
      }
      phases.insert(phase)
    }
    let after = try parameters.value("AFTER").map { (text) throws(TAPFault) in try Self.time(text) }
    var last = Int.max
    if let text = try parameters.value("LAST") {
      guard let count = Int(text), count > 0 else {
        throw TAPFault(.badRequest, "LAST is not a number of jobs: \"\(text)\"")
      }
      last = count
    }
    var found: [JobEntry] = []
    for job in all() where found.count < last {
      let state = job.snapshot
      if !phases.isEmpty, !phases.contains(state.phase) { continue }
      if let after, job.creationMicroseconds <= after { continue }
      found.append((job.id, job.creationMicroseconds, state))
    }
    return found
  }

  /// Microseconds since 1970 of an ISO 8601 time.
  static func time(_ text: String) throws(TAPFault) -> Int64 {
    let nanoseconds = Array(text.utf8).withUnsafeBytes { try? DateText.parseTimestamp($0) }
    guard let nanoseconds else {
      throw TAPFault(
        .badRequest, "not a time: \"\(text)\"", hint: "Write it as 2026-03-01T12:00:00Z.")
    }
    return nanoseconds / 1000
  }
}
