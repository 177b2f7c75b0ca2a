import Base
import Catalog
import Storage
import Synchronization
import Vectors

/// A table as a transaction sees it that has changed it.
///
/// Its rows are those at the moment of asking, so that all tables of a statement can be asked at one.
final class StagedTable: CatalogTable {
  private let changes: TableChanges

  init(_ changes: TableChanges) { self.changes = changes }

  var table: Table { changes.table }

  var schema: String { table.schema }
  var name: String { table.name }
  var columns: [ColumnDefinition] { table.columns }
  var order: TableOrder { table.order }
  var description: String? { table.description }
  func snapshot() throws(SQLError) -> TableSnapshot { try changes.view.snapshot }
}

/// A table with one more column that says where each row is: how DELETE finds rows by an ordinary
/// query.
final class AddressedTable: CatalogTable {
  /// No name that anybody gives a column.
  static let addressColumn = "\u{1}address"
  private static let rowBits: Int64 = 40

  let columns: [ColumnDefinition]
  private let changes: TableChanges
  /// What the last snapshot is of: addresses lead into its parts.
  private let view = Mutex(TableView())

  init(_ changes: TableChanges) {
    self.changes = changes
    columns =
      changes.table.columns + [ColumnDefinition(Self.addressColumn, .int64, isNullable: false, isHidden: true)]
  }

  var table: Table { changes.table }
  var schema: String { table.schema }
  var name: String { table.name }
  var order: TableOrder { table.order }
  var description: String? { table.description }

  func snapshot() throws(SQLError) -> TableSnapshot {
    let column = columns.count - 1
    let view = try changes.view
    self.view.withLock { $0 = view }
    return TableSnapshot(
      parts: view.parts.enumerated().map { index, part in
        AddressedPart(part, column: column, firstAddress: Int64(index) << Self.rowBits)
      })
  }

  /// Sorts addresses by the part they are in.
  func collect(_ addresses: Vector, into rows: inout [PartOrigin: RowMask]) {
    let origins = view.withLock { $0.origins }
    let flat = addresses.flattened()
    // `values` points into it.
    defer { withExtendedLifetime(flat) {} }
    let values = flat.values(as: Int64.self)
    var index = 0
    while index < flat.count {
      let part = values[index] >> Self.rowBits
      let origin = origins[Int(part)]
      var mask = rows.removeValue(forKey: origin) ?? RowMask()
      while index < flat.count, values[index] >> Self.rowBits == part {
        mask.hide(Int(values[index] & (1 << Self.rowBits - 1)))
        index += 1
      }
      rows[origin] = mask
    }
  }

  /// All rows that are to be seen.
  var allRows: [PartOrigin: RowMask] {
    get throws(SQLError) {
      let view = try changes.view
      var rows: [PartOrigin: RowMask] = [:]
      for (part, origin) in zip(view.parts, view.origins) where part.visibleRowCount > 0 {
        let count = part.visibleRowCount + (part.rowMask?.hiddenCount ?? 0)
        rows[origin] = RowMask(all: count, but: part.rowMask ?? RowMask())
      }
      return rows
    }
  }
}

/// A part with a column of addresses behind its own.
private final class AddressedPart: TablePart {
  private let base: any TablePart
  private let column: Int
  /// Of the first row of each group.
  private let addresses: [Int64]

  init(_ base: any TablePart, column: Int, firstAddress: Int64) {
    self.base = base
    self.column = column
    var next = firstAddress
    addresses = (0..<base.groupCount).map { group in
      defer { next += Int64(base.rowCount(ofGroup: group)) }
      return next
    }
  }

  var groupCount: Int { base.groupCount }
  func rowCount(ofGroup group: Int) -> Int { base.rowCount(ofGroup: group) }
  func zone(ofGroup group: Int) -> GroupZone { base.zone(ofGroup: group) }
  var rowMask: RowMask? { base.rowMask }
  var sortedBy: [Int] { base.sortedBy }
  var visibleRowCount: Int { base.visibleRowCount }

  func columnZone(ofGroup group: Int, column: Int) -> ColumnZone {
    column == self.column ? ColumnZone() : base.columnZone(ofGroup: group, column: column)
  }

  func read(group: Int, columns: [Int]) throws(SQLError) -> [Vector] {
    let stored = try base.read(group: group, columns: columns.filter { $0 != column })
    var next = 0
    return columns.map { wanted in
      if wanted == column {
        return Vector.sequence(
          start: addresses[group], step: 1, count: base.rowCount(ofGroup: group))
      }
      next += 1
      return stored[next - 1]
    }
  }

  func read(group: Int, column: Int, use: FieldUse) throws(SQLError) -> Vector {
    guard column == self.column else {
      return try base.read(group: group, column: column, use: use)
    }
    return try read(group: group, columns: [column])[0]
  }

  func sizeBytes(ofGroup group: Int, columns: [Int]) -> Int {
    base.sizeBytes(ofGroup: group, columns: columns.filter { $0 != column })
  }
}
