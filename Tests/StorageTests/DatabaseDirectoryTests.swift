import Base
import Testing

@testable import Storage

@Suite("database directory")
struct DatabaseDirectoryTests {
  @Test("what was committed is there after closing")
  func reopen() throws {
    let disk = SimDisk(seed: 1)
    let first = try Sample.open(disk)
    try Sample.createTable("stars", first)
    try Sample.addSegment(to: "stars", bytes: 300, first)
    let state = first.state
    first.close()
    let second = try Sample.open(disk, .readWrite)
    #expect(second.state == state)
    #expect(state.version == 3)
    #expect(try Sample.files(disk, "sky.zij").count == 3)
  }

  @Test("one writer or many readers")
  func locking() throws {
    let disk = SimDisk(seed: 1)
    let writer = try DatabaseDirectory.open(
      "sky.zij", disk: disk, mode: .createIfMissing, holder: "pid 12 (zij)")
    for mode in [DatabaseDirectory.Mode.readWrite, .createIfMissing, .readOnly] {
      let error = #expect(throws: SQLError.self) { try Sample.open(disk, mode) }
      #expect(error?.state == .objectInUse)
      #expect(error?.message.contains("pid 12 (zij)") == true)
    }
    writer.close()
    let readers = try [Sample.open(disk, .readOnly), Sample.open(disk, .readOnly)]
    let error = #expect(throws: SQLError.self) { try Sample.open(disk, .readWrite) }
    #expect(error?.message.contains("readers") == true)
    for reader in readers { reader.close() }
    _ = try Sample.open(disk, .readWrite)
  }

  @Test("a reader writes nothing")
  func readOnly() throws {
    let disk = SimDisk(seed: 1)
    let writer = try Sample.open(disk)
    try Sample.createTable("stars", writer)
    writer.close()
    disk.place([1], at: "sky.zij/temp/zij-x")
    let before = disk.operationCount
    let reader = try Sample.open(disk, .readOnly)
    #expect(reader.state == writer.state)
    for attempt in [
      { _ = try reader.commit([.dropTable(id: "x")]) },
      { _ = try reader.newSegmentPath(tableID: "x") },
    ] {
      let error = #expect(throws: SQLError.self) { try attempt() }
      #expect(error?.state == .readOnlyTransaction)
    }
    #expect(disk.operationCount == before)
  }

  @Test("other directories and files are refused and left alone")
  func notDatabases() throws {
    let disk = SimDisk(seed: 1)
    disk.place([1], at: "photos/cat.jpg")
    disk.place([1], at: "file")
    disk.place([1], at: "lost/tables/x/1.orc")
    try disk.createDirectory("empty")
    let cases: [(String, DatabaseDirectory.Mode, SQLState)] = [
      ("photos", .createIfMissing, .invalidParameterValue),
      ("photos", .readOnly, .invalidParameterValue),
      ("file", .createIfMissing, .invalidParameterValue),
      ("lost", .createIfMissing, .invalidParameterValue),
      ("empty", .readWrite, .invalidParameterValue),
      ("none", .readWrite, .undefinedFile),
      ("none", .readOnly, .undefinedFile),
      ("no/where", .createIfMissing, .undefinedFile),
    ]
    for (path, mode, state) in cases {
      let error = #expect(throws: SQLError.self) { try Sample.open(disk, mode, path: path) }
      #expect(error?.state == state, "\(path)")
      #expect(error?.message.contains("\"\(path)") == true)
    }
    #expect(try disk.list("photos") == ["cat.jpg"])
    _ = try Sample.open(disk, path: "empty/")
    #expect(disk.kind(of: "empty/manifest") == .directory)
  }

  @Test("files of dropped tables stay while a pin needs them")
  func pins() throws {
    let disk = SimDisk(seed: 1)
    let directory = try Sample.open(disk)
    try Sample.createTable("stars", directory)
    try Sample.addSegment(to: "stars", bytes: 100, directory)
    let segment = try #require(directory.state.tables.first?.segments.first)
    disk.place([1], at: directory.absolute(SegmentPath.sidecar(of: segment.path)))
    var old: PinnedState? = directory.pin()
    var same: PinnedState? = directory.pin()
    try Sample.drop("stars", directory)
    let new = directory.pin()
    #expect(new.state.tables.isEmpty)
    #expect(try Sample.contents(segment, directory).count == 100)
    same = nil
    #expect(try Sample.contents(segment, directory).count == 100)
    #expect(old?.state.tables.count == 1 && same == nil)
    old = nil
    #expect(try disk.list("sky.zij/tables").isEmpty)
    withExtendedLifetime(new) {}
  }

  @Test("a start removes what was not committed, and nothing else")
  func sweep() throws {
    let disk = SimDisk(seed: 1)
    let first = try Sample.open(disk)
    try Sample.createTable("stars", first)
    try Sample.addSegment(to: "stars", bytes: 100, first)
    let table = try Sample.find("stars", first)
    let kept = try #require(table.segments.first).path
    _ = try Sample.writeSegment(of: table, bytes: 50, first)
    first.close()
    let sidecar = SegmentPath.sidecar(of: kept)
    for path in [
      sidecar, "tables/\(table.id)/_000009-x.orc", "temp/zij-copy-2", "tables/gone/1.orc",
      "manifest/_00000000000000000009.manifest", "manifest/00000000000000000000.manifest",
    ] { disk.place([1], at: "sky.zij/" + path) }
    let second = try Sample.open(disk)
    let manifest = try #require(disk.list("sky.zij/manifest").first)
    #expect(
      try Sample.files(disk, "sky.zij") == [
        "sky.zij/LOCK", "sky.zij/manifest/" + manifest, "sky.zij/" + sidecar, "sky.zij/" + kept,
      ])
    #expect(try disk.list("sky.zij/tables") == [table.id])
    withExtendedLifetime(second) {}
  }

  @Test("a failed sync makes the database read-only, and says so")
  func failedSync() throws {
    let disk = SimDisk(seed: 1)
    let directory = try Sample.open(disk)
    try Sample.createTable("a", directory)
    // The commit is two operations: write and sync.
    disk.failOperation(disk.operationCount + 2, .inputOutput)
    let error = #expect(throws: SQLError.self) { try Sample.createTable("b", directory) }
    #expect(error?.state == .ioError)
    let later = #expect(throws: SQLError.self) { try Sample.createTable("c", directory) }
    #expect(later?.state == .readOnlyTransaction)
    #expect(later?.message.contains("input/output error") == true)
    #expect(directory.state.tables.map(\.name) == ["a"])
  }

  @Test("a full disk refuses the commit; with space again, the next one succeeds")
  func fullDisk() throws {
    let disk = SimDisk(seed: 1)
    let directory = try Sample.open(disk)
    try Sample.createTable("a", directory)
    for spare in [0, 1, 39, 40, 100] {
      disk.capacityBytes = disk.usedBytes + spare
      let error = #expect(throws: SQLError.self) { try Sample.createTable("b", directory) }
      #expect(error?.state == .diskFull)
      disk.capacityBytes = .max
      let name = "spare \(spare)"
      try Sample.createTable(name, directory)
      #expect(directory.state.tables.last?.name == name)
    }
    directory.close()
    #expect(try Sample.open(disk).state == directory.state)
  }

  @Test("a long history begins a new file")
  func rotation() throws {
    let disk = SimDisk(seed: 1)
    let directory = try DatabaseDirectory.open(
      "sky.zij", disk, .createIfMissing, SeededRandom(seed: 1), holder: "",
      Manifest.Limits(recordCount: 10))
    try Sample.createTable("t0", directory)
    for index in 1...50 { try Sample.rename("t\(index - 1)", to: "t\(index)", directory) }
    #expect(try disk.list("sky.zij/manifest") == ["00000000000000000051.manifest"])
    let state = directory.state
    directory.close()
    #expect(try Sample.open(disk).state == state)
  }

  @Test("ten thousand segments open at once")
  func many() throws {
    let disk = SimDisk(seed: 1)
    let directory = try Sample.open(disk)
    try Sample.createTable("stars", directory)
    let id = try Sample.find("stars", directory).id
    let segments = (0..<10_000).map { index in
      StoredSegment(
        id: "s\(index)", path: "tables/\(id)/\(index).orc", rowCount: 1, sizeBytes: 1, checksum: 1)
    }
    try directory.commit(segments.map { .addSegment(tableID: id, $0) })
    try directory.commit(
      segments.dropFirst(5000).map { .removeSegment(tableID: id, segmentID: $0.id) })
    #expect(directory.state.tables.first?.segments.count == 5000)
    directory.close()
    let start = SystemClock().monotonicNS()
    let again = try Sample.open(disk)
    let milliseconds = (SystemClock().monotonicNS() - start) / 1_000_000
    #expect(again.state == directory.state)
    // Unoptimised code on a busy machine: only a quadratic loop would take this long.
    #expect(milliseconds < 10_000)
  }
}
