import Base
import Testing

/// Runs a workload on a simulated disk once for every operation it makes, with a crash or a failure
/// at that operation, and looks at what is left.
///
/// A step commits at most once. After a crash in step k, the reopened database must show what the
/// undisturbed run showed before or after step k; nothing else. Then it must take new writes, and
/// keep them when the power fails.
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
        try check(disk.reopened(), golden.observations, done, place)
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
        for mode in [SimDisk.CrashMode.tearRandomly] {
          let disk = SimDisk(seed: seed &+ UInt64(operation))
          disk.failOperation(operation, fault)
          let place = "seed \(seed), \(fault) at operation \(operation), then \(mode)"
          let done = try run(on: disk) { (session, done) throws in
            // The session that met the failure still serves the old state.
            let seen = try observe(session)
            #expect(seen == golden.observations[done], Comment(rawValue: place))
          }
          try check(disk.reopened(mode), golden.observations, done, place)
        }
      }
    }
    return Report(
      operations: golden.operations,
      runs: golden.operations * SimDisk.Fault.allCases.count)
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

  private func check(
    _ disk: SimDisk, _ golden: [Observation], _ done: Int, _ place: String
  ) throws {
    let comment = Comment(rawValue: place)
    do {
      var session: Session? = try open(disk)
      guard let first = session else { return }
      let allowed = golden[done...min(done + 1, golden.count - 1)]
      let seen = try observe(first)
      #expect(allowed.contains(seen), comment)
      for step in goOn { try step.run(first) }
      let after = try observe(first)
      #expect(after != seen, comment)
      session = nil
      let reopened = try open(disk.reopened(.loseUnsynced))
      #expect(try observe(reopened) == after, comment)
    } catch {
      Issue.record("\(place): \(error)")
    }
  }
}
