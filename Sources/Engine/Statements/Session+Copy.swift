import Base
import Catalog
import Parsing
import Plans
import Vectors

/// COPY between tables and files.
extension Session {
  func copy(_ copy: Copy, _ parameters: [Value]) throws(SQLError) -> StatementResult {
    try copy.isFrom ? copyIn(copy) : copyOut(copy, parameters)
  }

  // MARK: FROM

  private func copyIn(_ copy: Copy) throws(SQLError) -> StatementResult {
    guard case .table(let name, let names) = copy.subject else {
      throw SQLError(.syntaxError, "COPY FROM needs a table", at: copy.range)
    }
    let table = try requireTable(name)
    let visible = table.visibleColumns
    let positions = names.isEmpty
      ? Array(visible.indices) : try columnPositions(names, of: table)
    let expected = positions.map { ResultColumn(visible[$0]) }
    let context = makeContext()
    guard let (source, written) = try source(of: copy) else {
      var result = StatementResult(tag: "COPY 0", context: context)
      result.awaitedCopy = copy
      return result
    }
    let access = FileAccess(database: database, isStream: copy.target == .standardStream)
    let scan = try access.open(
      source, written, expected: expected, context: context)
    var read = FileRead(source, columns: scan.columns.map(PlanColumn.init))
    read.projection = try Self.match(expected, in: scan.columns, source.path)
    let plan = try assigned(.file(read), to: visible, positions, copy.range)
    var runner = try QueryRunner(self, parameters: [])
    runner.openFile = { (read, context) throws(SQLError) in
      try FileAccess.parts(of: scan, read, context: context)
    }
    let appender = try database.append(to: table, context: context)
    let rows = try fill(appender, from: try runner.start(runner.plan(plan), context: context))
    return StatementResult(tag: "COPY \(rows)", affectedRowCount: rows, context: context)
  }

  /// What COPY reads and the options as they are written; nil while the rows are still to come.
  private func source(
    of copy: Copy
  ) throws(SQLError) -> (FileSource, [FileOption])? {
    if case .file(let path, _) = copy.target {
      return (try FileSource(path, copy.options), copy.options)
    }
    switch standardInput {
    case .none:
      throw SQLError(
        .featureNotSupported, "there is no standard input to copy from", at: copy.range,
        hint: "Name a file, or let the program hand the rows over.")
    case .awaited: return nil
    case .process: return (try FileSource("/dev/stdin", copy.options), copy.options)
    case .spool(let spool):
      let path = try spool.finish()
      if let known = spool.options {
        return (FileSource(path, format: "csv", options: known.values), [])
      }
      return (try FileSource(path, copy.options), copy.options)
    }
  }

  /// The position of each expected column in a file: by name, whatever the order; by position when
  /// the file has none of the names and just as many columns.
  static func match(
    _ expected: [ResultColumn], in columns: [ResultColumn], _ path: String
  ) throws(SQLError) -> [Int] {
    if columns == expected { return Array(columns.indices) }
    let positions = expected.map { wanted in
      columns.firstIndex { $0.name == wanted.name }
        ?? columns.firstIndex { $0.name.lowercased() == wanted.name.lowercased() }
    }
    if columns.count == expected.count, positions.allSatisfy({ $0 == nil }) {
      return Array(columns.indices)
    }
    for (wanted, position) in zip(expected, positions) where position == nil {
      throw SQLError(
        .undefinedColumn, "\(path): the file has no column \"\(wanted.name)\"",
        hint: Suggestion.hint(for: wanted.name, among: columns.map(\.name))
          ?? "Name the columns that it has: COPY t (a, b) FROM …")
    }
    return positions.compactMap { $0 }
  }

  // MARK: TO

  private func copyOut(
    _ copy: Copy, _ parameters: [Value]
  ) throws(SQLError) -> StatementResult {
    let query = try Self.query(of: copy)
    let runner = try QueryRunner(self, parameters: parameters)
    let prepared = try runner.prepare(query)
    let context = makeContext()
    let path =
      switch copy.target {
      case .file(let path, _): path
      case .standardStream: ""
      }
    let target = try FileSource(path, copy.options)
    let access = FileAccess(database: database, isStream: copy.target == .standardStream)
    let writer = try access.writer(of: target, copy.options)
    let encoder = try writer.begin(prepared.columns, options: FileAccess.options(of: target))
    let stream = try runner.start(prepared, context: context)
    guard case .file = copy.target else {
      var result = StatementResult(tag: "COPY", stream: stream, context: context)
      result.copyEncoder = encoder
      result.copyIsBinary = writer.isBinary
      return result
    }
    let rows = try write(stream, with: encoder, context, to: path)
    return StatementResult(tag: "COPY \(rows)", affectedRowCount: rows, context: context)
  }

  static func query(of copy: Copy) throws(SQLError) -> Query {
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

  /// Writes a temporary file beside the target and renames it when it is whole. Its name is its own:
  /// two statements may write to the same target, and the last one to end wins.
  private func write(
    _ stream: ResultStream, with encoder: any RowEncoder, _ context: QueryContext, to path: String
  ) throws(SQLError) -> Int {
    let disk = database.disk
    // Devices and pipes cannot be replaced by a file.
    let isPlain = disk.kind(of: path).map { $0 == .file } ?? true
    let temporary = isPlain ? "\(path).\(SystemRandom().uuidText().prefix(8)).part" : path
    let file = try disk.create(temporary, replacing: !isPlain)
    do throws(SQLError) {
      var out = ByteWriter(capacity: 1 << 20)
      try encoder.header(into: &out)
      let team = EncodingTeam(encoder, context)
      var rows = 0
      while let more = try team.append(from: stream, into: &out) {
        rows += more
        if out.count > 1 << 20 {
          try file.write(out.bytes)
          out.removeAll()
        }
      }
      try encoder.finish(error: nil, into: &out)
      try file.write(out.bytes)
      if isPlain { try file.sync() }
      try file.close()
      if isPlain {
        try disk.rename(temporary, to: path)
        try disk.syncDirectory(Self.folder(of: path))
      }
      return rows
    } catch {
      try? file.close()
      if isPlain { try? disk.remove(temporary) }
      throw error
    }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
