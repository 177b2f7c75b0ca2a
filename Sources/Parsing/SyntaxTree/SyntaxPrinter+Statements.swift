extension SyntaxPrinter {
  mutating func write(_ statement: Statement) {
    switch statement {
    case .query(let query): write(query)
    case .createTable(let table): write(table)
    case .dropTable(let drop):
      write(drop.ifExists ? "DROP TABLE IF EXISTS " : "DROP TABLE ")
      list(drop.names) { $0.write($1) }
    case .insert(let insert):
      write("INSERT INTO ")
      write(insert.table)
      write(columns: insert.columns)
      write(" ")
      write(insert.query)
    case .update(let update): write(update)
    case .delete(let delete): write(delete)
    case .truncate(let names, _):
      write("TRUNCATE TABLE ")
      list(names) { $0.write($1) }
    case .checkpoint: write("CHECKPOINT")
    case .copy(let copy): write(copy)
    case .explain(let explain):
      write(explain.isAnalyze ? "EXPLAIN ANALYZE " : "EXPLAIN ")
      if let count = explain.fragmentCount { write("(FRAGMENTS \(count)) ") }
      write(explain.statement)
    case .fragment(let fragment):
      write("FRAGMENT \(fragment.number) OF \(fragment.count) AT ")
      write(Literal.string(fragment.snapshot))
      write(" ")
      write(fragment.query)
    case .set(let set):
      write("SET ")
      write(set.name)
      write(" = ")
      if let value = set.value { write(value) } else { write("DEFAULT") }
    case .show(let show):
      write("SHOW ")
      if let name = show.name { write(name) } else { write("ALL") }
    case .transaction(let command): write(command)
    }
  }

  private mutating func write(_ command: TransactionCommand) {
    switch command {
    case .begin(let modes, let isSpelledOut):
      write(isSpelledOut ? "START TRANSACTION" : "BEGIN")
      write(modes)
    case .commit: write("COMMIT")
    case .rollback: write("ROLLBACK")
    case .savepoint(let name):
      write("SAVEPOINT ")
      write(name)
    case .release(let name):
      write("RELEASE SAVEPOINT ")
      write(name)
    case .rollbackTo(let name):
      write("ROLLBACK TO SAVEPOINT ")
      write(name)
    case .set(let modes):
      write("SET TRANSACTION")
      write(modes)
    case .setDefaults(let modes):
      write("SET SESSION CHARACTERISTICS AS TRANSACTION")
      write(modes)
    }
  }

  private mutating func write(_ modes: TransactionModes) {
    var parts: [String] = []
    if let isolation = modes.isolation { parts.append(" ISOLATION LEVEL " + isolation.rawValue) }
    if let isReadOnly = modes.isReadOnly { parts.append(isReadOnly ? " READ ONLY" : " READ WRITE") }
    if let isDeferrable = modes.isDeferrable {
      parts.append(isDeferrable ? " DEFERRABLE" : " NOT DEFERRABLE")
    }
    write(parts.joined(separator: ","))
  }

  private mutating func write(_ update: Update) {
    write("UPDATE ")
    write(update.table)
    if let alias = update.alias {
      write(" AS ")
      write(alias)
    }
    write(" SET ")
    list(update.assignments) { printer, assignment in
      printer.write(assignment.column)
      printer.write(" = ")
      if let value = assignment.value { printer.write(value) } else { printer.write("DEFAULT") }
    }
    if let condition = update.condition {
      write(" WHERE ")
      write(condition)
    }
  }

  private mutating func write(_ delete: Delete) {
    write("DELETE FROM ")
    write(delete.table)
    if let alias = delete.alias {
      write(" AS ")
      write(alias)
    }
    if let condition = delete.condition {
      write(" WHERE ")
      write(condition)
    }
  }

  private mutating func write(_ table: CreateTable) {
    write(table.ifNotExists ? "CREATE TABLE IF NOT EXISTS " : "CREATE TABLE ")
    write(table.name)
    if !table.columns.isEmpty {
      write(" (")
      list(table.columns) { $0.write($1) }
      write(")")
    }
    if let clustering = table.clustering { write(clustering) }
    if let query = table.query {
      write(" AS ")
      write(query)
    }
  }

  private mutating func write(_ clustering: CreateTable.Clustering) {
    write(" CLUSTER BY")
    switch clustering {
    case .unclustered: write(" NONE")
    case .sky(let lon, let lat):
      write(" SKY")
      write(columns: [lon, lat])
    case .columns(let names): write(columns: names)
    }
  }

  private mutating func write(_ column: ColumnDefinition) {
    write(column.name)
    if let type = column.type {
      write(" ")
      write(type)
    }
    if column.isNotNull { write(" NOT NULL") }
    let notes = [
      ("UNIT", column.unit), ("UCD", column.ucd), ("UTYPE", column.utype),
      ("DESCRIPTION", column.description),
    ]
    for case (let word, let text?) in notes {
      write(" \(word) " + Self.quoted(text, by: "'"))
    }
  }

  private mutating func write(_ copy: Copy) {
    write("COPY ")
    switch copy.subject {
    case .table(let name, let names):
      write(name)
      write(columns: names)
    case .query(let query): write(nested: query)
    }
    write(copy.isFrom ? " FROM " : " TO ")
    switch copy.target {
    case .file(let path, _): write(Self.quoted(path, by: "'"))
    case .standardStream: write(copy.isFrom ? "STDIN" : "STDOUT")
    }
    write(options: copy.options)
  }

  mutating func write(options: [FileOption]) {
    guard !options.isEmpty else { return }
    write(" (")
    list(options) { printer, option in
      printer.write(option.name)
      switch option.setting {
      case nil: break
      case .literal(let value):
        printer.write(" ")
        printer.write(value)
      case .list(let values):
        printer.write(" (")
        printer.list(values) { $0.write($1) }
        printer.write(")")
      }
    }
    write(")")
  }
}
