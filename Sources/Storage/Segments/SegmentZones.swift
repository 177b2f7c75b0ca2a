import Base
import Vectors

/// What is known of a whole segment without reading its rows: the contents of a sidecar.
struct SegmentZones: Sendable {
  var rowCounts: [UInt32] = []
  /// One a group; empty if the table has no positions.
  var sky: [GroupZone] = []
  /// One a column of the file.
  var columns: [ColumnZones] = []
}

/// Which columns of a file say where a row lies on the sky.
struct SkyColumns: Hashable, Sendable {
  var cell: Int
  var lon: Int
  var lat: Int
}

/// Finds the zones of a segment while its rows pass by.
struct SegmentZonesBuilder {
  private let groupRows: Int
  private let sky: SkyColumns?
  private var columns: [ColumnZonesBuilder]
  private var skyZones = SkyZonesBuilder()
  private var rowCounts: [UInt32] = []
  private var rowsInGroup = 0

  init(types: [LogicalType], sky: SkyColumns?, groupRows: Int) {
    self.groupRows = groupRows
    self.sky = sky
    columns = types.map { ColumnZonesBuilder(type: $0) }
  }

  mutating func append(_ batch: Batch) {
    var done = 0
    while done < batch.rowCount {
      let here = min(batch.rowCount - done, groupRows - rowsInGroup)
      let part = batch.slice(from: done, count: here)
      for index in columns.indices { columns[index].append(part.columns[index]) }
      if let sky {
        let positions = Positions(lon: part.columns[sky.lon], lat: part.columns[sky.lat])
        skyZones.append(cells: part.columns[sky.cell], positions)
      }
      done += here
      rowsInGroup += here
      if rowsInGroup == groupRows { endGroup() }
    }
  }

  /// Ends the group in the making, as the end of a stripe does.
  mutating func endGroup() {
    guard rowsInGroup > 0 else { return }
    for index in columns.indices { columns[index].endGroup() }
    if sky != nil { skyZones.endGroup() }
    rowCounts.append(UInt32(rowsInGroup))
    rowsInGroup = 0
  }

  mutating func finish() -> SegmentZones {
    endGroup()
    return SegmentZones(rowCounts: rowCounts, sky: skyZones.zones, columns: columns.map(\.zones))
  }
}
