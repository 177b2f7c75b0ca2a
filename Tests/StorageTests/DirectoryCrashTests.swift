import Base
import Testing

@testable import Storage

@Suite("database directory, crashes")
struct DirectoryCrashTests {
  typealias Sweep = CrashSweep<DatabaseDirectory, Observation>

  /// Tables by name with the contents of their files.
  struct Observation: Equatable {
    var tables: [String: [[UInt8]]] = [:]
  }

  @Test("a crash at any operation loses nothing acknowledged", arguments: [1, 2, 3] as [UInt64])
  func crashes(seed: UInt64) throws {
    let report = try sweep(seed).crashEverywhere()
    #expect(report.operations > 60)
  }

  @Test("a failure of any operation leaves the old or the new state")
  func failures() throws { _ = try sweep(4).failEverywhere() }

  @Test("a crash while going on after a crash")
  func twice() throws { _ = try sweep(7).crashTwice() }

  @Test("a crash soon after a full disk")
  func failThenCrash() throws { _ = try sweep(9).failThenCrash(distance: 12) }

  /// Both records are larger than a sector, and both may leave some of theirs: written over each
  /// other they would look like damage.
  @Test("a torn commit where another was cut off before")
  func twoTornTails() throws {
    func create(_ name: String, _ directory: DatabaseDirectory) throws {
      var table = Sample.table(name, id: name)
      table.description = String(repeating: name, count: 3000)
      try directory.commit([.createTable(table)])
    }
    for seed in 0..<100 {
      let fresh = SimDisk(seed: UInt64(seed))
      try Sample.open(fresh).close()
      let first = fresh.reopened()
      let directory = try Sample.open(first)
      // Syncing the folder, opening the file, writing, and the sync that never comes back.
      first.crash(after: first.operationCount + 4, mode: .tearRandomly)
      #expect(throws: SQLError.self) { try create("a", directory) }
      let disk = first.reopened()
      let before = try Sample.open(disk).state.tables.count
      for later in 1...5 {
        let copy = disk.reopened()
        let next = try Sample.open(copy)
        copy.crash(after: copy.operationCount + later, mode: .tearRandomly)
        try? create("b", next)
        let tables = try Sample.open(copy.reopened()).state.tables
        #expect(tables.count >= before, "seed \(seed), \(later) operations later")
      }
    }
  }

  @Test("short manifest files: crashes while the log is rotated", arguments: [5] as [UInt64])
  func rotation(seed: UInt64) throws {
    let many = (0..<6).map { index in
      Sweep.Step("rename \(index)") { directory in
        let table = try #require(directory.state.tables.first)
        try directory.commit([.renameTable(id: table.id, schema: "sky", name: "t\(index)")])
      }
    }
    let sweep = sweep(
      seed, limits: Manifest.Limits(recordCount: 3),
      steps: [.init("create") { try Sample.createTable("stars", $0) }] + many)
    _ = try sweep.crashEverywhere()
    _ = try sweep.failEverywhere()
  }

  private func sweep(
    _ seed: UInt64, limits: Manifest.Limits = Manifest.Limits(), steps: [Sweep.Step] = Self.steps
  ) -> Sweep {
    CrashSweep(
      seed: seed,
      open: { disk in
        try DatabaseDirectory.open(
          "sky.zij", disk, .createIfMissing, SeededRandom(seed: seed), holder: "test", limits)
      },
      steps: steps, observe: Self.observe,
      goOn: [
        .init("create") { directory in
          let name = "later\(directory.state.version)"
          try Sample.createTable(name, directory)
        },
        .init("load") { directory in
          let name = try #require(directory.state.tables.last).name
          try Sample.addSegment(to: name, bytes: 700, directory)
        },
      ])
  }

  static let steps: [Sweep.Step] = [
    .init("create table") { try Sample.createTable("stars", $0) },
    .init("segment 1") { try Sample.addSegment(to: "stars", bytes: 100, $0) },
    .init("segment 2") { try Sample.addSegment(to: "stars", bytes: 1500, $0) },
    .init("segment 3") { try Sample.addSegment(to: "stars", bytes: 512, $0) },
    .init("create another") { try Sample.createTable("dropped", $0) },
    .init("its segment") { try Sample.addSegment(to: "dropped", bytes: 600, $0) },
    .init("drop") { try Sample.drop("dropped", $0) },
    .init("replace") { try Sample.replaceAll(of: "stars", bytes: 2000, $0) },
    .init("rename") { try Sample.rename("stars", to: "suns", $0) },
  ]

  static func observe(_ directory: DatabaseDirectory) throws -> Observation {
    var seen = Observation()
    for table in directory.state.tables {
      seen.tables[table.name] = try table.segments.map { try Sample.contents($0, directory) }
    }
    return seen
  }
}
