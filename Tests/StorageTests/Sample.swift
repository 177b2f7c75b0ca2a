import Base
import Storage
import Testing

/// Small databases with arbitrary bytes for segments, made along the path that real ones take.
enum Sample {
  static let columns = [
    StoredColumn(
      id: 1, name: "ra", type: "double", isNullable: false, unit: "deg", ucd: "pos.eq.ra"),
    StoredColumn(id: 2, name: "dec", type: "double", description: "Declination, ICRS – δ"),
    StoredColumn(id: 3, name: "_healpix_29", type: "bigint", isHidden: true, utype: "x:y"),
  ]

  static func open(
    _ disk: any Disk, _ mode: DatabaseDirectory.Mode = .createIfMissing, path: String = "sky.zij",
    seed: UInt64 = 1
  ) throws -> DatabaseDirectory {
    try DatabaseDirectory.open(path, disk: disk, mode: mode, random: SeededRandom(seed: seed))
  }

  static func table(_ name: String, id: String) -> StoredTable {
    StoredTable(
      id: id, schema: "sky", name: name, columns: columns,
      clustering: .sky(lon: "ra", lat: "dec"), description: "A sample", options: ["a": "1"])
  }

  static func createTable(_ name: String, _ directory: DatabaseDirectory) throws {
    let version = directory.state.version
    try directory.commit([.createTable(table(name, id: "id-\(name)-\(version)"))])
  }

  static func find(_ name: String, _ directory: DatabaseDirectory) throws -> StoredTable {
    try #require(directory.state.table(schema: "sky", name: name))
  }

  /// Writes, syncs and publishes a segment file, without telling the manifest.
  static func writeSegment(
    of table: StoredTable, bytes count: Int, _ directory: DatabaseDirectory
  ) throws -> StoredSegment {
    let path = try directory.newSegmentPath(tableID: table.id)
    let random = SeededRandom(seed: UInt64(count) &+ directory.state.version)
    let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let file = try directory.disk.create(directory.absolute(path.temporary), replacing: false)
    // In two writes, so that a crash can come between.
    for part in [bytes.prefix(count / 3), bytes.dropFirst(count / 3)] {
      try Array(part).withUnsafeBytes { try file.write($0) }
    }
    try file.sync()
    try file.close()
    try directory.publish(path)
    return StoredSegment(
      id: path.id, path: path.final, rowCount: count / 8, sizeBytes: count,
      checksum: bytes.withUnsafeBytes { CRC32C.checksum($0) }, sortedBy: ["_healpix_29"])
  }

  static func addSegment(to name: String, bytes: Int, _ directory: DatabaseDirectory) throws {
    let table = try find(name, directory)
    let segment = try writeSegment(of: table, bytes: bytes, directory)
    try directory.commit([.addSegment(tableID: table.id, segment)])
  }

  static func replaceAll(of name: String, bytes: Int, _ directory: DatabaseDirectory) throws {
    let table = try find(name, directory)
    let segment = try writeSegment(of: table, bytes: bytes, directory)
    try directory.commit(
      table.segments.map { .removeSegment(tableID: table.id, segmentID: $0.id) }
        + [.addSegment(tableID: table.id, segment)])
  }

  static func drop(_ name: String, _ directory: DatabaseDirectory) throws {
    try directory.commit([.dropTable(id: try find(name, directory).id)])
  }

  static func rename(_ name: String, to new: String, _ directory: DatabaseDirectory) throws {
    let id = try find(name, directory).id
    try directory.commit([.renameTable(id: id, schema: "sky", name: new)])
  }

  /// The bytes of a segment, whose size and checksum must be right.
  static func contents(_ segment: StoredSegment, _ directory: DatabaseDirectory) throws -> [UInt8] {
    let file = try directory.disk.open(directory.absolute(segment.path))
    let region = try file.read(at: 0, count: file.sizeBytes)
    try #require(region.count == segment.sizeBytes)
    try #require(CRC32C.checksum(region) == segment.checksum)
    return region.bytes
  }

  /// All files of a database, sorted.
  static func files(_ disk: any Disk, _ path: String) throws -> [String] {
    var all: [String] = []
    for name in try disk.list(path) {
      let inner = path + "/" + name
      if disk.kind(of: inner) == .directory {
        all += try files(disk, inner)
      } else {
        all.append(inner)
      }
    }
    return all
  }
}
