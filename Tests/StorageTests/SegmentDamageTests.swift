import Base
import Testing
import Vectors

@testable import Storage

@Suite("segments, damage")
struct SegmentDamageTests {
  /// A loaded table on a disk of its own.
  private struct Loaded {
    let disk = SimDisk(seed: 1)
    let directory: DatabaseDirectory
    let table = SegmentSample.table(SegmentSample.narrow, SegmentSample.sky)
    let stored: StoredSegment

    init(rows: Int = 1500) throws {
      directory = try SegmentSample.open(disk)
      let batches = SegmentSample.rows(SegmentSample.narrow, rows, seed: 4)
      let options = SegmentOptions(groupRows: 1024)
      stored = try #require(
        try SegmentSample.load(batches, into: table, directory, options: options).first)
    }

    var path: String { directory.absolute(stored.path) }
    var sidecarPath: String { SegmentPath.sidecar(of: path) }

    func open() throws -> Segment {
      try Segment(stored, of: table, in: directory, cache: ChunkCache())
    }

    /// All that is known without reading.
    func zones(_ segment: Segment) -> [String] {
      (0..<segment.groupCount).map { group in
        let columns = table.columns.indices.map { segment.columnZone(ofGroup: group, column: $0) }
        return "\(segment.zone(ofGroup: group)) \(columns)"
      }
    }
  }

  @Test("a sidecar that is missing is rebuilt and says the same")
  func missingSidecar() throws {
    let loaded = try Loaded()
    let good = try loaded.open()
    #expect(good.sidecar != nil)
    let expected = loaded.zones(good)
    try loaded.disk.remove(loaded.sidecarPath)
    let segment = try loaded.open()
    #expect(segment.sidecar == nil)
    #expect(loaded.zones(segment) == expected)
  }

  @Test("a sidecar with any byte changed, or cut short anywhere, says the same or is rebuilt")
  func damagedSidecar() throws {
    let loaded = try Loaded()
    let expected = loaded.zones(try loaded.open())
    let bytes = try #require(loaded.disk.contents(of: loaded.sidecarPath))
    for position in bytes.indices {
      var damaged = bytes
      damaged[position] ^= 0x40
      loaded.disk.place(damaged, at: loaded.sidecarPath)
      #expect(loaded.zones(try loaded.open()) == expected, "byte \(position)")
      guard position % 7 == 0 else { continue }
      loaded.disk.place(Array(bytes.prefix(position)), at: loaded.sidecarPath)
      #expect(loaded.zones(try loaded.open()) == expected, "\(position) bytes left")
    }
  }

  @Test("another segment's sidecar is not believed")
  func foreignSidecar() throws {
    let loaded = try Loaded()
    let other = try Loaded(rows: 1499)
    let bytes = try #require(other.disk.contents(of: other.sidecarPath))
    loaded.disk.place(bytes, at: loaded.sidecarPath)
    #expect(try loaded.open().sidecar == nil)
  }

  @Test("a segment cut short is an error that names the file", arguments: [0, 1, 100, -1])
  func truncated(length: Int) throws {
    let loaded = try Loaded()
    let bytes = try #require(loaded.disk.contents(of: loaded.path))
    let kept = length < 0 ? bytes.count + length : length
    loaded.disk.place(Array(bytes.prefix(kept)), at: loaded.path)
    let error = #expect(throws: SQLError.self) { try loaded.open() }
    #expect(error?.state == .dataCorrupted)
    #expect(error?.message.contains(loaded.path) == true)
  }

  @Test("a missing segment is an error that names the file")
  func missing() throws {
    let loaded = try Loaded()
    try loaded.disk.remove(loaded.path)
    let error = #expect(throws: SQLError.self) { try loaded.open() }
    #expect(error?.message.contains(loaded.path) == true)
  }

  @Test("any changed byte is found by verifying, and reading never traps")
  func changedBytes() throws {
    let loaded = try Loaded(rows: 200)
    let bytes = try #require(loaded.disk.contents(of: loaded.path))
    var refused = 0
    for position in bytes.indices where position % 3 == 0 {
      var damaged = bytes
      damaged[position] ^= 0x81
      loaded.disk.place(damaged, at: loaded.path)
      do {
        let segment = try loaded.open()
        #expect(throws: SQLError.self) { try segment.verify() }
        _ = loaded.zones(segment)
        for group in 0..<segment.groupCount {
          _ = try segment.read(group: group, columns: Array(loaded.table.columns.indices))
        }
      } catch let error as SQLError {
        refused += 1
        #expect(error.message.contains(loaded.path), "\(error)")
      }
    }
    #expect(refused > 10)
  }
}
