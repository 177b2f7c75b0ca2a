import Base
import Sky

/// The bytes of a sidecar, all numbers little-endian:
///
/// | bytes | contents |
/// |--:|---|
/// | 8 | `ZIJCIX\r\n` |
/// | 4 | format version, 2 |
/// | 4 | crc32c of the header from byte 16 on |
/// | 8 8 | rows and size of the segment file in bytes |
/// | 4 | crc32c of the segment file |
/// | 4 4 | number of row groups and of columns |
/// | 4 | 0 |
/// | 24 a chunk | offset (8), size (8), crc32c (4), kind (4): the groups' chunk, each column's |
///
/// The groups' chunk holds arrays with a value a group: rows (4), flags (1; bit 0 cells,
/// 1 cap, 2 occupancy known), rows outside the sky (4), first cell (8), cell after the last (8),
/// occupancy (8), cap as x, y, z and radius in degrees (8 each). If its kind is 0 there are rows
/// only.
///
/// A column's chunk holds minimum and maximum (8 each, together), then counts of NULLs (4) and of
/// NaNs (4). Kinds: 0 counts only, 1 integers, 2 floats.
enum SidecarFormat {
  static let magic: [UInt8] = Array("ZIJCIX\r\n".utf8)
  static let version: UInt32 = 2
  static let fixedHeaderBytes = 48
  static let entryBytes = 24
  /// A sidecar claiming more than this is damaged.
  static let maximumGroups = 1 << 28
  static let maximumColumns = 1 << 20

  enum Flag {
    static let hasCells: UInt8 = 1
    static let hasCap: UInt8 = 2
    static let hasOccupancy: UInt8 = 4
  }

  /// Bytes of a column's chunk.
  static func columnBytes(_ kind: ColumnZones.Kind, groups: Int) -> Int {
    groups * (kind == .none ? 8 : 24)
  }

  /// Bytes of the groups' chunk.
  static func groupsBytes(hasSky: Bool, groups: Int) -> Int { groups * (hasSky ? 4 + 1 + 4 + 56 : 4) }
}

/// What ties a sidecar to its segment.
struct SidecarIdentity: Hashable, Sendable {
  var rowCount: Int
  var sizeBytes: Int
  var checksum: UInt32
}

extension SegmentZones {
  /// The sidecar's bytes.
  func encoded(for identity: SidecarIdentity) -> ByteRegion {
    var chunks: [(kind: UInt32, bytes: ByteRegion)] = [(sky.isEmpty ? 0 : 1, encodedGroups())]
    for column in columns { chunks.append((UInt32(column.kind.rawValue), Self.encoded(column))) }
    let headerBytes = SidecarFormat.fixedHeaderBytes + chunks.count * SidecarFormat.entryBytes
    var header = ByteWriter(capacity: headerBytes)
    header.appendLittleEndian(UInt64(identity.rowCount))
    header.appendLittleEndian(UInt64(identity.sizeBytes))
    header.appendLittleEndian(identity.checksum)
    header.appendLittleEndian(UInt32(rowCounts.count))
    header.appendLittleEndian(UInt32(columns.count))
    header.appendLittleEndian(UInt32(0))
    var offset = headerBytes
    for chunk in chunks {
      header.appendLittleEndian(UInt64(offset))
      header.appendLittleEndian(UInt64(chunk.bytes.count))
      header.appendLittleEndian(CRC32C.checksum(chunk.bytes))
      header.appendLittleEndian(chunk.kind)
      offset += chunk.bytes.count
    }
    var all = ByteWriter(capacity: offset)
    all.append(SidecarFormat.magic)
    all.appendLittleEndian(SidecarFormat.version)
    all.appendLittleEndian(CRC32C.checksum(header.bytes))
    all.append(header.bytes)
    for chunk in chunks { all.append(chunk.bytes) }
    return all.region()
  }

  private func encodedGroups() -> ByteRegion {
    var out = ByteWriter()
    for count in rowCounts { out.appendLittleEndian(count) }
    if sky.isEmpty { return out.region() }
    for zone in sky {
      typealias Flag = SidecarFormat.Flag
      out.append(
        (zone.cells != nil ? Flag.hasCells : 0) | (zone.cap != nil ? Flag.hasCap : 0)
          | (zone.occupancy != nil ? Flag.hasOccupancy : 0))
    }
    for zone in sky { out.appendLittleEndian(UInt32(clamping: zone.outsideCount)) }
    for zone in sky { out.appendLittleEndian(zone.cells?.lower ?? 0) }
    for zone in sky { out.appendLittleEndian(zone.cells?.upper ?? 0) }
    for zone in sky { out.appendLittleEndian(zone.occupancy ?? 0) }
    for zone in sky {
      let center = zone.cap?.center ?? UnitVector(x: 0, y: 0, z: 0)
      for number in [center.x, center.y, center.z, zone.cap?.radiusDeg ?? 0] {
        out.appendLittleEndian(number.bitPattern)
      }
    }
    return out.region()
  }

  private static func encoded(_ column: ColumnZones) -> ByteRegion {
    var out = ByteWriter()
    for bounds in column.integerBounds {
      out.appendLittleEndian(bounds.minimum)
      out.appendLittleEndian(bounds.maximum)
    }
    for bounds in column.floatBounds {
      out.appendLittleEndian(bounds.minimum.bitPattern)
      out.appendLittleEndian(bounds.maximum.bitPattern)
    }
    for count in column.nullCounts { out.appendLittleEndian(count) }
    for count in column.nanCounts { out.appendLittleEndian(count) }
    return out.region()
  }
}
