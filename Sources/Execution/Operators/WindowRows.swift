import FunctionKit
import Plans

/// Rows in window order: where partitions and groups of peers begin and end.
final class WindowRows {
  let count: Int
  let partitions: [Range<Int>]
  let peerStarts: [UInt32]
  let peerEnds: [UInt32]

  /// `order`: the rows of `keys` sorted; the first keys are those of the partitions.
  init(_ order: [UInt32], _ keys: SortKeys, partitionKeyCount: Int) {
    count = order.count
    var partitions: [Range<Int>] = []
    var peerStarts = [UInt32](repeating: 0, count: order.count)
    var peerEnds = peerStarts
    var partitionStart = 0
    var peerStart = 0
    func endPeers(_ end: Int) {
      for row in peerStart..<end { peerEnds[row] = UInt32(truncatingIfNeeded: end) }
      peerStart = end
    }
    for row in order.indices {
      if row > 0 {
        let (a, b) = (Int(order[row - 1]), Int(order[row]))
        if !keys.areEqual(a, b, 0..<partitionKeyCount) {
          endPeers(row)
          partitions.append(partitionStart..<row)
          partitionStart = row
        } else if !keys.areEqual(a, b, partitionKeyCount..<keys.columns.count) {
          endPeers(row)
        }
      }
      peerStarts[row] = UInt32(truncatingIfNeeded: peerStart)
    }
    endPeers(order.count)
    if !order.isEmpty { partitions.append(partitionStart..<order.count) }
    self.partitions = partitions
    self.peerStarts = peerStarts
    self.peerEnds = peerEnds
  }

  /// By row: where its frame begins and ends, within its partition.
  func frames(_ frame: WindowFrame) -> (starts: [UInt32], ends: [UInt32]) {
    var starts = [UInt32](repeating: 0, count: count)
    var ends = starts
    for partition in partitions {
      for row in partition {
        starts[row] = bound(frame.start, frame, row, partition, isEnd: false)
        ends[row] = max(starts[row], bound(frame.end, frame, row, partition, isEnd: true))
      }
    }
    return (starts, ends)
  }

  private func bound(
    _ bound: WindowFrame.Bound, _ frame: WindowFrame, _ row: Int, _ partition: Range<Int>,
    isEnd: Bool
  ) -> UInt32 {
    let place: Int
    switch bound {
    case .unboundedPreceding: place = partition.lowerBound
    case .unboundedFollowing: place = partition.upperBound
    case .currentRow where frame.countsRows: place = row + (isEnd ? 1 : 0)
    case .currentRow: return isEnd ? peerEnds[row] : peerStarts[row]
    case .preceding(let offset):
      place = max(partition.lowerBound, row - min(offset, count + 1) + (isEnd ? 1 : 0))
    case .following(let offset):
      place = min(partition.upperBound, row + min(offset, count + 1) + (isEnd ? 1 : 0))
    }
    return UInt32(truncatingIfNeeded: place)
  }
}
