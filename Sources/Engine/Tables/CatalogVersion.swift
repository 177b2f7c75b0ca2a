import Catalog
import FunctionKit
import Storage
import SystemCatalogs

/// The catalogue between two changes of tables: what statements look names up in. Making one for
/// 10,000 tables takes milliseconds, so statements share it.
struct CatalogVersion: Sendable {
  private let own: [Table]
  private(set) var snapshot: CatalogSnapshot
  let system: SystemCatalog

  init(_ own: [Table], functions: FunctionSet, directory: DatabaseDirectory?) {
    self.own = own
    let described = own + SystemTables.all(functions: functions, directory: directory) + TAPSchema.all(own)
    system = SystemCatalog(describing: described, functions: functions)
    snapshot = CatalogSnapshot(tables: described + system.tables)
  }

  /// The same tables with what a transaction has done to their rows.
  func with(_ changes: [TableChanges]) -> CatalogVersion {
    var version = self
    for change in changes where !change.isEmpty {
      version.snapshot = version.snapshot.replacing(StagedTable(change))
    }
    return version
  }

  /// Whether these are its tables. A table's columns never change.
  func isOf(_ tables: [Table]) -> Bool {
    own.count == tables.count && zip(own, tables).allSatisfy { $0 === $1 }
  }
}
