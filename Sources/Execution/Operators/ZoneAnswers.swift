import FunctionKit
import Plans
import Storage
import Vectors

/// Answers of aggregates over a whole table that its zones know, so that no row is read.
enum ZoneAnswers {
  /// The one row of `calls` over a scan; nil where rows must be read: for filters, for other
  /// functions than count, min and max of plain columns, for rows in memory and masked ones.
  static func row(
    _ calls: [AggregateCall], over scan: PhysicalScan, _ snapshot: TableSnapshot
  ) -> [Value]? {
    guard scan.filters.isEmpty, snapshot.parts.allSatisfy({ $0.rowMask == nil }) else { return nil }
    var row: [Value] = []
    for call in calls {
      guard let value = value(call, scan, snapshot) else { return nil }
      row.append(value)
    }
    return row
  }

  private static func value(
    _ call: AggregateCall, _ scan: PhysicalScan, _ snapshot: TableSnapshot
  ) -> Value? {
    guard call.filter == nil, !call.isDistinct else { return nil }
    if call.name == "count", call.arguments.isEmpty {
      return .integer(Int64(snapshot.rowCount))
    }
    guard call.arguments.count == 1, case .column(let index, let type) = call.arguments[0],
      scan.output.indices.contains(index)
    else { return nil }
    let column = scan.columns[scan.output[index]]
    switch call.name {
    case "count": return count(of: column, snapshot).map { .integer(Int64($0)) }
    case "min": return extreme(of: column, type, snapshot, wantsMaximum: false)
    case "max": return extreme(of: column, type, snapshot, wantsMaximum: true)
    default: return nil
    }
  }

  /// Rows where the column is not NULL.
  private static func count(of column: Int, _ snapshot: TableSnapshot) -> Int? {
    var nullCount = 0
    for part in snapshot.parts {
      for group in 0..<part.groupCount {
        guard let here = part.columnZone(ofGroup: group, column: column).nullCount else {
          return nil
        }
        nullCount += here
      }
    }
    return snapshot.rowCount - nullCount
  }

  private static func extreme(
    of column: Int, _ type: LogicalType, _ snapshot: TableSnapshot, wantsMaximum: Bool
  ) -> Value? {
    var integer: Int64?
    var float: Double?
    for part in snapshot.parts {
      for group in 0..<part.groupCount {
        let zone = part.columnZone(ofGroup: group, column: column)
        // A NaN is above all numbers and outside the bounds.
        guard zone.nanCount == 0 else { return nil }
        switch zone.bounds {
        case .unknown: return nil
        case .none: break
        case .integers(let low, let high):
          integer = wantsMaximum ? max(integer ?? high, high) : min(integer ?? low, low)
        case .floats(let low, let high):
          float = wantsMaximum ? max(float ?? high, high) : min(float ?? low, low)
        }
      }
    }
    switch type {
    case .int8, .int16, .int32, .int64: return integer.map { .integer($0) } ?? .null
    case .float32: return float.map { .float32(Float($0)) } ?? .null
    case .float64: return float.map { .float64($0) } ?? .null
    default: return nil
    }
  }
}
