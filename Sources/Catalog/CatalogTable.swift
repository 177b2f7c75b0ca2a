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
  /// What stays the same about the table while it exists; nil if that is only its name.
  var identity: String? { get }
}

extension CatalogTable {
  public var identity: String? { nil }
  public var visibleColumns: [ColumnDefinition] { columns.filter { !$0.isHidden } }
}
