import Base
import ORC
import Sky
import Vectors

/// The zones that have been asked for so far.
struct LoadedZones: Sendable {
  /// One a group, or none if the table has no positions; nil if not yet looked for.
  var sky: [GroupZone]?
  /// By column of the file; `.some(nil)` if they cannot be found.
  var columns: [Int: ColumnZones?] = [:]
}

extension Segment {
  public func zone(ofGroup group: Int) -> GroupZone {
    let known = zones.withLock { $0.sky }
    let sky: [GroupZone]
    if let known {
      sky = known
    } else {
      sky = rebuiltSky()
      zones.withLock { $0.sky = sky }
    }
    return group < sky.count ? sky[group] : GroupZone()
  }

  public func columnZone(ofGroup group: Int, column: Int) -> ColumnZone {
    guard let place = places[column] else {
      return ColumnZone(bounds: .none, nullCount: groups[group].rowCount, nanCount: 0)
    }
    let known = zones.withLock { $0.columns[place] }
    if let known { return known?.zone(ofGroup: group) ?? ColumnZone() }
    // Found without the lock: two threads may do the same work once.
    let found = (try? sidecar?.column(place)) ?? rebuiltColumn(place)
    zones.withLock { $0.columns[place] = .some(found) }
    return found?.zone(ofGroup: group) ?? ColumnZone()
  }

  /// The sidecar, if it belongs to this very file and its first chunk is sound.
  static func openSidecar(
    _ stored: StoredSegment, _ directory: DatabaseDirectory, _ groups: [Group], columnCount: Int
  ) -> (sidecar: Sidecar, sky: [GroupZone])? {
    let path = directory.absolute(SegmentPath.sidecar(of: stored.path))
    let identity = SidecarIdentity(
      rowCount: stored.rowCount, sizeBytes: stored.sizeBytes, checksum: stored.checksum)
    guard directory.disk.kind(of: path) == .file,
      let sidecar = try? Sidecar(path, on: directory.disk),
      sidecar.identity == identity, sidecar.columnCount == columnCount,
      let contents = try? sidecar.groups(),
      contents.rowCounts.elementsEqual(groups.map { UInt32(clamping: $0.rowCount) })
    else { return nil }
    return (sidecar, contents.sky)
  }

  /// Where rows lie, from the rows themselves; nothing if they cannot be read.
  private func rebuiltSky() -> [GroupZone] {
    guard let sky = schema.sky, let cell = places[sky.cell], let lon = places[sky.lon],
      let lat = places[sky.lat]
    else { return [] }
    var builder = SkyZonesBuilder()
    for group in groups.indices {
      guard let vectors = try? decode(group: group, places: [cell, lon, lat]) else { return [] }
      builder.append(cells: vectors[0], Positions(lon: vectors[1], lat: vectors[2]))
      builder.endGroup()
    }
    return builder.zones
  }

  /// A column's zones from its rows; nil if they cannot be read.
  private func rebuiltColumn(_ place: Int) -> ColumnZones? {
    var builder = ColumnZonesBuilder(type: reader.columns[place].type)
    for group in groups.indices {
      guard let vectors = try? decode(group: group, places: [place]) else { return nil }
      builder.append(vectors[0])
      builder.endGroup()
    }
    return builder.zones
  }
}
