import Base
import Testing

/// Runs a workload on a simulated disk once for every operation it makes, with a crash or a failure
/// at that operation, and looks at what is left.
///
/// A step commits at most once. After a crash in step k, the reopened database must show what the
/// undisturbed run showed before or after step k; nothing else. Then it must take new writes, and
/// keep each of them, with all that it stands on, when the power fails right behind it.
struct CrashSweep<Session, Observation: Equatable> {
  struct Step: Sendable {
    let name: String
    let run: @Sendable (Session) throws -> Void

    init(_ name: String, _ run: @escaping @Sendable (Session) throws -> Void) {
      self.name = name
      self.run = run
    }
  }

  let seed: UInt64
  /// Opens the database, making it if it is missing.
  let open: (SimDisk) throws -> Session
  let steps: [Step]
  /// Everything a user could see; fails if something is damaged.
  let observe: (Session) throws -> Observation
  /// Writes that must succeed on any healthy state.
  let goOn: [Step]

  struct Report {
    var operations = 0
    var runs = 0
  }

  /// Crashes after every operation in every mode.
  func crashEverywhere() throws -> Report {
    let golden = try undisturbed()
    for operation in 1...golden.operations {
      for mode in SimDisk.CrashMode.allCases {
        let disk = SimDisk(seed: seed &+ UInt64(operation))
        disk.crash(after: operation, mode: mode)
        let done = try run(on: disk)
        #expect(disk.hasCrashed, "operation \(operation) was not reached")
        let place = "seed \(seed), crash at operation \(operation), \(mode), in step \(done)"
        try check(
          disk.reopened(), golden.observations, done, place, kept: mode == .keepAll)
      }
    }
    return Report(
      operations: golden.operations, runs: golden.operations * SimDisk.CrashMode.allCases.count)
  }

  /// Fails every operation with every fault; the process goes on, then ends by a crash.
  func failEverywhere() throws -> Report {
    let golden = try undisturbed()
    for operation in 1...golden.operations {
      for fault in SimDisk.Fault.allCases {
        // What a sync has refused, a process that dies leaves behind in the system's cache.
        let modes: [SimDisk.CrashMode] =
          fault == .inputOutput ? [.keepAll, .tearRandomly] : [.tearRandomly]
        for mode in modes {
          let disk = SimDisk(seed: seed &+ UInt64(operation))
          disk.failOperation(operation, fault)
          let place = "seed \(seed), \(fault) at operation \(operation), then \(mode)"
          let done = try run(on: disk) { (session, done) throws in
            // The session that met the failure still serves the old state.
            let seen = try observe(session)
            #expect(seen == golden.observations[done], Comment(rawValue: place))
          }
          try check(
            disk.reopened(mode), golden.observations, done, place, kept: mode == .keepAll)
        }
      }
    }
    return Report(operations: golden.operations, runs: 3 * golden.operations)
  }

  /// What is to be seen after opening and after each step, and the number of operations.
  private func undisturbed(
    _ chosen: [Step]? = nil, on chosenDisk: SimDisk? = nil
  ) throws -> (observations: [Observation], operations: Int) {
    let disk = chosenDisk ?? SimDisk(seed: seed)
    let session = try open(disk)
    var observations = [try observe(session)]
    for step in chosen ?? steps {
      try step.run(session)
      observations.append(try observe(session))
    }
    return (observations, disk.operationCount)
  }

  /// The number of steps that were acknowledged before one threw as often as it was tried;
  /// `afterFailure` is then told.
  private func run(
    _ chosen: [Step]? = nil, on disk: SimDisk, tries: Int = 1,
    afterFailure: (Session, Int) throws -> Void = { _, _ in }
  ) throws -> Int {
    guard let session = try? open(disk) else { return 0 }
    var done = 0
    for step in chosen ?? steps {
      guard (0..<tries).contains(where: { _ in (try? step.run(session)) != nil }) else {
        try afterFailure(session, done)
        return done
      }
      done += 1
    }
    return done
  }

  /// How the power fails after a step of going on. Where only a process has died, much of what was
  /// found may be in the system's cache alone, so that the first step decides.
  private func modes(after index: Int, kept wasKept: Bool) -> [SimDisk.CrashMode] {
    if index == goOn.count - 1 { return [.loseUnsynced] }
    return wasKept && index == 0 ? [.loseUnsynced, .tearRandomly] : []
  }

  private func check(
    _ disk: SimDisk, _ golden: [Observation], _ done: Int, _ place: String,
    kept wasKept: Bool = false
  ) throws {
    let comment = Comment(rawValue: place)
    do {
      let session = try open(disk)
      let allowed = golden[done...min(done + 1, golden.count - 1)]
      var seen = try observe(session)
      #expect(allowed.contains(seen), comment)
      for (index, step) in goOn.enumerated() {
        try step.run(session)
        let after = try observe(session)
        #expect(after != seen, comment)
        // The session stays open: closing it would make durable what the step has left to chance.
        for mode in modes(after: index, kept: wasKept) {
          #expect(
            try observe(try open(disk.reopened(mode))) == after,
            Comment(rawValue: "\(place), then \(step.name), then \(mode)"))
        }
        seen = after
      }
      withExtendedLifetime(session) {}
    } catch {
      Issue.record("\(place): \(error)")
    }
  }
}
