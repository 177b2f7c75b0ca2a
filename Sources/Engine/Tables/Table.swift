import Base
import Catalog
import Storage
import Synchronization
import Vectors

/// A table of this database: stored in segments, or in memory.
final class Table: CatalogTable {
  let id: String
  let schema: String
  let name: String
  let columns: [ColumnDefinition]
  let order: TableOrder
  let description: String?
  var identity: String? { id }
  private let current: Mutex<TableSnapshot>
  /// The memory of rows that are not in segments, on the database's account.
  private let memory: MemoryReservation

  init(
    id: String, schema: String, name: String, columns: [ColumnDefinition], order: TableOrder,
    description: String?, snapshot: TableSnapshot, memory: MemoryAccount
  ) {
    self.memory = MemoryReservation(memory)
    self.id = id
    self.schema = schema
    self.name = name
    self.columns = columns
    self.order = order
    self.description = description
    current = Mutex(snapshot)
  }

  func snapshot() throws(SQLError) -> TableSnapshot { current.withLock { $0 } }

  /// More parts behind the table's own; snapshots taken before do not see them.
  func appending(_ parts: [any TablePart]) {
    current.withLock { $0 = TableSnapshot(parts: $0.parts + parts) }
  }

  /// More rows behind those in memory. Short batches are joined, so that rows inserted one at a time
  /// do not make every scan slow. The table takes over the memory they are charged to.
  func appending(_ batches: [Batch], _ reservation: MemoryReservation) {
    memory.absorb(reservation)
    current.withLock { snapshot in
      var kept = snapshot.parts
      var all: [Batch] = []
      if let last = kept.last as? MemoryPart {
        all = last.batches
        kept.removeLast()
      }
      for batch in batches where batch.rowCount > 0 {
        if let last = all.last, last.rowCount + batch.rowCount <= Batch.capacity,
          last.sizeBytes + batch.sizeBytes <= Batch.byteBudget
        {
          all[all.count - 1] = last.joined(with: batch)
        } else {
          all.append(batch)
        }
      }
      if !all.isEmpty { kept.append(MemoryPart(batches: all, reservation: memory)) }
      snapshot = TableSnapshot(parts: kept)
    }
  }
}

extension Table {
  /// The name of the hidden column that holds the order-29 cell of a row of a sky table.
  static let cellColumn = "_healpix_29"

  /// Columns as they are stored: for a sky table with the cell column behind the declared ones.
  static func storedColumns(
    _ columns: [ColumnDefinition], order: TableOrder
  ) -> [ColumnDefinition] {
    guard case .sky = order, !columns.contains(where: { $0.name == cellColumn }) else {
      return columns
    }
    return columns + [
      ColumnDefinition(
        cellColumn, .int64, isHidden: true, ucd: "pos.healpix",
        description: "HEALPix cell of order 29, NESTED")
    ]
  }

  /// Checks names and order of a new table's columns.
  static func validate(
    _ columns: [ColumnDefinition], order: TableOrder, at range: SourceRange? = nil
  ) throws(SQLError) {
    if columns.isEmpty {
      throw SQLError(.invalidTableDefinition, "a table needs at least one column", at: range)
    }
    if columns.count > 16_384 {
      throw SQLError(.tooManyColumns, "a table has at most 16384 columns", at: range)
    }
    var names: Set<String> = []
    for column in columns {
      guard names.insert(column.name).inserted else {
        throw SQLError(
          .duplicateColumn, "column is defined twice: \"\(column.name)\"", at: range,
          hint: "Give one of them another name with AS.")
      }
    }
    switch order {
    case .none: break
    case .columns(let keys):
      for key in keys { _ = try column(key, of: columns, at: range) }
    case .sky(let lon, let lat):
      for key in [lon, lat] {
        let column = try column(key, of: columns, at: range)
        guard column.type == .float64 else {
          throw SQLError(
            .datatypeMismatch,
            "CLUSTER BY SKY needs double precision columns: \"\(key)\" is \(column.type)",
            at: range)
        }
      }
    }
  }

  private static func column(
    _ name: String, of columns: [ColumnDefinition], at range: SourceRange?
  ) throws(SQLError) -> ColumnDefinition {
    guard let column = columns.first(where: { $0.name == name }) else {
      throw SQLError(
        .undefinedColumn, "column does not exist: \"\(name)\"", at: range,
        hint: Suggestion.hint(for: name, among: columns.map(\.name)))
    }
    return column
  }
}
