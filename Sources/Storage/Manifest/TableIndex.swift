/// Where the tables of a list are, by id and by name: a database may have tens of thousands.
struct TableIndex: Sendable {
  private struct Name: Hashable {
    var schema: String
    var name: String
  }

  private var positions: [String: Int] = [:]
  private var named: [Name: Int] = [:]

  init(_ tables: [StoredTable]) {
    positions.reserveCapacity(tables.count)
    named.reserveCapacity(tables.count)
    // Of damaged lists that name one twice, the first counts.
    for position in tables.indices.reversed() { add(tables[position], at: position) }
  }

  subscript(id: String) -> Int? { positions[id] }

  subscript(schema: String, name: String) -> Int? { named[Name(schema: schema, name: name)] }

  mutating func add(_ table: StoredTable, at position: Int) {
    positions[table.id] = position
    named[Name(schema: table.schema, name: table.name)] = position
  }

  mutating func remove(_ table: StoredTable) {
    positions[table.id] = nil
    named[Name(schema: table.schema, name: table.name)] = nil
  }
}
