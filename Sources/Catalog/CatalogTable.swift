import Base
import Storage
import Vectors

/// A table that queries can read: stored, in memory or virtual.
public protocol CatalogTable: AnyObject, Sendable {
  var schema: String { get }
  var name: String { get }
  /// Hidden columns included.
  var columns: [ColumnDefinition] { get }
  var order: TableOrder { get }
  var description: String? { get }
  /// The rows as they are now; the snapshot never changes.
  func snapshot() throws(SQLError) -> TableSnapshot
}

extension CatalogTable {
  public var visibleColumns: [ColumnDefinition] { columns.filter { !$0.isHidden } }
}

/// A table whose rows are made when somebody asks: `zij.functions`, information_schema.
public final class VirtualTable: CatalogTable {
  public let schema: String
  public let name: String
  public let columns: [ColumnDefinition]
  public let description: String?
  public var order: TableOrder { .none }
  private let rows: @Sendable () throws(SQLError) -> [[Value]]

  public init(
    schema: String, name: String, columns: [ColumnDefinition], description: String? = nil,
    rows: @escaping @Sendable () throws(SQLError) -> [[Value]]
  ) {
    self.schema = schema
    self.name = name
    self.columns = columns
    self.description = description
    self.rows = rows
  }

  public func snapshot() throws(SQLError) -> TableSnapshot {
    let rows = try rows()
    var batches: [Batch] = []
    for start in stride(from: 0, to: rows.count, by: Batch.capacity) {
      let slice = rows[start..<min(rows.count, start + Batch.capacity)]
      batches.append(
        Batch(
          columns: columns.indices.map { index in
            Vector.of(slice.map { $0[index] }, type: columns[index].type)
          }, rowCount: slice.count))
    }
    return TableSnapshot(parts: [MemoryPart(batches: batches)])
  }
}
