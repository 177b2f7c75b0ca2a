import Base
import Vectors

/// Brings more rows than fit in memory into the order of a table's clustering.
///
/// Rows wait in memory until `SortBudget.storeBytes` are together; then they are sorted and written to
/// a file in `temp` as a run. In the end the runs are merged, in several passes where there are more
/// than `SortBudget.fanIn`. Equal rows stay as they came, because every run holds rows that came one
/// after the other and ties go to the earlier run. If all rows fit there is no file.
///
/// Not for use by several threads at once; `team` does what can be divided.
final class TableSorter {
  private let directory: DatabaseDirectory
  private let types: [LogicalType]
  /// The columns to sort by, most significant first.
  private let keys: [Int]
  private let query: QueryContext
  private let budget: SortBudget
  private var store: RowStore
  private var storeBytes = 0
  private let reserved: MemoryReservation
  private var runs: [any RowRun] = []
  private(set) var rowCount = 0

  init(
    _ directory: DatabaseDirectory, types: [LogicalType], keys: [Int], query: QueryContext,
    budget: SortBudget
  ) {
    self.directory = directory
    self.types = types
    self.keys = keys
    self.query = query
    self.budget = budget
    store = RowStore(types: types)
    reserved = MemoryReservation(query.memory)
  }

  deinit { for run in runs { run.remove() } }

  /// Rows that came before all others, already in order.
  func begin(with run: any RowRun, rowCount: Int) {
    runs.append(run)
    self.rowCount += rowCount
  }

  /// Copies rows into the store, so that it keeps nothing alive but them.
  func append(_ batches: [Batch]) throws(SQLError) {
    let arrived = RowStore(types: types)
    for batch in batches { arrived.append(batch) }
    guard arrived.rowCount > 0 else { return }
    rowCount += arrived.rowCount
    let partRows = BlockGathering.rows(of: arrived, within: budget.blockBytes)
    let copies = try arrived.allReferences().withUnsafeBufferPointer { (rows) throws(SQLError) in
      try BlockGathering.batches(arrived.gatherers(), rows, partRows: partRows, on: query.team)
    }
    for copy in copies { try keep(copy) }
  }

  private func keep(_ batch: Batch) throws(SQLError) {
    let bytes = batch.sizeBytes + batch.rowCount * SortEntries.bytesPerRow
    if store.rowCount > 0, storeBytes + bytes > budget.storeBytes || store.batches.count >= 1 << 24 {
      try spill()
    }
    do throws(SQLError) { try reserved.grow(by: bytes) } catch {
      // Others have taken what was there when the budget was made.
      guard store.rowCount > 0 else { throw error }
      try spill()
      try reserved.grow(by: bytes)
    }
    store.append(batch)
    storeBytes += bytes
  }

  /// Writes the rows in memory as a run.
  private func spill() throws(SQLError) {
    let run = StoreRun(store, SortOrder(of: store, by: keys), blockBytes: budget.blockBytes)
    let writer = try RunWriter(directory, types: types)
    while true {
      try query.checkpoint()
      let blocks = try run.nextBlocks(Self.blocksAtOnce, on: query.team)
      if blocks.isEmpty { break }
      try writer.append(blocks, on: query.team)
    }
    runs.append(try writer.finish())
    store = RowStore(types: types)
    reserved.shrink(by: storeBytes)
    storeBytes = 0
  }

  private static let blocksAtOnce = 16
  private static let largestWindowBytes = 8 << 20
  private static let partBytes = 4 << 20

  // MARK: the result

  /// Gives out all rows in order, in batches of at most 8192. The sorter is empty afterwards.
  func finish(_ body: ([Batch]) throws(SQLError) -> Void) throws(SQLError) {
    if runs.isEmpty {
      let run = StoreRun(store, SortOrder(of: store, by: keys), blockBytes: Self.partBytes)
      while true {
        try query.checkpoint()
        let batches = try run.nextBlocks(8, on: query.team)
        if batches.isEmpty { return }
        try body(batches)
      }
    }
    while runs.count > budget.fanIn { try mergeOnce() }
    try addStore()
    try merge(runs, partBytes: Self.partBytes, body)
    for run in runs { run.remove() }
    runs = []
  }

  /// The last rows need not go to disk, unless the blocks of the other runs need their memory.
  private func addStore() throws(SQLError) {
    guard store.rowCount > 0 else { return }
    let room = runs.count * budget.blockBytes
    if room + storeBytes > budget.storeBytes + budget.storeBytes / 2 || runs.count == budget.fanIn {
      try spill()
      if runs.count > budget.fanIn { try mergeOnce() }
    } else {
      runs.append(
        StoreRun(store, SortOrder(of: store, by: keys), blockBytes: budget.blockBytes))
    }
  }

  /// Merges neighbouring runs, so that the order of the runs stays that of their rows.
  private func mergeOnce() throws(SQLError) {
    if store.rowCount > 0 { try spill() }
    var next: [any RowRun] = []
    var start = 0
    while start < runs.count {
      let group = Array(runs[start..<min(runs.count, start + budget.fanIn)])
      start += group.count
      if group.count == 1 {
        next += group
        continue
      }
      let writer = try RunWriter(directory, types: types)
      try merge(group, partBytes: budget.blockBytes) { (batches) throws(SQLError) in
        try writer.append(batches, on: query.team)
      }
      next.append(try writer.finish())
      for run in group { run.remove() }
    }
    runs = next
  }

  private func merge(
    _ group: [any RowRun], partBytes: Int, _ body: ([Batch]) throws(SQLError) -> Void
  ) throws(SQLError) {
    let windowBytes = min(Self.largestWindowBytes, budget.storeBytes / 4)
    let needed = MemoryReservation(query.memory)
    try needed.grow(by: group.count * budget.blockBytes + 2 * windowBytes)
    let merger = try RunMerger(group, types: types, keys: keys, windowBytes: windowBytes)
    while true {
      try query.checkpoint()
      let batches = try merger.nextBatches(partBytes: partBytes, on: query.team)
      if batches.isEmpty { return }
      try body(batches)
    }
  }
}
