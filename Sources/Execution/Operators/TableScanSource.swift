import Base
import FunctionKit
import Plans
import Sky
import Storage
import Vectors

/// Reads a table: row groups that may hold matching rows, their filter columns first, the other
/// columns only for batches where rows survive.
final class TableScanSource: Source {
  /// Row groups of one morsel: about 32,768 rows.
  private static let rowsPerMorsel = 32_768

  struct Group {
    let part: any TablePart
    let index: Int
    /// Rows of the part before this group, for the row mask.
    let firstRow: Int

    var visibleRowCount: Int {
      let rows = part.rowCount(ofGroup: index)
      guard let mask = part.rowMask, !mask.isEmpty else { return rows }
      return rows - (firstRow..<firstRow + rows).count { mask.isHidden($0) }
    }
  }

  let scan: PhysicalScan
  let filters: [CompiledExpression]
  /// Of an operator above.
  let restricted: RestrictedKey?
  let context: EvaluationContext
  let metrics: OperatorMetrics
  private let morsels: [[Group]]

  /// Rows outside of the order-29 cells `near` are not wanted.
  init(
    _ scan: PhysicalScan, snapshot: TableSnapshot, near: [HEALPixRange]? = nil,
    filters: [CompiledExpression], restricted: RestrictedKey? = nil, context: EvaluationContext,
    metrics: OperatorMetrics
  ) {
    self.scan = scan
    self.filters = filters
    self.restricted = restricted
    self.context = context
    self.metrics = metrics
    let cut = Self.cut(scan, snapshot, near: near)
    morsels = cut.morsels
    metrics.setTotal(groups: cut.groupCount)
    // Cones count the places outside the sky among the rows they look at; these count as looked at.
    context.query.warnings.add(cut.outsideCount, DomainRule.noPosition.message)
  }

  /// A table's row groups that may hold matching rows.
  struct Cut {
    var morsels: [[Group]] = []
    /// Of the whole table.
    var groupCount = 0
    /// Rows of left out groups that have no place on the sky.
    var outsideCount = 0
  }

  static func cut(
    _ scan: PhysicalScan, _ snapshot: TableSnapshot, near: [HEALPixRange]? = nil
  ) -> Cut {
    var result = Cut()
    var current: [Group] = []
    var currentRows = 0
    let pruning = GroupPruning(scan, near: near)
    for part in snapshot.parts {
      var firstRow = 0
      for index in 0..<part.groupCount {
        let rows = part.rowCount(ofGroup: index)
        defer { firstRow += rows }
        result.groupCount += 1
        guard rows > 0 else { continue }
        let verdict = pruning.verdict(part, index)
        if case .notInCones(let outside) = verdict { result.outsideCount &+= outside }
        guard verdict == .mayMatch else { continue }
        current.append(Group(part: part, index: index, firstRow: firstRow))
        currentRows += rows
        if currentRows >= Self.rowsPerMorsel {
          result.morsels.append(current)
          current = []
          currentRows = 0
        }
      }
    }
    if !current.isEmpty { result.morsels.append(current) }
    if let wanted = scan.morsels {
      result.morsels = Array(result.morsels[wanted.clamped(to: 0..<result.morsels.count)])
    }
    return result
  }

  var morselCount: Int { morsels.count }

  func reader(ofMorsel morsel: Int) throws(SQLError) -> any MorselReader {
    try reader(ofMorsel: morsel, isCounted: true)
  }

  /// `isCounted`: do the rows count as read, in figures of progress and of EXPLAIN ANALYZE?
  func reader(ofMorsel morsel: Int, isCounted: Bool) throws(SQLError) -> TableScanReader {
    TableScanReader(source: self, groups: morsels[morsel], isCounted: isCounted)
  }

  /// True if what is above the scan has no use for any row of the group. Where filters warn of rows,
  /// they must see all.
  fileprivate func isOfNoUse(_ group: Group) -> Bool {
    guard let restricted, let column = restricted.column,
      filters.isEmpty || context.domainErrors == .raise
    else { return false }
    return !restricted.restriction.mayHold(
      group.part.columnZone(ofGroup: group.index, column: column))
  }

  /// The morsel's last stored row, seen or not: one flat value of each of the table's `columns`.
  func lastRow(ofMorsel morsel: Int, _ columns: [Int]) throws(SQLError) -> [Vector] {
    guard let group = morsels[morsel].last else { return [] }
    return try group.part.row(
      group.part.rowCount(ofGroup: group.index) - 1, ofGroup: group.index, columns)
  }
}

/// Reads the row groups of one morsel.
///
/// Rows that pass the filters are collected over the whole row group until they fill a batch: their
/// columns are gathered once, straight from the group's, and what follows sees full batches. Where
/// all rows pass, batches are slices and nothing is copied.
final class TableScanReader: MorselReader {
  private let source: TableScanSource
  private let isCounted: Bool
  private var groups: ArraySlice<TableScanSource.Group>
  private var group: TableScanSource.Group?
  private var groupRows = 0
  private var offset = 0
  /// Columns of the current group that have been read, by position in the scan's columns.
  private var columns: [Vector?]
  /// Rows of the group that have passed and are still to be given out: fewer than two batches.
  private let passed = UnsafeMutablePointer<UInt32>.allocate(capacity: 2 * Batch.capacity)
  private var passedCount = 0

  init(source: TableScanSource, groups: [TableScanSource.Group], isCounted: Bool) {
    self.source = source
    self.isCounted = isCounted
    self.groups = groups[...]
    columns = Array(repeating: nil, count: source.scan.columns.count)
  }

  deinit { passed.deallocate() }

  func next() throws(SQLError) -> Batch? {
    while true {
      while offset < groupRows {
        let count = min(Batch.capacity, groupRows - offset)
        let start = offset
        offset += count
        let selection = try rows(start, count)
        if selection == nil, passedCount == 0 { return try slice(start, count) }
        keep(selection, start, count)
        if passedCount >= Batch.capacity { return try gather(Batch.capacity) }
        if passedCount == 0 { try source.context.query.checkpoint() }
      }
      if passedCount > 0 { return try gather(passedCount) }
      guard let next = groups.popFirst() else { return nil }
      if source.isOfNoUse(next) { continue }
      group = next
      groupRows = next.part.rowCount(ofGroup: next.index)
      offset = 0
      for index in columns.indices { columns[index] = nil }
      guard isCounted else { continue }
      source.metrics.add(groups: 1)
      source.context.query.progress.addRead(rows: groupRows, bytes: 0)
    }
  }

  /// Which of `count` rows from `start` pass all filters; nil if all do.
  private func rows(_ start: Int, _ count: Int) throws(SQLError) -> SelectionVector? {
    var selection = maskSelection(start, count)
    for filter in source.filters {
      if selection?.count == 0 { return selection }
      let truth = try evaluate(filter, start, count, selection, source.context)
      guard let passed = truth.selectionOfTrue() else { continue }
      selection = selection.map { passed.composed(with: $0) } ?? passed
    }
    guard let restricted = source.restricted, selection?.count != 0,
      restricted.restriction.isKnown
    else { return selection }
    let keys = try evaluate(restricted.key, start, count, selection, restricted.context)
    guard let wanted = restricted.restriction.selection(of: keys) else { return selection }
    return selection.map { wanted.composed(with: $0) } ?? wanted
  }

  private func evaluate(
    _ expression: CompiledExpression, _ start: Int, _ count: Int, _ selection: SelectionVector?,
    _ context: EvaluationContext
  ) throws(SQLError) -> Vector {
    var input = Batch(
      columns: Array(repeating: Self.placeholder, count: columns.count),
      rowCount: selection?.count ?? count)
    for column in expression.columns {
      let rows = try load(column).slice(from: start, count: count)
      input.columns[column] = selection.map { rows.gathered(by: $0) } ?? rows
    }
    return try expression.evaluate(input, context)
  }

  private func keep(_ selection: SelectionVector?, _ start: Int, _ count: Int) {
    let target = passed + passedCount
    if let selection {
      let indices = selection.indices
      for row in 0..<selection.count {
        target[row] = UInt32(truncatingIfNeeded: start &+ Int(indices[row]))
      }
      passedCount += selection.count
    } else {
      for row in 0..<count { target[row] = UInt32(truncatingIfNeeded: start &+ row) }
      passedCount += count
    }
  }

  private func slice(_ start: Int, _ count: Int) throws(SQLError) -> Batch {
    var output: [Vector] = []
    output.reserveCapacity(source.scan.output.count)
    for column in source.scan.output {
      output.append(try load(column).slice(from: start, count: count))
    }
    return Batch(columns: output, rowCount: count)
  }

  /// The first `count` of the rows that have passed.
  private func gather(_ count: Int) throws(SQLError) -> Batch {
    var output: [Vector] = []
    output.reserveCapacity(source.scan.output.count)
    for column in source.scan.output {
      output.append(try load(column).gathered(by: UnsafePointer(passed), count: count))
    }
    passedCount -= count
    passed.update(from: passed + count, count: passedCount)
    return Batch(columns: output, rowCount: count)
  }

  private static let placeholder = Vector.nulls(.null, count: 0)

  private func load(_ column: Int) throws(SQLError) -> Vector {
    if let vector = columns[column] { return vector }
    guard let group else { return Self.placeholder }
    let position = source.scan.columns[column]
    let use = source.scan.uses.isEmpty ? .whole : source.scan.uses[column]
    let vector = try group.part.read(group: group.index, column: position, use: use)
    if isCounted {
      let bytes = group.part.sizeBytes(ofGroup: group.index, column: position, use: use)
      source.metrics.add(bytes: bytes)
      source.context.query.progress.addRead(rows: 0, bytes: bytes)
    }
    columns[column] = vector
    return vector
  }

  /// The rows that the part's row mask leaves; nil for all.
  private func maskSelection(_ start: Int, _ count: Int) -> SelectionVector? {
    guard let group, let mask = group.part.rowMask else { return nil }
    return mask.visibleRows(from: group.firstRow + start, count: count)
  }
}

extension TablePart {
  /// One row of a group: one flat value of each of `columns`.
  func row(_ row: Int, ofGroup group: Int, _ columns: [Int]) throws(SQLError) -> [Vector] {
    try read(group: group, columns: columns).map { $0.slice(from: row, count: 1).flattened() }
  }
}
