import Plans
import Sky
import Storage

/// A run of morsels of a scan, as a node may be asked to compute it.
public struct ScanTile: Hashable, Sendable {
  /// Numbers among the morsels of the whole scan.
  public let morsels: Range<Int>
  public let rowCount: Int
  /// Order-29 cells from the first row to the last; nil if the table does not know.
  public let cells: HEALPixRange?

  /// Cuts what a scan reads of a snapshot into `count` tiles of about as many rows, or fewer if there
  /// are fewer morsels. The same snapshot and scan always give the same tiles.
  public static func tiles(
    of scan: PhysicalScan, in snapshot: TableSnapshot, count: Int
  ) -> [ScanTile] {
    let morsels = TableScanSource.cut(scan, snapshot).morsels
    let tileCount = min(max(1, count), morsels.count)
    return (0..<tileCount).map { number in
      let range = morsels.count * number / tileCount..<morsels.count * (number + 1) / tileCount
      let groups = morsels[range].joined()
      return ScanTile(
        morsels: range, rowCount: groups.reduce(0) { $0 + $1.visibleRowCount },
        cells: cells(of: Array(groups)))
    }
  }

  private static func cells(of groups: [TableScanSource.Group]) -> HEALPixRange? {
    var all: HEALPixRange?
    for group in groups {
      guard let cells = group.part.zone(ofGroup: group.index).cells else { return nil }
      all = all.map {
        HEALPixRange(lower: min($0.lower, cells.lower), upper: max($0.upper, cells.upper))
      } ?? cells
    }
    return all
  }
}
