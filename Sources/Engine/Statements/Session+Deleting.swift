import Base
import Catalog
import Parsing
import Planning
import Storage
import Vectors

/// DELETE and TRUNCATE.
extension Session {
  /// How often a statement begins anew when rows that it deletes were moved or deleted meanwhile.
  private static let attempts = 20

  func delete(_ delete: Delete, _ parameters: [Value]) throws(SQLError) -> StatementResult {
    let table = try requireTable(delete.table)
    let context = makeContext()
    let count = try repeating { () throws(SQLError) in
      try change { (changes) throws(SQLError) in
        let target = AddressedTable(changes[table])
        guard delete.condition != nil else {
          return hide(try target.allRows, of: table, &changes)
        }
        let runner = try QueryRunner(self, parameters: parameters, replacing: target)
        let prepared = try runner.prepare(Self.addresses(of: delete))
        let stream = try runner.start(prepared, context: context)
        var rows: [PartOrigin: RowMask] = [:]
        while let batch = try stream.next() { target.collect(batch.columns[0], into: &rows) }
        return hide(rows, of: table, &changes)
      }
    }
    return StatementResult(tag: "DELETE \(count)", affectedRowCount: count, context: context)
  }

  func truncate(_ names: [QualifiedName]) throws(SQLError) -> StatementResult {
    var tables: [Table] = []
    for name in names { tables.append(try requireTable(name)) }
    try repeating { () throws(SQLError) in
      try change { (changes) throws(SQLError) in
        for table in tables {
          _ = hide(try AddressedTable(changes[table]).allRows, of: table, &changes)
        }
      }
    }
    return StatementResult(tag: "TRUNCATE TABLE", context: makeContext())
  }

  func hide(
    _ rows: [PartOrigin: RowMask], of table: Table, _ changes: inout ChangeSet
  ) -> Int {
    var count = 0
    for (origin, mask) in rows {
      changes[table].hide(mask, in: origin)
      count += mask.hiddenCount
    }
    return count
  }

  /// Outside of a transaction nobody has seen what the first attempt saw.
  func repeating<Result>(
    _ body: () throws(SQLError) -> Result
  ) throws(SQLError) -> Result {
    for _ in 1..<Self.attempts {
      do throws(SQLError) {
        return try body()
      } catch {
        guard error.state == .serializationFailure, transaction == nil else { throw error }
      }
    }
    return try body()
  }

  /// The rows that a DELETE is about, as a query.
  static func rows(of delete: Delete) -> Query {
    query(delete, .expression(.literal(.integer("1"), delete.range), alias: nil))
  }

  private static func addresses(of delete: Delete) -> Query {
    let column = Identifier(
      AddressedTable.addressColumn, isDelimited: true, range: delete.table.range)
    return query(delete, .expression(.column(QualifiedName([column])), alias: nil))
  }

  private static func query(_ delete: Delete, _ item: SelectItem) -> Query {
    var select = Select(range: delete.range)
    select.items = [item]
    select.from = [.table(delete.table, alias: delete.alias.map { TableAlias(name: $0) })]
    select.condition = delete.condition
    return Query(body: .select(select), range: delete.range)
  }
}
