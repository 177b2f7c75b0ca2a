import Base
import Catalog
import Parsing
import Planning
import Storage
import Vectors

/// UPDATE: rows are deleted, and come again behind the others with their new values.
extension Session {
  func update(_ update: Update, _ parameters: [Value]) throws(SQLError) -> StatementResult {
    let table = try requireTable(update.table)
    let context = makeContext()
    let count = try repeating { () throws(SQLError) in
      try change { (changes) throws(SQLError) in
        let target = AddressedTable(changes[table])
        let runner = try QueryRunner(self, parameters: parameters, replacing: target)
        let bound = try Binder.bind(
          try query(update, of: table, withAddresses: true), in: runner.environment)
        let columns = [target.columns[target.columns.count - 1]] + table.visibleColumns
        let plan = try assigned(bound.plan, to: columns, Array(columns.indices), update.range)
        let appender = try database.append(to: table, context: context)
        let stream = try runner.start(runner.plan(plan), context: context)
        var rows: [PartOrigin: RowMask] = [:]
        while let batch = try stream.next() {
          target.collect(batch.columns[0], into: &rows)
          try appender.append(
            Batch(columns: Array(batch.columns.dropFirst()), rowCount: batch.rowCount))
        }
        _ = hide(rows, of: table, &changes)
        return try appender.finish(into: &changes)
      }
    }
    return StatementResult(tag: "UPDATE \(count)", affectedRowCount: count, context: context)
  }

  /// The rows that an UPDATE is about with their new values, and their addresses in front.
  func query(
    _ update: Update, of table: Table, withAddresses: Bool
  ) throws(SQLError) -> Query {
    let positions = try columnPositions(update.assignments.map(\.column), of: table)
    var select = Select(range: update.range)
    if withAddresses {
      select.items.append(item(AddressedTable.addressColumn, update.table.range))
    }
    for (index, column) in table.visibleColumns.enumerated() {
      guard let assignment = positions.firstIndex(of: index) else {
        select.items.append(item(column.name, update.table.range))
        continue
      }
      let value = update.assignments[assignment].value
        ?? .literal(.null, update.assignments[assignment].column.range)
      select.items.append(.expression(value, alias: nil))
    }
    select.from = [.table(update.table, alias: update.alias.map { TableAlias(name: $0) })]
    select.condition = update.condition
    return Query(body: .select(select), range: update.range)
  }

  private func item(_ column: String, _ range: SourceRange) -> SelectItem {
    let name = Identifier(column, isDelimited: true, range: range)
    return .expression(.column(QualifiedName([name])), alias: nil)
  }
}
