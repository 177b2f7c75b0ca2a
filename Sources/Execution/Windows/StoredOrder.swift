import Base
import Plans
import Storage
import Vectors

/// Whether a window needs no sort because its table is stored in its order.
struct StoredOrder {
  /// More parts than this are not looked at one by one.
  private static let mostParts = 64

  /// Of PARTITION BY, in the table's columns.
  let partitionColumns: [Int]
  /// All of the window's columns, in the order in which the table is sorted by them.
  private let sortColumns: [Int]

  /// nil where a key is no column of the table, or the table is in another order. `input`: a scan
  /// under filters and projections.
  init?(_ window: WindowPlan, over input: PhysicalPlan, sortedBy sorted: [Int]) {
    guard !window.partitions.isEmpty,
      window.order.allSatisfy({ !$0.isDescending && !$0.nullsFirst })
    else { return nil }
    let partitions = window.partitions.compactMap { input.tableColumn(of: $0) }
    let order = window.order.compactMap { input.tableColumn(of: $0.expression) }
    guard partitions.count == window.partitions.count, order.count == window.order.count,
      let used = Self.prefix(of: sorted, partitions, order)
    else { return nil }
    partitionColumns = partitions
    sortColumns = used
  }

  /// The first columns of `sorted`, if they are the partitions in any order, then the order.
  private static func prefix(of sorted: [Int], _ partitions: [Int], _ order: [Int]) -> [Int]? {
    let wanted = Set(partitions)
    guard sorted.count >= wanted.count, Set(sorted.prefix(wanted.count)) == wanted else {
      return nil
    }
    var length = wanted.count
    for column in order where !sorted.prefix(length).contains(column) {
      guard length < sorted.count, sorted[length] == column else { return nil }
      length += 1
    }
    return Array(sorted.prefix(length))
  }

  /// By which columns all parts are sorted, each for itself; nil if they differ.
  static func common(_ snapshot: TableSnapshot) -> [Int]? {
    let parts = snapshot.parts.filter { $0.groupCount > 0 }
    guard let first = parts.first, parts.count <= mostParts,
      parts.allSatisfy({ $0.sortedBy == first.sortedBy })
    else { return nil }
    return first.sortedBy
  }

  /// Is the end of every part at or before the beginning of the next one?
  func holds(across snapshot: TableSnapshot) throws(SQLError) -> Bool {
    let parts = snapshot.parts.filter { $0.groupCount > 0 }
    for (part, next) in zip(parts, parts.dropFirst()) {
      let group = part.groupCount - 1
      let rows = part.rowCount(ofGroup: group)
      guard rows > 0, next.rowCount(ofGroup: 0) > 0 else { return false }
      let end = try part.row(rows - 1, ofGroup: group, sortColumns)
      let start = try next.row(0, ofGroup: 0, sortColumns)
      if Self.isAfter(end, start) { return false }
    }
    return true
  }

  private static func isAfter(_ first: [Vector], _ second: [Vector]) -> Bool {
    let types = first.map(\.type)
    let store = RowStore(types: types)
    store.append(Batch(columns: first, rowCount: 1))
    store.append(Batch(columns: second, rowCount: 1))
    let keys = types.enumerated().map { SortKey(.column($0, $1)) }
    return !SortKeys(store, keys: keys, keyColumns: Array(types.indices)).isBefore(0, 1)
  }
}

extension PhysicalPlan {
  /// The scan of a table that is at most filtered and projected.
  var scanBelowSteps: PhysicalScan? {
    switch self {
    case .tableScan(let scan): scan
    case .filter(let input, _), .project(let input, _): input.scanBelowSteps
    default: nil
    }
  }

  /// The table's column that an expression over such a plan is.
  func tableColumn(of expression: ScalarExpression) -> Int? {
    guard case .column(let index, _) = expression else { return nil }
    switch self {
    case .tableScan(let scan): return scan.columns[scan.output[index]]
    case .filter(let input, _): return input.tableColumn(of: expression)
    case .project(let input, let expressions): return input.tableColumn(of: expressions[index])
    default: return nil
    }
  }
}
