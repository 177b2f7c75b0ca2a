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

