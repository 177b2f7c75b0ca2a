import Base
import Catalog
import Parsing
import Vectors

/// COPY between tables and files.
extension Session {
  func copy(_ copy: Copy, _ parameters: [Value]) throws(SQLError) -> StatementResult {
    let (options, format) = try Self.options(copy.options)
    return try copy.isFrom
      ? copyIn(copy, options, format) : copyOut(copy, options, format, parameters)
  }

  /// FORMAT apart from the options that the format itself reads.
  private static func options(
    _ list: [CopyOption]
  ) throws(SQLError) -> (FileOptions, format: String?) {
    var options = FileOptions()
    var format: String?
    for option in list {
      let name = option.name.text.lowercased()
      guard options.values[name] == nil, name != "format" || format == nil else {
        throw SQLError(.syntaxError, "option is given twice: \(name)", at: option.name.range)
      }
      if name == "format" {
        format = option.value?.settingText
      } else {
        options.values[name] = .some(option.value.map(value))
      }
    }
    return (options, format)
  }

  private static func value(_ literal: Literal) -> Value {
    switch literal {
    case .null: .null
    case .boolean(let value): .boolean(value)
    case .integer(let digits): Int64(digits).map { .integer($0) } ?? .text(digits)
    case .decimal(let digits): Double(digits).map { .float64($0) } ?? .text(digits)
    case .string(let text), .typed(_, let text): .text(text)
    }
  }

  // MARK: FROM

  private func copyIn(
    _ copy: Copy, _ options: FileOptions, _ format: String?
  ) throws(SQLError) -> StatementResult {
    guard case .table(let name, let names) = copy.subject else {
      throw SQLError(.syntaxError, "COPY FROM needs a table", at: copy.range)
    }
    let table = try requireTable(name)
    let visible = table.visibleColumns
    let positions = names.isEmpty
      ? Array(visible.indices) : try columnPositions(names, of: table)
    let path = Self.path(copy.target, standard: "/dev/stdin")
    let context = makeContext()
    let reader = try FileAccess(database: database).reader(format: format, path: path)
    let scan = try reader.open(
      path, on: database.disk, expected: positions.map { ResultColumn(visible[$0]) },
      options: options, context: context)
    let appender = try database.append(to: table, context: context)
    context.progress.addTotal(1000)
    do throws(SQLError) {
      var done = 0
      while let batch = try scan.next() {
        try appender.append(Self.widened(batch, positions, visible))
        context.progress.addRead(rows: batch.rowCount, bytes: batch.sizeBytes)
        let now = Int((scan.fractionRead ?? 0) * 1000)
        context.progress.addDone(max(0, now - done))
        done = max(done, now)
      }
      let rows = try appender.commit()
      return StatementResult(tag: "COPY \(rows)", affectedRowCount: rows, context: context)
    } catch {
      appender.abandon()
      throw error
    }
  }

  /// Columns that the file does not have are NULL.
  private static func widened(
    _ batch: Batch, _ positions: [Int], _ visible: [Catalog.ColumnDefinition]
  ) -> Batch {
    if positions == Array(visible.indices) { return batch }
    var columns = visible.map { Vector.nulls($0.type, count: batch.rowCount) }
    for (source, target) in positions.enumerated() { columns[target] = batch.columns[source] }
    return Batch(columns: columns, rowCount: batch.rowCount)
  }

  private static func path(_ target: Copy.Target, standard: String) -> String {
    switch target {
    case .file(let path, _): path
    case .standardStream: standard
    }
  }

  // MARK: TO

  private func copyOut(
    _ copy: Copy, _ options: FileOptions, _ format: String?, _ parameters: [Value]
  ) throws(SQLError) -> StatementResult {
    let query = try Self.query(of: copy)
    let runner = try QueryRunner(self, parameters: parameters)
    let prepared = try runner.prepare(query)
    let context = makeContext()
    let path = Self.path(copy.target, standard: "")
    let writer = try FileAccess(database: database).writer(format: format, path: path)
    let encoder = try writer.begin(prepared.columns, options: options)
    let stream = try runner.start(prepared, context: context)
    guard case .file = copy.target else {
      var result = StatementResult(tag: "COPY", stream: stream, context: context)
      result.copyEncoder = encoder
      return result
    }
    let rows = try write(stream, with: encoder, to: path)
    return StatementResult(tag: "COPY \(rows)", affectedRowCount: rows, context: context)
  }

  private static func query(of copy: Copy) throws(SQLError) -> Query {
    switch copy.subject {
    case .query(let query): return query
    case .table(let name, let columns):
      var select = Select(range: copy.range)
      select.from = [.table(name, alias: nil)]
      select.items = columns.isEmpty
        ? [.all(qualifier: nil, copy.range)]
        : columns.map { .expression(.column(QualifiedName([$0])), alias: nil) }
      return Query(body: .select(select), range: copy.range)
    }
  }

  /// Writes a temporary file beside the target and renames it when it is whole.
  private func write(
    _ stream: ResultStream, with encoder: any RowEncoder, to path: String
  ) throws(SQLError) -> Int {
    let disk = database.disk
    // Devices and pipes cannot be replaced by a file.
    let isPlain = disk.kind(of: path).map { $0 == .file } ?? true
    let temporary = isPlain ? path + ".part" : path
    let file = try disk.create(temporary, replacing: true)
    do throws(SQLError) {
      var out = ByteWriter(capacity: 1 << 20)
      var rows = 0
      try encoder.header(into: &out)
      while let batch = try stream.next() {
        try encoder.append(batch, into: &out)
        rows += batch.rowCount
        if out.count > 1 << 20 {
          try file.write(out.bytes)
          out.removeAll()
        }
      }
      encoder.finish(error: nil, into: &out)
      try file.write(out.bytes)
      if isPlain { try file.sync() }
      try file.close()
      if isPlain { try disk.rename(temporary, to: path) }
      return rows
    } catch {
      try? file.close()
      if isPlain { try? disk.remove(temporary) }
      throw error
    }
  }
}
