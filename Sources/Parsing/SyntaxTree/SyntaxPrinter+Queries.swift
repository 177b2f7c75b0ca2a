extension SyntaxPrinter {
  mutating func write(nested query: Query) {
    write("(")
    write(query)
    write(")")
  }

  mutating func write(_ query: Query) {
    if !query.with.isEmpty {
      write(query.with.contains(where: \.isRecursive) ? "WITH RECURSIVE " : "WITH ")
      list(query.with) { $0.write($1) }
      write(" ")
    }
    write(query.body)
    if !query.orderBy.isEmpty {
      write(" ORDER BY ")
      list(query.orderBy) { $0.write($1) }
    }
    write(" LIMIT ", query.limit)
    write(" OFFSET ", query.offset)
  }

  private mutating func write(_ body: QueryBody) {
    switch body {
    case .select(let select): write(select)
    case .values(let values): write(values)
    case .nested(let inner): write(nested: inner)
    case .setOperation(let operation):
      write(operation.first)
      for link in operation.rest {
        write(" " + link.symbol.rawValue.uppercased() + (link.isAll ? " ALL " : " "))
        write(link.operand)
      }
    }
  }

  private mutating func write(_ keyword: String, _ expression: Expression?) {
    guard let expression else { return }
    write(keyword)
    write(expression)
  }

  private mutating func write(_ table: CommonTable) {
    write(table.name)
    write(columns: table.columns)
    write(" AS ")
    write(nested: table.query)
  }

  private mutating func write(_ select: Select) {
    write(select.isDistinct ? "SELECT DISTINCT " : "SELECT ")
    let start = text.utf8.count
    list(select.items) { $0.write($1) }
    // `ALL (SELECT …)` as the first item would be read as SELECT ALL and a subquery.
    if !select.isDistinct, text.utf8.dropFirst(start).starts(with: "ALL ".utf8) {
      text.insert(contentsOf: "ALL ", at: text.utf8.index(text.startIndex, offsetBy: start))
    }
    if !select.from.isEmpty {
      write(" FROM ")
      list(select.from) { $0.write($1) }
    }
    write(" WHERE ", select.condition)
    if !select.groupBy.isEmpty {
      write(" GROUP BY ")
      list(select.groupBy) { $0.write($1) }
    }
    write(" HAVING ", select.having)
    if !select.windows.isEmpty {
      write(" WINDOW ")
      list(select.windows) { printer, window in
        printer.write(window.name)
        printer.write(" AS ")
        printer.write(window.specification)
      }
    }
  }

  private mutating func write(_ values: Values) {
    write("VALUES ")
    list(values.rows) { printer, row in
      printer.write("(")
      printer.list(row) { $0.write($1) }
      printer.write(")")
    }
  }

  private mutating func write(_ item: SelectItem) {
    switch item {
    case .all(let qualifier, _):
      if let qualifier {
        write(qualifier)
        write(".")
      }
      write("*")
    case .expression(let expression, let alias):
      write(expression)
      if let alias {
        write(" AS ")
        write(alias)
      }
    }
  }

  mutating func write(_ item: SortItem) {
    write(item.expression)
    if item.isDescending { write(" DESC") }
    switch item.nulls {
    case .first: write(" NULLS FIRST")
    case .last: write(" NULLS LAST")
    case nil: break
    }
  }

  // MARK: FROM

  private mutating func write(_ table: TableReference) {
    switch table {
    case .table(let name, let alias):
      write(name)
      write(alias)
    case .file(let file, let alias):
      write(Self.quoted(file.path, by: "'"))
      write(options: file.options)
      write(alias)
    case .function(let call, let alias):
      write(call.name)
      write("(")
      list(call.arguments) { $0.write($1) }
      write(call.hasOrdinality ? ") WITH ORDINALITY" : ")")
      write(alias)
    case .lateral(let query, let alias, _):
      write("LATERAL ")
      write(nested: query)
      write(alias)
    case .unnest(let unnest, let alias):
      write("UNNEST(")
      list(unnest.lists) { $0.write($1) }
      write(unnest.hasOrdinality ? ") WITH ORDINALITY" : ")")
      write(alias)
    case .derived(let query, let alias, _):
      write(nested: query)
      write(alias)
    case .join(let join): write(join)
    }
  }

  private mutating func write(_ alias: TableAlias?) {
    guard let alias else { return }
    write(" AS ")
    write(alias.name)
    write(columns: alias.columns)
  }

  private mutating func write(_ join: Join) {
    write(join.left)
    if case .natural = join.condition { write(" NATURAL") }
    if join.kind != .inner { write(" " + join.kind.rawValue.uppercased()) }
    write(" JOIN ")
    if case .join(let inner) = join.right {
      write("(")
      write(inner)
      write(")")
    } else {
      write(join.right)
    }
    switch join.condition {
    case .on(let condition):
      write(" ON ")
      write(condition)
    case .using(let names):
      write(" USING")
      write(columns: names)
    case .none, .natural: break
    }
  }
}
