import Base
import Sky

/// The index beside a segment; see `SidecarFormat`. Chunks are read when they are asked for, and between
/// that the file is closed: every segment keeps one open already.
///
/// It holds nothing that the segment does not tell: whoever meets an error here rebuilds it.
struct Sidecar: Sendable {
  let identity: SidecarIdentity
  let groupCount: Int
  let columnCount: Int
  private let disk: any Disk
  private let path: String
  private let chunks: [Chunk]

  private struct Chunk: Sendable {
    let range: Range<Int>
    let checksum: UInt32
    let kind: UInt32
  }

  /// Reads the header and nothing else.
  init(_ path: String, on disk: any Disk) throws(SQLError) {
    self.disk = disk
    self.path = path
    let file = try disk.open(path)
    let fixed = SidecarFormat.fixedHeaderBytes
    var reader = ByteReader(try file.read(at: 0, count: fixed))
    let magic = try reader.read(SidecarFormat.magic.count)
    let version = try reader.readLittleEndian(UInt32.self)
    guard magic.bytes == SidecarFormat.magic, version == SidecarFormat.version else {
      throw Self.damaged(path, "not a sidecar of version \(SidecarFormat.version)")
    }
    let checksum = try reader.readLittleEndian(UInt32.self)
    identity = SidecarIdentity(
      rowCount: Int(truncatingIfNeeded: try reader.readLittleEndian(UInt64.self)),
      sizeBytes: Int(truncatingIfNeeded: try reader.readLittleEndian(UInt64.self)),
      checksum: try reader.readLittleEndian(UInt32.self))
    groupCount = Int(try reader.readLittleEndian(UInt32.self))
    columnCount = Int(try reader.readLittleEndian(UInt32.self))
    guard groupCount <= SidecarFormat.maximumGroups, columnCount <= SidecarFormat.maximumColumns
    else { throw Self.damaged(path, "\(groupCount) groups of \(columnCount) columns") }
    let headerBytes = fixed + (columnCount + 1) * SidecarFormat.entryBytes
    let header = try file.read(at: 16, count: headerBytes - 16)
    guard CRC32C.checksum(header) == checksum else { throw Self.damaged(path, "header") }
    var entries = ByteReader(header[fixed - 16..<header.count])
    var chunks: [Chunk] = []
    for _ in 0...columnCount {
      let offset = try entries.readLittleEndian(UInt64.self)
      let size = try entries.readLittleEndian(UInt64.self)
      let end = offset.addingReportingOverflow(size)
      guard !end.overflow, end.partialValue <= UInt64(file.sizeBytes) else {
        throw Self.damaged(path, "chunk behind the end")
      }
      chunks.append(
        Chunk(
          range: Int(offset)..<Int(end.partialValue),
          checksum: try entries.readLittleEndian(UInt32.self),
          kind: try entries.readLittleEndian(UInt32.self)))
    }
    self.chunks = chunks
  }

  /// Rows and places of all groups; no places if the sidecar has none.
  func groups() throws(SQLError) -> (rowCounts: [UInt32], sky: [GroupZone]) {
    let hasSky = chunks[0].kind != 0
    let expected = SidecarFormat.groupsBytes(hasSky: hasSky, groups: groupCount)
    var reader = ByteReader(try chunk(0, expectedBytes: expected))
    let rowCounts = try reader.numbers(UInt32.self, groupCount)
    guard hasSky else { return (rowCounts, []) }
    typealias Flag = SidecarFormat.Flag
    let flags = try reader.numbers(UInt8.self, groupCount)
    let outsideCounts = try reader.numbers(UInt32.self, groupCount)
    let lowers = try reader.numbers(Int64.self, groupCount)
    let uppers = try reader.numbers(Int64.self, groupCount)
    let occupancies = try reader.numbers(UInt64.self, groupCount)
    let caps = try reader.numbers(UInt64.self, groupCount * 4)
    let sky = (0..<groupCount).map { group in
      var zone = GroupZone(outsideCount: Int(outsideCounts[group]))
      if flags[group] & Flag.hasCells != 0 {
        zone.cells = HEALPixRange(lower: lowers[group], upper: uppers[group])
      }
      if flags[group] & Flag.hasOccupancy != 0 { zone.occupancy = occupancies[group] }
      if flags[group] & Flag.hasCap != 0 {
        let numbers = caps[group * 4..<group * 4 + 4].map { Double(bitPattern: $0) }
        zone.cap = BoundingCap(
          center: UnitVector(x: numbers[0], y: numbers[1], z: numbers[2]), radiusDeg: numbers[3])
      }
      return zone
    }
    return (rowCounts, sky)
  }

  /// The zones of one column of the file.
  func column(_ column: Int) throws(SQLError) -> ColumnZones {
    guard column >= 0, column < columnCount else { throw Self.damaged(path, "no such column") }
    let tag = chunks[column + 1].kind
    guard let kind = UInt8(exactly: tag).flatMap({ ColumnZones.Kind(rawValue: $0) }) else {
      throw Self.damaged(path, "unknown kind of column")
    }
    let expected = SidecarFormat.columnBytes(kind, groups: groupCount)
    var reader = ByteReader(try chunk(column + 1, expectedBytes: expected))
    var zones = ColumnZones(kind)
    switch kind {
    case .none: break
    case .integers:
      let numbers = try reader.numbers(Int64.self, groupCount * 2)
      zones.integerBounds = (0..<groupCount).map {
        IntegerBounds(minimum: numbers[$0 * 2], maximum: numbers[$0 * 2 + 1])
      }
    case .floats:
      let numbers = try reader.numbers(UInt64.self, groupCount * 2)
      zones.floatBounds = (0..<groupCount).map {
        FloatBounds(
          minimum: Double(bitPattern: numbers[$0 * 2]),
          maximum: Double(bitPattern: numbers[$0 * 2 + 1]))
      }
    }
    zones.nullCounts = try reader.numbers(UInt32.self, groupCount)
    zones.nanCounts = try reader.numbers(UInt32.self, groupCount)
    return zones
  }

  private func chunk(_ index: Int, expectedBytes: Int) throws(SQLError) -> ByteRegion {
    let chunk = chunks[index]
    guard chunk.range.count == expectedBytes else { throw Self.damaged(path, "chunk \(index)") }
    let bytes = try disk.open(path).read(at: chunk.range.lowerBound, count: chunk.range.count)
    guard CRC32C.checksum(bytes) == chunk.checksum else {
      throw Self.damaged(path, "checksum of chunk \(index)")
    }
    return bytes
  }

  private static func damaged(_ path: String, _ what: String) -> SQLError {
    SQLError(.dataCorrupted, "sidecar is damaged: \(what): \"\(path)\"")
  }
}

extension ByteReader {
  /// `count` little-endian numbers.
  fileprivate mutating func numbers<T: FixedWidthInteger>(
    _: T.Type, _ count: Int
  ) throws(SQLError) -> [T] {
    let region = try read(count * MemoryLayout<T>.size)
    return region.withBytes { bytes in
      (0..<count).map {
        T(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self))
      }
    }
  }
}
