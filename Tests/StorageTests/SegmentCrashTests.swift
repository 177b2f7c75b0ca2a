import Base
import Testing
import Vectors

@testable import Storage

@Suite("segments, crashes")
struct SegmentCrashTests {
  typealias Sweep = CrashSweep<DatabaseDirectory, [String: [String]]>

  private static let columns = SegmentSample.narrow
  /// Sorting spills several runs.
  private static let options = SegmentOptions(
    groupRows: 1024, segmentRows: 250, sorting: SortBudget(storeBytes: 12_000, blockBytes: 4000))

  private static func load(_ rows: Int, into name: String, _ directory: DatabaseDirectory) throws {
    let table = try Sample.find(name, directory)
    try SegmentSample.load(
      SegmentSample.rows(columns, rows, seed: UInt64(rows)), into: table, directory,
      options: options)
  }

  private static func create(_ name: String, _ directory: DatabaseDirectory) throws {
    let id = "id-\(name)-\(directory.state.version)"
    let table = SegmentSample.table(columns, SegmentSample.sky, name: name, id: id)
    try directory.commit([.createTable(table)])
  }

  /// All rows of all tables, through segments that are whole.
  private static func observe(_ directory: DatabaseDirectory) throws -> [String: [String]] {
    var seen: [String: [String]] = [:]
    for table in directory.state.tables {
      var rows: [String] = []
      for stored in table.segments {
        let segment = try Segment(stored, of: table, in: directory, cache: ChunkCache())
        try segment.verify()
        for group in 0..<segment.groupCount { _ = segment.zone(ofGroup: group) }
        rows += try SegmentSample.texts(segment, [0, 2])
      }
      seen[table.name] = rows
    }
    return seen
  }

  private func sweep(_ seed: UInt64) -> Sweep {
    CrashSweep(
      seed: seed,
      open: { disk in
        try DatabaseDirectory.open(
          "sky.zij", disk: disk, mode: .createIfMissing, random: SeededRandom(seed: seed))
      },
      steps: [
        .init("create") { try Self.create("stars", $0) },
        // Two segments in one commit.
        .init("import") { try Self.load(300, into: "stars", $0) },
        .init("drop") { try Sample.drop("stars", $0) },
      ],
      observe: Self.observe,
      goOn: [
        .init("create") { try Self.create("later\($0.state.version)", $0) },
        .init("import") { directory in
          try Self.load(40, into: #require(directory.state.tables.last).name, directory)
        },
      ])
  }

  @Test("create, import, drop: a crash at any operation loses nothing acknowledged")
  func crashes() throws {
    let report = try sweep(1).crashEverywhere()
    #expect(report.operations > 40)
  }

  @Test("create, import, drop: a failure of any operation leaves the old or the new state")
  func failures() throws { _ = try sweep(2).failEverywhere() }

  @Test("a full disk at any operation of an import leaves nothing behind", arguments: [
    SimDisk.Fault.noSpace, .inputOutput,
  ])
  func fullDisk(fault: SimDisk.Fault) throws {
    let table = SegmentSample.table(Self.columns, SegmentSample.sky)
    let batches = SegmentSample.rows(Self.columns, 600, seed: 3)
    /// The operations of an import from its first to its last, and the files it should leave.
    func load(failing operation: Int?) throws -> (operations: Int, files: [String], failed: Bool) {
      let disk = SimDisk(seed: 1)
      let directory = try SegmentSample.open(disk)
      try directory.commit([.createTable(table)])
      let before = disk.operationCount
      if let operation { disk.failOperation(before + operation, fault) }
      do {
        let loader = try TableLoader(directory, table: table, options: Self.options)
        for batch in batches { try loader.append(batch) }
        _ = try loader.finish()
        return (
          disk.operationCount - before, try Sample.files(disk, "sky.zij/tables"), false
        )
      } catch {
        return (0, try Sample.files(disk, "sky.zij/tables"), true)
      }
    }
    let golden = try load(failing: nil)
    #expect(golden.files.count == 6 && !golden.files.contains { $0.contains("/_") })
    var failures = 0
    for operation in 1...golden.operations {
      let result = try load(failing: operation)
      // A run that cannot be removed is no reason to fail: the next start empties `temp`.
      failures += result.failed ? 1 : 0
      let expected = result.failed ? 0 : golden.files.count
      #expect(result.files.count == expected, "operation \(operation): \(result.files)")
    }
    #expect(failures > golden.operations / 2 && failures < golden.operations)
  }

  @Test("a disk of any size that is too small leaves nothing behind")
  func smallDisk() throws {
    let table = SegmentSample.table(Self.columns, SegmentSample.sky)
    let batches = SegmentSample.rows(Self.columns, 600, seed: 3)
    for capacity in stride(from: 1000, to: 20_000, by: 500) {
      let disk = SimDisk(seed: 1)
      let directory = try SegmentSample.open(disk)
      try directory.commit([.createTable(table)])
      disk.capacityBytes = disk.usedBytes + capacity
      let loader = try TableLoader(directory, table: table, options: Self.options)
      let error = #expect(throws: SQLError.self) {
        for batch in batches { try loader.append(batch) }
        _ = try loader.finish()
      }
      #expect(error?.state == .diskFull)
      #expect(try Sample.files(disk, "sky.zij/tables").isEmpty)
    }
  }

  @Test("a loader that is given up leaves nothing behind")
  func abandoned() throws {
    let disk = SimDisk(seed: 1)
    let directory = try SegmentSample.open(disk)
    let table = SegmentSample.table(Self.columns)
    for calls in [true, false] {
      let loader = try TableLoader(directory, table: table, options: Self.options)
      // Enough that a part of them no longer waits.
      for batch in SegmentSample.rows(Self.columns, 600, seed: 3) {
        for _ in 0..<120 { try loader.append(batch) }
      }
      #expect(try !Sample.files(disk, "sky.zij/tables").isEmpty)
      if calls { loader.abandon() }
      withExtendedLifetime(loader) {}
    }
    #expect(try Sample.files(disk, "sky.zij/tables").isEmpty)
  }
}
