import Base
import Sky
import Vectors

/// Writes rows into new segments of a table in the order of its clustering, for the caller to
/// commit. Not for use by several threads at once.
///
/// | clustering | what happens | memory |
/// |---|---|---|
/// | none | rows are written as they come | a stripe |
/// | sky | sorted by HEALPix cell; rows without a valid position last | all rows |
/// | columns | sorted ascending, NULLs last, NaN above all numbers | all rows |
///
/// The same rows give the same bytes but for the segments' ids. After an error, and unless `finish`
/// returned, nothing is left on disk.
public final class TableLoader {
  private let directory: DatabaseDirectory
  private let table: StoredTable
  private let query: QueryContext
  private let options: SegmentOptions
  private let schema: SegmentSchema
  /// Where the columns of appended batches belong.
  private let visible: [Int]
  private let sorter: TableSorter?
  private var writer: SegmentWriter?
  private var segments: [StoredSegment] = []
  private var isDone = false

  /// `query` is charged for the rows held, and asked between batches whether to go on.
  public init(
    _ directory: DatabaseDirectory, table: StoredTable, query: QueryContext = QueryContext(),
    options: SegmentOptions = .init()
  ) throws(SQLError) {
    try directory.requireWritable()
    self.directory = directory
    self.table = table
    self.query = query
    self.options = options
    schema = try SegmentSchema(table)
    visible = table.columns.indices.filter { !table.columns[$0].isHidden }
    let keys = try Self.sortKeys(table, schema)
    sorter = keys.isEmpty
      ? nil : TableSorter(types: schema.types, keys: keys, memory: query.memory)
  }

  deinit { abandon() }

  /// Appends rows in the table's visible columns, in their order and of their types.
  public func append(_ batch: Batch) throws(SQLError) {
    precondition(!isDone && batch.columns.count == visible.count)
    try orAbandon { () throws(SQLError) in
      try query.checkpoint()
      let complete = try completed(batch)
      if let sorter { try sorter.append(complete) } else { try write(complete) }
    }
  }

  /// Sorts and writes what is left. The segments' files are durable; they belong to the table when
  /// one commit has added them all, and are to be given to `DatabaseDirectory.discard` otherwise.
  public func finish() throws(SQLError) -> [StoredSegment] {
    precondition(!isDone)
    return try orAbandon { () throws(SQLError) in
      if let sorter {
        var run = sorter.sorted()
        while let batch = run.nextBatch() {
          try query.checkpoint()
          try write(batch)
        }
      }
      try endSegment()
      isDone = true
      return segments
    }
  }

  /// Removes everything written. Does nothing after `finish`.
  public func abandon() {
    guard !isDone else { return }
    isDone = true
    writer?.abandon()
    writer = nil
    directory.discard(segments)
    segments = []
  }

  private func orAbandon<Result>(_ body: () throws(SQLError) -> Result) throws(SQLError) -> Result {
    do throws(SQLError) { return try body() } catch {
      abandon()
      throw error
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

  /// The batch with the hidden columns.
  private func completed(_ batch: Batch) throws(SQLError) -> Batch {
    var columns = schema.types.map { Vector.nulls($0, count: batch.rowCount) }
    for (position, index) in visible.enumerated() {
      precondition(batch.columns[position].type == schema.types[index])
      columns[index] = batch.columns[position]
      try requireValues(columns[index], index)
    }
    if let sky = schema.sky {
      let cells = SkyCells.vector(lon: columns[sky.lon], lat: columns[sky.lat])
      if table.columns[sky.cell].isHidden {
        columns[sky.cell] = cells
      } else if !SkyCells.areEqual(columns[sky.cell], cells) {
        throw SQLError(
          .dataException, "column \"\(SegmentSchema.cellColumn)\" does not agree with the position",
          hint: "It must hold the NESTED HEALPix index of order 29, or be left out.")
      }
    }
    return Batch(columns: columns, rowCount: batch.rowCount)
  }

  private func requireValues(_ vector: Vector, _ index: Int) throws(SQLError) {
    guard !table.columns[index].isNullable, vector.nullCount > 0 else { return }
    throw SQLError(
      .notNullViolation,
      "NULL in column that takes none: \"\(table.columns[index].name)\"")
  }

  private func write(_ batch: Batch) throws(SQLError) {
    var done = 0
    while done < batch.rowCount {
      let current = try currentWriter()
      let here = min(batch.rowCount - done, options.segmentRows - current.rowCount)
      try current.append(batch.slice(from: done, count: here))
      done += here
      if current.rowCount >= options.segmentRows { try endSegment() }
    }
  }

  private func currentWriter() throws(SQLError) -> SegmentWriter {
    if let writer { return writer }
    let new = try SegmentWriter(directory, table: table, options: options)
    writer = new
    return new
  }

  private func endSegment() throws(SQLError) {
    guard let current = writer else { return }
    segments.append(try current.finish())
    writer = nil
  }
}
