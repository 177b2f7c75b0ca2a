import Base

/// What `Grammar/Select.peg.swift` matches.
extension Lowering {
  mutating func topQuery(_ node: Int) throws(SQLError) -> Query {
    var with: [CommonTable] = []
    var query: Query?
    for child in children(node) {
      if kind(child) == .with { with = try commonTables(child) }
      if kind(child) == .query { query = try self.query(child) }
    }
    guard var query else { throw unexpected(node) }
    if !with.isEmpty {
      query.with = with
      query.range = range(node)
    }
    return query
  }

  mutating func makeQuery(_ node: Int) throws(SQLError) -> Query {
    var bodies = SetOperands()
    var with: [CommonTable] = []
    var orderBy: [SortItem] = []
    var limit: Expression?
    var offset: Expression?
    var hasLimit = false
    for child in children(node) {
      switch kind(child) {
      case .with: with = try commonTables(child)
      case .select:
        bodies.append(.select(try select(child)), range(child), top: try self.top(child))
      case .values: bodies.append(.values(try values(child)), range(child))
      case .nestedQuery: bodies.append(.nested(try nestedQuery(child)), range(child))
      case .setOperator: bodies.operators.append(setOperator(child))
      case .orderBy: for item in children(child) { orderBy.append(try sortItem(item)) }
      case .limit, .fetch:
        hasLimit = true
        limit = try self.limit(child)
      case .offset, .standardOffset:
        offset = try countExpression(child)
      default: break
      }
    }
    guard let (body, top) = bodies.combined() else { throw unexpected(node) }
    if let top, hasLimit {
      throw SQLError(
        .syntaxError, "TOP and LIMIT cannot stand in one query", at: top.range,
        hint: "Keep one of them.")
    }
    var query = Query(body: body, range: range(node))
    query.with = with
    query.orderBy = orderBy
    query.limit = limit ?? top
    query.offset = offset
    return query
  }

  private func setOperator(_ node: Int) -> SetOperands.Symbol {
    SetOperands.Symbol(
      kind: has(.intersect, in: node) ? .intersect : has(.except, in: node) ? .except : .union,
      isAll: has(.allRows, in: node), range: range(node))
  }

  /// The query in a node that holds one in parentheses.
  mutating func nestedQuery(_ node: Int) throws(SQLError) -> Query {
    guard let query = firstChild(node, of: .query) else { throw unexpected(node) }
    return try self.query(query)
  }

  private mutating func commonTables(_ node: Int) throws(SQLError) -> [CommonTable] {
    var tables: [CommonTable] = []
    let isRecursive = has(.recursive, in: node)
    for child in children(node) where kind(child) == .commonTable {
      guard let name = firstChild(child, of: .name) else { throw unexpected(child) }
      var table = CommonTable(
        name: identifier(name), columns: firstChild(child, of: .columns).map(columns) ?? [],
        query: try nestedQuery(child))
      table.isRecursive = isRecursive
      tables.append(table)
    }
    return tables
  }

  private mutating func top(_ select: Int) throws(SQLError) -> Expression? {
    guard let top = firstChild(select, of: .top) else { return nil }
    return try countExpression(top)
  }

  private mutating func limit(_ node: Int) throws(SQLError) -> Expression? {
    if let expression = firstChild(node) { return try self.expression(expression) }
    // LIMIT ALL is no limit; FETCH FIRST ROW ONLY says 1.
    return kind(node) == .fetch ? .literal(.integer("1"), range(node)) : nil
  }

  private mutating func countExpression(_ node: Int) throws(SQLError) -> Expression {
    guard let child = firstChild(node) else { throw unexpected(node) }
    if kind(child) == .expression { return try expression(child) }
    if let parameter = firstChild(child) { return try operand(parameter) }
    return .literal(.integer(text(firstToken(child))), range(child))
  }

  private mutating func select(_ node: Int) throws(SQLError) -> Select {
    var select = Select(range: range(node))
    for child in children(node) {
      switch kind(child) {
      case .distinct: select.isDistinct = true
      case .selectItem: select.items.append(try selectItem(child))
      case .from:
        for table in children(child) { select.from.append(try tableReference(table)) }
      case .where: select.condition = try onlyExpression(child)
      case .groupBy: select.groupBy = try expressions(child)
      case .having: select.having = try onlyExpression(child)
      case .namedWindow: select.windows.append(try namedWindow(child))
      default: break
      }
    }
    return select
  }

  private mutating func selectItem(_ node: Int) throws(SQLError) -> SelectItem {
    guard let first = firstChild(node) else { throw unexpected(node) }
    if kind(first) == .allColumns {
      let qualifier = firstChild(first) == nil ? nil : qualifiedName(first)
      return .all(qualifier: qualifier, range(first))
    }
    let alias = firstChild(node, of: .alias).map { identifier(lastToken($0)) }
    return .expression(try expression(first), alias: alias)
  }

  mutating func sortItem(_ node: Int) throws(SQLError) -> SortItem {
    SortItem(
      expression: try onlyExpression(node), isDescending: has(.descending, in: node),
      nulls: has(.nullsFirst, in: node) ? .first : has(.nullsLast, in: node) ? .last : nil)
  }

  private mutating func values(_ node: Int) throws(SQLError) -> Values {
    var rows: [[Expression]] = []
    for child in children(node) {
      let row = try expressions(child)
      if let first = rows.first, first.count != row.count {
        throw SQLError(
          .syntaxError, "VALUES lists must all be the same length: \(first.count), \(row.count)",
          at: range(child))
      }
      rows.append(row)
    }
    return Values(rows: rows, range: range(node))
  }

  // MARK: FROM

  mutating func makeTableReference(_ node: Int) throws(SQLError) -> TableReference {
    var result: TableReference?
    var joinCount = 0
    for child in children(node) {
      guard kind(child) == .join else {
        result = try tableFactor(child)
        continue
      }
      guard let left = result else { throw unexpected(child) }
      joinCount += 1
      // Joins are a tree that leans left, and trees are freed recursively.
      guard joinCount <= Matcher.maximumLevels else { throw Self.tooComplex(at: range(child)) }
      let start = Int(nodes[node].start)
      let end = Int(nodes[child].end)
      result = .join(try join(child, left: left, range: range(fromToken: start, toToken: end)))
    }
    guard let result else { throw unexpected(node) }
    return result
  }

  private mutating func tableFactor(_ node: Int) throws(SQLError) -> TableReference {
    let alias = tableAlias(in: node)
    switch kind(node) {
    case .derivedTable: return .derived(try nestedQuery(node), alias: alias, range(node))
    case .nestedJoin:
      guard let inner = firstChild(node) else { throw unexpected(node) }
      return try tableReference(inner)
    case .fileTable:
      let file = FileReference(
        unquoted(firstToken(node)), options: fileOptions(in: node), range: range(node))
      return .file(file, alias: alias)
    case .namedTable:
      guard let nameNode = firstChild(node, of: .qualifiedName) else { throw unexpected(node) }
      let name = qualifiedName(nameNode)
      guard let arguments = firstChild(node, of: .tableArguments) else {
        return .table(name, alias: alias)
      }
      return functionTable(name, try expressions(arguments), alias, node)
    case .lateral: return .lateral(try nestedQuery(node), alias: alias, range(node))
    default: throw unexpected(node)
    }
  }

  private func functionTable(
    _ name: QualifiedName, _ arguments: [Expression], _ alias: TableAlias?, _ node: Int
  ) -> TableReference {
    let hasOrdinality = has(.withOrdinality, in: node)
    let isOwn = name.parts.count == 1 || name.parts[0].text.lowercased() == "pg_catalog"
    if isOwn, name.last.text.lowercased() == "unnest" {
      let unnest = Unnest(arguments, hasOrdinality: hasOrdinality, range: range(node))
      return .unnest(unnest, alias: alias)
    }
    let call = TableCall(
      name: name, arguments: arguments, hasOrdinality: hasOrdinality, range: range(node))
    return .function(call, alias: alias)
  }

  private func tableAlias(in node: Int) -> TableAlias? {
    guard let alias = firstChild(node, of: .tableAlias), let name = firstChild(alias, of: .alias)
    else { return nil }
    return TableAlias(
      name: identifier(lastToken(name)),
      columns: firstChild(alias, of: .columns).map(columns) ?? [])
  }

  private mutating func join(
    _ node: Int, left: TableReference, range: SourceRange
  ) throws(SQLError) -> Join {
    var kind = Join.Kind.inner
    var condition = Join.Condition.none
    var right: TableReference?
    for child in children(node) {
      switch self.kind(child) {
      case .natural: condition = .natural
      case .cross: kind = .cross
      case .leftJoin: kind = .left
      case .rightJoin: kind = .right
      case .fullJoin: kind = .full
      case .on: condition = .on(try onlyExpression(child))
      case .using: condition = .using(firstChild(child).map(columns) ?? [])
      default: right = try tableFactor(child)
      }
    }
    guard let right else { throw unexpected(node) }
    return Join(kind: kind, left: left, right: right, condition: condition, range: range)
  }

  static func tooComplex(at range: SourceRange) -> SQLError {
    SQLError(
      .statementTooComplex, "statement is nested too deeply", at: range,
      hint: "Split it, for example with WITH or a table of its own.")
  }
}
