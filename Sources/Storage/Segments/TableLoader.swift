import Base
import Sky
import Vectors

/// Writes rows into new segments of a table in the order of its clustering, for the caller to
/// commit. Not for use by several threads at once; the query's team does what can be divided.
///
/// | clustering | order |
/// |---|---|
/// | none | rows are written as they come |
/// | sky | by HEALPix cell; rows without a valid position last |
/// | columns | ascending, NULLs last, NaN above all numbers |
///
/// Rows that come in that order are written at once. With the first that does not, what was written
/// becomes the first run of a `TableSorter`, read back from its segments, and the others go there:
/// input in order costs no more than a comparison a row, and one row out of order costs what sorting
/// would have cost from the beginning. Holding rows back instead would need memory for as many rows as
/// the order may be wrong by, which nobody knows.
///
/// Memory, all reserved in the query's account: a stripe, and what `SortBudget` says.
///
/// The same rows give the same bytes, however many threads there are, however rows are cut into batches
/// and however little memory sorting has. Only the size of stripes follows from the memory limit, below
/// 192 MiB. After an error, and unless `finish` returned, nothing is left on disk.
public final class TableLoader {
  private let directory: DatabaseDirectory
  private let table: StoredTable
  private let query: QueryContext
  private var options: SegmentOptions
  private let schema: SegmentSchema
  /// Where the columns of appended batches belong.
  private let visible: [Int]
  /// The columns to sort by, most significant first.
  private let keys: [Int]
  private let budget: SortBudget
  private var pending = PendingBatches()
  private var stage: Stage
  private var writer: SegmentWriter?
  private let stripeMemory: MemoryReservation
  private var stripeBytes = 0
  private var segments: [StoredSegment] = []
  private var isDone = false

  private enum Stage {
    /// Rows need no order.
    case writing
    /// The first rows, if there are any, which are in order.
    case waiting([KeyedBatch])
    /// All rows so far came in order and are written; the last of them.
    case following(KeyedBatch)
    case sorting(TableSorter)
  }

  /// Rows and, in a clustered table, their keys.
  private struct KeyedBatch {
    let batch: Batch
    let words: KeyWords?
    let isAscending: Bool

    func mayPrecede(_ next: KeyedBatch) -> Bool {
      guard let words, let others = next.words, words.rowCount > 0, others.rowCount > 0 else {
        return true
      }
      return words.compare(words.rowCount - 1, others, 0) <= 0
    }
  }

  /// `query` is charged for the rows held, and asked between batches whether to go on.
  public init(
    _ directory: DatabaseDirectory, table: StoredTable, query: QueryContext = QueryContext(),
    options: SegmentOptions = .init()
  ) throws(SQLError) {
    try directory.requireWritable()
    self.directory = directory
    self.table = table
    self.query = query
    schema = try SegmentSchema(table)
    visible = table.columns.indices.filter { !table.columns[$0].isHidden }
    keys = try Self.sortKeys(table, schema)
    stage = keys.isEmpty ? .writing : .waiting([])
    let available = query.memory.availableBytes
    budget = options.sorting ?? SortBudget(availableBytes: available)
    self.options = options
    self.options.stripeBytes = options.stripeBytes
      ?? min(SegmentOptions.largestStripeBytes, max(1 << 16, available / 8))
    stripeMemory = MemoryReservation(query.memory)
  }

  deinit { abandon() }

  /// Appends rows in the table's visible columns, in their order and of their types.
  public func append(_ batch: Batch) throws(SQLError) {
    try requireOpen()
    try orAbandon { () throws(SQLError) in
      try query.checkpoint()
      try requireColumns(of: batch)
      if batch.rowCount == 0 { return }
      pending.append(batch)
      if pending.isFull { try processPending() }
    }
  }

  /// Sorts and writes what is left. The segments' files are durable; they belong to the table when
  /// one commit has added them all, and are to be given to `DatabaseDirectory.discard` otherwise.
  public func finish() throws(SQLError) -> [StoredSegment] {
    try requireOpen()
    return try orAbandon { () throws(SQLError) in
      try processPending()
      switch stage {
      case .writing, .following: break
      case .waiting(let first): try write(first.map(\.batch))
      case .sorting(let sorter): try writeSorted(sorter)
      }
      try endSegment()
      stage = .writing
      isDone = true
      return segments
    }
  }

  /// Removes everything written. Does nothing after `finish`.
  public func abandon() {
    guard !isDone else { return }
    isDone = true
    pending = PendingBatches()
    stage = .writing
    writer?.abandon()
    writer = nil
    directory.discard(segments)
    segments = []
  }

  private func requireOpen() throws(SQLError) {
    if isDone {
      throw SQLError(.internalError, "the loader of table \"\(table.name)\" is closed")
    }
  }

  private func orAbandon<Result>(_ body: () throws(SQLError) -> Result) throws(SQLError) -> Result {
    do throws(SQLError) { return try body() } catch {
      abandon()
      throw error
    }
  }
}

// MARK: - Order

extension TableLoader {
  /// Brings the waiting batches on their way.
  private func processPending() throws(SQLError) {
    let arrived = pending.take()
    if arrived.isEmpty { return }
    // What `completed` reads never changes.
    nonisolated(unsafe) let this = self
    let batches = try query.team.map(arrived.count, queryClass: query.queryClass) {
      (index) throws(SQLError) in try this.completed(arrived[index])
    }
    switch stage {
    case .writing: try write(batches.map(\.batch))
    case .waiting(let first):
      let all = first + batches
      if !Self.areAscending(all) {
        try sort(all)
      } else if first.isEmpty {
        stage = .waiting(all)
      } else {
        try follow(all)
      }
    case .following(let last):
      if Self.areAscending([last] + batches) { try follow(batches) } else { try sort(batches) }
    case .sorting(let sorter): try sorter.append(batches.map(\.batch))
    }
  }

  private static func areAscending(_ batches: [KeyedBatch]) -> Bool {
    for (index, batch) in batches.enumerated() {
      guard batch.isAscending, index == 0 || batches[index - 1].mayPrecede(batch) else {
        return false
      }
    }
    return true
  }

  private func follow(_ batches: [KeyedBatch]) throws(SQLError) {
    try write(batches.map(\.batch))
    if let last = batches.last { stage = .following(last) }
  }

  /// Goes over to sorting; what is in segments already comes first.
  private func sort(_ batches: [KeyedBatch]) throws(SQLError) {
    let sorter = TableSorter(
      directory, types: schema.types, keys: keys, query: query, budget: budget)
    if case .following = stage {
      try endSegment()
      let rows = segments.reduce(0) { $0 + $1.rowCount }
      sorter.begin(with: SegmentRun(segments, of: table, in: directory), rowCount: rows)
      segments = []
    }
    stage = .sorting(sorter)
    query.progress.beginSorting()
    try sorter.append(batches.map(\.batch))
  }

  private func writeSorted(_ sorter: TableSorter) throws(SQLError) {
    let total = sorter.rowCount
    var done = 0
    query.progress.beginWriting()
    try sorter.finish { (batches) throws(SQLError) in
      try write(batches)
      done += batches.reduce(0) { $0 + $1.rowCount }
      query.progress.noteWritten(done, of: total)
    }
  }
}

// MARK: - Rows

extension TableLoader {
  private static func sortKeys(
    _ table: StoredTable, _ schema: SegmentSchema
  ) throws(SQLError) -> [Int] {
    switch table.clustering {
    case .none: return []
    case .sky(let lon, let lat):
      guard let sky = schema.sky else {
        throw SQLError(
          .invalidTableDefinition,
          "table \"\(table.name)\" cannot be clustered by the sky: \"\(lon)\", \"\(lat)\"",
          hint: "Both columns must be real or double precision, in degrees.")
      }
      return [sky.cell]
    case .columns(let names):
      var keys: [Int] = []
      for name in names {
        guard let index = table.columns.firstIndex(where: { $0.name == name }),
          SortEntries.supports(schema.types[index])
        else {
          throw SQLError(
            .invalidTableDefinition,
            "table \"\(table.name)\" cannot be clustered by column \"\(name)\"")
        }
        keys.append(index)
      }
      return keys
    }
  }

  private func requireColumns(of batch: Batch) throws(SQLError) {
    guard batch.columns.count == visible.count else {
      throw SQLError(
        .datatypeMismatch, "\(batch.columns.count) columns given for \(visible.count)")
    }
    for (vector, index) in zip(batch.columns, visible) {
      guard vector.type == schema.types[index], vector.count == batch.rowCount else {
        throw SQLError(
          .datatypeMismatch,
          "column \"\(table.columns[index].name)\" is \(schema.types[index]), not \(vector.type)")
      }
      try requireValues(vector, index)
    }
  }

  /// The batch with the hidden columns, and its keys.
  private func completed(_ batch: Batch) throws(SQLError) -> KeyedBatch {
    let complete = try schema.completed(batch)
    guard !keys.isEmpty else {
      return KeyedBatch(batch: complete, words: nil, isAscending: true)
    }
    let words = KeyWords(complete, keys: keys)
    return KeyedBatch(batch: complete, words: words, isAscending: words.isAscending)
  }

  private func requireValues(_ vector: Vector, _ index: Int) throws(SQLError) {
    guard !table.columns[index].isNullable, vector.nullCount > 0 else { return }
    throw SQLError(
      .notNullViolation,
      "NULL in column that takes none: \"\(table.columns[index].name)\"")
  }

  /// Writes rows, cut where a segment is full.
  private func write(_ batches: [Batch]) throws(SQLError) {
    var part: [Batch] = []
    var partRows = 0
    for batch in batches {
      var done = 0
      while done < batch.rowCount {
        let room = options.segmentRows - (writer?.rowCount ?? 0) - partRows
        let here = min(batch.rowCount - done, room)
        part.append(batch.slice(from: done, count: here))
        partRows += here
        done += here
        guard here == room else { continue }
        try writeToSegment(part)
        try endSegment()
        (part, partRows) = ([], 0)
      }
    }
    if partRows > 0 { try writeToSegment(part) }
  }

  private func writeToSegment(_ part: [Batch]) throws(SQLError) {
    let writer = try currentWriter()
    try writer.append(part, on: query.team)
    try holdStripe(writer.bufferedBytes)
  }

  private func holdStripe(_ bytes: Int) throws(SQLError) {
    if bytes > stripeBytes {
      try stripeMemory.grow(by: bytes - stripeBytes)
    } else {
      stripeMemory.shrink(by: stripeBytes - bytes)
    }
    stripeBytes = bytes
  }

  private func currentWriter() throws(SQLError) -> SegmentWriter {
    if let writer { return writer }
    let new = try SegmentWriter(directory, table: table, options: options)
    writer = new
    return new
  }

  private func endSegment() throws(SQLError) {
    guard let current = writer else { return }
    segments.append(try current.finish(on: query.team))
    writer = nil
    try holdStripe(0)
  }
}
