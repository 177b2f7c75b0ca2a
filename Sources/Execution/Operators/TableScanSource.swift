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
  }

  let scan: PhysicalScan
  let filters: [CompiledExpression]
  let context: EvaluationContext
  let metrics: OperatorMetrics
  private let morsels: [[Group]]

  init(
    _ scan: PhysicalScan, snapshot: TableSnapshot, filters: [CompiledExpression],
    context: EvaluationContext, metrics: OperatorMetrics
  ) {
    self.scan = scan
    self.filters = filters
    self.context = context
    self.metrics = metrics
    var morsels: [[Group]] = []
    var current: [Group] = []
    var currentRows = 0
    var total = 0
    var outsideCount = 0
    let pruning = GroupPruning(scan)
    for part in snapshot.parts {
      var firstRow = 0
      for index in 0..<part.groupCount {
        let rows = part.rowCount(ofGroup: index)
        defer { firstRow += rows }
        total += 1
        guard rows > 0 else { continue }
        let verdict = pruning.verdict(part, index)
        if case .notInCones(let outside) = verdict { outsideCount &+= outside }
        guard verdict == .mayMatch else { continue }
        current.append(Group(part: part, index: index, firstRow: firstRow))
        currentRows += rows
        if currentRows >= Self.rowsPerMorsel {
          morsels.append(current)
          current = []
          currentRows = 0
        }
      }
    }
    if !current.isEmpty { morsels.append(current) }
    self.morsels = morsels
    metrics.setTotal(groups: total)
    // Cones count the places outside the sky among the rows they look at; these count as looked at.
    context.query.warnings.add(outsideCount, DomainRule.noPosition.message)
  }

  var morselCount: Int { morsels.count }

  func reader(ofMorsel morsel: Int) throws(SQLError) -> any MorselReader {
    TableScanReader(source: self, groups: morsels[morsel])
  }
}

/// Reads the row groups of one morsel.
final class TableScanReader: MorselReader {
  private let source: TableScanSource
  private var groups: ArraySlice<TableScanSource.Group>
  private var group: TableScanSource.Group?
  private var groupRows = 0
  private var offset = 0
  /// Columns of the current group that have been read, by position in the scan's columns.
  private var columns: [Vector?]

  init(source: TableScanSource, groups: [TableScanSource.Group]) {
    self.source = source
    self.groups = groups[...]
    columns = Array(repeating: nil, count: source.scan.columns.count)
  }

  func next() throws(SQLError) -> Batch? {
    while true {
      while offset < groupRows {
        let count = min(Batch.capacity, groupRows - offset)
        defer { offset += count }
        if let batch = try scan(count) { return batch }
        try source.context.query.checkpoint()
      }
      guard let next = groups.popFirst() else { return nil }
      group = next
      groupRows = next.part.rowCount(ofGroup: next.index)
      offset = 0
      for index in columns.indices { columns[index] = nil }
      source.metrics.add(groups: 1)
      source.context.query.progress.addRead(rows: groupRows, bytes: 0)
    }
  }

  /// The rows of `count` from `offset` that pass all filters; nil if none does.
  private func scan(_ count: Int) throws(SQLError) -> Batch? {
    var selection = maskSelection(count)
    if selection?.count == 0 { return nil }
    for filter in source.filters {
      let rows = selection?.count ?? count
      var input = Batch(
        columns: Array(repeating: Self.placeholder, count: columns.count), rowCount: rows)
      for column in filter.columns {
        input.columns[column] = try slice(column, count, selection)
      }
      let truth = try filter.evaluate(input, source.context)
      guard let passed = truth.selectionOfTrue() else { continue }
      if passed.count == 0 { return nil }
      selection = selection.map { passed.composed(with: $0) } ?? passed
    }
    var output: [Vector] = []
    output.reserveCapacity(source.scan.output.count)
    for column in source.scan.output { output.append(try slice(column, count, selection)) }
    return Batch(columns: output, rowCount: selection?.count ?? count)
  }

  private static let placeholder = Vector.nulls(.null, count: 0)

  private func slice(
    _ column: Int, _ count: Int, _ selection: SelectionVector?
  ) throws(SQLError) -> Vector {
    let rows = try load(column).slice(from: offset, count: count)
    return selection.map { rows.gathered(by: $0) } ?? rows
  }

  private func load(_ column: Int) throws(SQLError) -> Vector {
    if let vector = columns[column] { return vector }
    guard let group else { return Self.placeholder }
    let position = source.scan.columns[column]
    let vector = try group.part.read(group: group.index, columns: [position])[0]
    let bytes = group.part.sizeBytes(ofGroup: group.index, columns: [position])
    source.metrics.add(bytes: bytes)
    source.context.query.progress.addRead(rows: 0, bytes: bytes)
    columns[column] = vector
    return vector
  }

  /// The rows that the part's row mask leaves; nil for all.
  private func maskSelection(_ count: Int) -> SelectionVector? {
    guard let group, let mask = group.part.rowMask else { return nil }
    var rows: [UInt16] = []
    for row in 0..<count where !mask.isHidden(group.firstRow + offset + row) {
      rows.append(UInt16(truncatingIfNeeded: row))
    }
    return rows.count == count ? nil : SelectionVector(rows)
  }
}
