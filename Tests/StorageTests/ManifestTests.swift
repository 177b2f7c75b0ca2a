import Base
import Testing

@testable import Storage

@Suite("manifest")
struct ManifestTests {
  static let segment = StoredSegment(
    id: "s1", path: "tables/t/000001-s1.orc", rowCount: .max, sizeBytes: 1 << 40,
    checksum: .max, sortedBy: ["_healpix_29", "ra"], schemaVersion: 3)

  static let plain = StoredTable(id: "t0", schema: "", name: "", columns: [])
  static let full = StoredTable(
    id: "t1", schema: "gaia", name: "source – δ", columns: Sample.columns,
    clustering: .columns(["a", "b"]), description: "", schemaVersion: 9,
    options: ["x": "", "y": "1"], segments: [segment])

  static let changes: [ManifestChange] = [
    .createTable(plain), .createTable(full), .createTable(Sample.table("sky", id: "t2")),
    .dropTable(id: "t0"), .renameTable(id: "t1", schema: "dr3", name: "gaia_source"),
    .alterTable(full), .addSegment(tableID: "t1", segment),
    .removeSegment(tableID: "t1", segmentID: "s1"),
  ]

  @Test("every kind of change comes back as it was", arguments: changes)
  func roundTrip(_ change: ManifestChange) throws {
    let record = ManifestRecord(version: 7, previousHash: 99, contents: .delta([change, change]))
    #expect(try Self.decode(record.encoded()) == record)
  }

  @Test("a full state comes back as it was")
  func fullRoundTrip() throws {
    let record = ManifestRecord(
      version: .max, previousHash: .max, contents: .full([Self.plain, Self.full]))
    #expect(try Self.decode(record.encoded()) == record)
  }

  static func decode(_ bytes: ByteRegion) throws -> ManifestRecord {
    let header = try #require(ManifestRecord.Header(bytes, at: 0))
    try #require(ManifestRecord.isSound(bytes, at: 0, header))
    try #require(header.recordBytes == bytes.count)
    return try ManifestRecord(bytes, at: 0, header)
  }

  @Test("unknown fields are passed over, unless they are critical")
  func unknownFields() throws {
    var fields = FieldWriter()
    Self.segment.write(to: &fields)
    fields.put(77, 5)
    fields.put(78, "later")
    #expect(try StoredSegment(ByteRegion(copying: fields.bytes)) == Self.segment)
    fields.put(79, 5, critical: true)
    let error = #expect(throws: SQLError.self) {
      try StoredSegment(ByteRegion(copying: fields.bytes))
    }
    #expect(error?.state == .featureNotSupported)
  }

  @Test("unknown critical flags refuse the database, naming the file")
  func criticalFlags() throws {
    var record = ManifestRecord(version: 1, previousHash: 0, contents: .full([]))
    record.criticalFlags = 0x10
    let bytes = try record.encoded()
    let error = #expect(throws: SQLError.self) { try ManifestLog(bytes, path: "m") }
    #expect(error?.state == .featureNotSupported)
    #expect(error?.message.contains("flags 0x10") == true)
    #expect(error?.message.contains("\"m\"") == true)
  }

  @Test(
    "segment paths do not leave the database",
    arguments: ["", "/etc/passwd", "../x", "a/../../b", "a//b", "./a", "a/"])
  func paths(_ path: String) throws {
    var bad = Self.segment
    bad.path = path
    let region = ByteRegion(copying: bad.encoded)
    #expect(throws: SQLError.self) { try StoredSegment(region) }
  }

  @Test("rows and sizes beyond 63 bits are refused, not trapped on")
  func numbers() throws {
    var fields = FieldWriter()
    fields.put(3, -1)
    #expect(throws: SQLError.self) { try StoredSegment(ByteRegion(copying: fields.bytes)) }
    var checksum = FieldWriter()
    checksum.put(5, 1 << 32)
    #expect(throws: SQLError.self) { try StoredSegment(ByteRegion(copying: checksum.bytes)) }
  }

  @Test("changes that do not fit are refused and change nothing")
  func misfits() throws {
    let start = try DatabaseState(version: 1).applying([.createTable(Self.full)])
    let other = StoredTable(id: "t9", schema: "a", name: "b", columns: [])
    let cases: [(ManifestChange, SQLState)] = [
      (.createTable(Self.full), .duplicateTable),
      (.createTable(StoredTable(id: "t1", schema: "a", name: "b", columns: [])), .duplicateTable),
      (.dropTable(id: "none"), .undefinedTable),
      (.renameTable(id: "none", schema: "a", name: "b"), .undefinedTable),
      (.alterTable(other), .undefinedTable),
      (.addSegment(tableID: "none", Self.segment), .undefinedTable),
      (.addSegment(tableID: "t1", Self.segment), .internalError),
      (.removeSegment(tableID: "t1", segmentID: "none"), .objectInUse),
      (.removeSegment(tableID: "none", segmentID: "s1"), .undefinedTable),
    ]
    for (change, state) in cases {
      let error = #expect(throws: SQLError.self) { try start.applying([change]) }
      #expect(error?.state == state, "\(change)")
    }
    let two = try start.applying([.createTable(other)])
    let error = #expect(throws: SQLError.self) {
      try two.applying([.renameTable(id: "t9", schema: "gaia", name: "source – δ")])
    }
    #expect(error?.state == .duplicateTable)
  }
}
