import Base
import Catalog
import Functions
import Parsing
import Planning
import Plans
import Vectors

/// CREATE TABLE and INSERT.
extension Session {
  func createTable(
    _ create: CreateTable, _ parameters: [Value]
  ) throws(SQLError) -> StatementResult {
    let (schema, name) = try Self.names(create.name)
    if create.ifNotExists, try storedTable(create.name) != nil {
      return StatementResult(tag: "CREATE TABLE", context: makeContext())
    }
    do throws(SQLError) {
      return try create.query == nil
        ? createEmpty(create, schema, name)
        : createFromQuery(create, schema, name, parameters)
    } catch {
      throw error.at(error.state == .duplicateTable ? create.name.range : nil)
    }
  }

  static func names(_ name: QualifiedName) throws(SQLError) -> (String, String) {
    guard name.parts.count <= 2 else {
      throw SQLError(
        .featureNotSupported, "a table name has at most a schema: \"\(name.text)\"",
        at: name.range)
    }
    let schema = name.parts.count == 2 ? name.parts[0].text : CatalogSnapshot.defaultSchema
    guard !["zij", "information_schema", "pg_catalog"].contains(schema.lowercased()) else {
      throw SQLError(
        .readOnlyTransaction, "schema is reserved: \"\(schema)\"", at: name.range)
    }
    return (schema, name.last.text)
  }

  private func createEmpty(
    _ create: CreateTable, _ schema: String, _ name: String
  ) throws(SQLError) -> StatementResult {
    var columns: [Catalog.ColumnDefinition] = []
    for column in create.columns {
      guard let typeName = column.type else {
        throw SQLError(
          .syntaxError, "column has no type: \"\(column.name.text)\"", at: column.name.range)
      }
      columns.append(
        Catalog.ColumnDefinition(
          column.name.text, try Binder.resolve(typeName), isNullable: !column.isNotNull,
          unit: column.unit, ucd: column.ucd, utype: column.utype,
          description: column.description))
    }
    let context = makeContext()
    let (order, notice) = try order(of: create, columns)
    try Table.validate(columns, order: order, at: create.range)
    let appender = try database.createTable(
      name, schema: schema, columns: columns, order: order, description: nil, context: context)
    try requireUnused(name, schema)
    try change { (changes) throws(SQLError) in _ = try appender.finish(into: &changes) }
    return StatementResult(tag: "CREATE TABLE", notice: notice, context: context)
  }

  private func createFromQuery(
    _ create: CreateTable, _ schema: String, _ name: String, _ parameters: [Value]
  ) throws(SQLError) -> StatementResult {
    guard let query = create.query else { return try createEmpty(create, schema, name) }
    let runner = try QueryRunner(self, parameters: parameters)
    let prepared = try runner.prepare(query)
    guard create.columns.count <= prepared.columns.count else {
      throw SQLError(
        .syntaxError,
        "\(create.columns.count) names given for \(prepared.columns.count) columns",
        at: create.range)
    }
    var columns = prepared.columns.map {
      Catalog.ColumnDefinition(
        $0.name, $0.type, unit: $0.unit, ucd: $0.ucd, utype: $0.utype,
        description: $0.description)
    }
    for (index, column) in create.columns.enumerated() { columns[index].name = column.name.text }
    let (order, notice) = try order(of: create, columns)
    try Table.validate(columns, order: order, at: create.name.range)
    try requireUnused(name, schema)
    let context = makeContext()
    let appender = try database.createTable(
      name, schema: schema, columns: columns, order: order, description: nil, context: context)
    let rows = try fill(appender, from: try runner.start(prepared, context: context))
    return StatementResult(
      tag: "SELECT \(rows)", affectedRowCount: rows, notice: notice, context: context)
  }

  /// The order asked for, or else that of the sky if the columns tell where it is and no ORDER BY
  /// says otherwise. Then the user is told, since rows will not come back in the order they came in.
  private func order(
    of create: CreateTable, _ columns: [Catalog.ColumnDefinition]
  ) throws(SQLError) -> (TableOrder, notice: String?) {
    if let clustering = create.clustering { return (try order(clustering, columns), nil) }
    // Rows in memory stay as they come.
    guard database.directory != nil, create.query?.orderBy.isEmpty ?? true,
      let main = MainPosition(in: columns)
    else { return (.none, nil) }
    return (
      .sky(lon: main.lon, lat: main.lat),
      "table \"\(create.name.last.text)\" is clustered by SKY(\(main.lon), \(main.lat)), which are its "
        + "main position by their UCDs; CLUSTER BY NONE keeps rows as they come"
    )
  }

  private func order(
    _ clustering: CreateTable.Clustering, _ columns: [Catalog.ColumnDefinition]
  ) throws(SQLError) -> TableOrder {
    func name(_ identifier: Identifier) throws(SQLError) -> String {
      let folded = identifier.text.lowercased()
      let match = columns.first { $0.name == identifier.text }
        ?? columns.first { !identifier.isDelimited && $0.name.lowercased() == folded }
      guard let match else {
        throw SQLError(
          .undefinedColumn, "column does not exist: \"\(identifier.text)\"",
          at: identifier.range,
          hint: Suggestion.hint(for: identifier.text, among: columns.map(\.name)))
      }
      return match.name
    }
    switch clustering {
    case .unclustered: return .none
    case .sky(let lon, let lat): return .sky(lon: try name(lon), lat: try name(lat))
    case .columns(let identifiers):
      var names: [String] = []
      for identifier in identifiers { names.append(try name(identifier)) }
      return .columns(names)
    }
  }

  /// An early answer; what counts is asked with the commit.
  private func requireUnused(_ name: String, _ schema: String) throws(SQLError) {
    if try catalog().snapshot.hasTable(named: name, schema: schema) {
      throw SQLError(.duplicateTable, "table exists already: \"\(name)\"")
    }
  }

  /// Adds all rows of a stream; nothing remains on failure.
  func fill(
    _ appender: TableAppender, from stream: ResultStream
  ) throws(SQLError) -> Int {
    do throws(SQLError) {
      while let batch = try stream.next() { try appender.append(batch) }
      return try change { (changes) throws(SQLError) in try appender.finish(into: &changes) }
    } catch {
      appender.abandon()
      throw error
    }
  }

  // MARK: INSERT

  func insert(_ insert: Insert, _ parameters: [Value]) throws(SQLError) -> StatementResult {
    let table = try requireTable(insert.table)
    let runner = try QueryRunner(self, parameters: parameters)
    let bound = try bindSource(of: insert, into: table, in: runner.environment)
    let targets = try targets(insert, of: table, given: bound.columns.count)
    let plan = try assigned(bound.plan, to: table.visibleColumns, targets, insert.range)
    let context = makeContext()
    let appender = try database.append(to: table, context: context)
    let prepared = runner.plan(plan)
    let rows: Int
    if let batches = try runner.immediate(prepared, context: context) {
      for batch in batches { try appender.append(batch) }
      rows = try change { (changes) throws(SQLError) in try appender.finish(into: &changes) }
    } else {
      rows = try fill(appender, from: try runner.start(prepared, context: context))
    }
    return StatementResult(tag: "INSERT 0 \(rows)", affectedRowCount: rows, context: context)
  }

  /// The rows to insert; VALUES take the types of the columns they go to.
  func bindSource(
    of insert: Insert, into table: Table, in environment: BindingEnvironment
  ) throws(SQLError) -> BoundQuery {
    let columns = table.visibleColumns
    let named = insert.columns.isEmpty
      ? Array(columns.indices) : try columnPositions(insert.columns, of: table)
    var types = named.map { columns[$0].type }
    // Fewer values than columns leave the last ones NULL.
    if insert.columns.isEmpty, case .values(let values) = insert.query.body {
      types = Array(types.prefix(values.rows.first?.count ?? 0))
    }
    return try Binder.bind(insert.query, in: environment, assigning: types)
  }

  /// Which visible column each value goes to.
  func targets(
    _ insert: Insert, of table: Table, given count: Int
  ) throws(SQLError) -> [Int] {
    let positions = try columnPositions(insert.columns, of: table)
    let targets = insert.columns.isEmpty ? Array(table.visibleColumns.indices.prefix(count)) : positions
    guard targets.count == count else {
      throw SQLError(
        .syntaxError,
        count > targets.count
          ? "INSERT has more values than columns: \(count) for \(targets.count)"
          : "INSERT has fewer values than columns: \(count) for \(targets.count)",
        at: insert.range)
    }
    return targets
  }

  /// Positions of named columns among the visible ones.
  func columnPositions(
    _ names: [Identifier], of table: Table
  ) throws(SQLError) -> [Int] {
    let columns = table.visibleColumns
    var result: [Int] = []
    for name in names {
      let folded = name.text.lowercased()
      let match = columns.firstIndex { $0.name == name.text }
        ?? columns.firstIndex { !name.isDelimited && $0.name.lowercased() == folded }
      guard let match else {
        throw SQLError(
          .undefinedColumn, "column does not exist: \"\(name.text)\"", at: name.range,
          hint: Suggestion.hint(for: name.text, among: columns.map(\.name)))
      }
      guard !result.contains(match) else {
        throw SQLError(
          .duplicateColumn, "column is named twice: \"\(name.text)\"", at: name.range)
      }
      result.append(match)
    }
    return result
  }

  /// The rows cast to the table's columns; columns that get no value are NULL.
  func assigned(
    _ plan: LogicalPlan, to columns: [Catalog.ColumnDefinition], _ targets: [Int], _ range: SourceRange
  ) throws(SQLError) -> LogicalPlan {
    var expressions = columns.map { ScalarExpression.literal(.null, $0.type) }
    for (source, target) in targets.enumerated() {
      let from = plan.columns[source].type
      let to = columns[target].type
      let value = ScalarExpression.column(source, from)
      if from == to {
        expressions[target] = value
      } else if from == .null || Casts.kernel(from: from, to: to) != nil {
        expressions[target] = .cast(value, to)
      } else {
        throw SQLError(
          .datatypeMismatch,
          "column \"\(columns[target].name)\" is \(to), but the value is \(from)", at: range)
      }
    }
    return .project(plan, expressions, columns: columns.map(PlanColumn.init))
  }
}
