import Arrow
import Base
import CArrow
import Catalog
import Engine
import Formats
import Vectors

/// What the driver tells of a database: names, tables, columns.
enum Metadata {
  static let catalog = "zij"
  static let defaultSchema = CatalogSnapshot.defaultSchema

  /// The columns of a table as a schema.
  static func columns(
    of name: String, schema: String?, in database: Database
  ) throws(DriverError) -> [ArrowField] {
    do throws(SQLError) {
      let catalog = try database.catalog()
      guard
        let table = try catalog.table(named: name, schema: schema, isDelimited: true, at: nil)
      else { throw catalog.undefined(name, at: nil) }
      return table.visibleColumns.map { column in
        var field = ArrowField(
          ResultColumn(
            column.name, column.type, unit: column.unit, ucd: column.ucd, utype: column.utype,
            description: column.description))
        field.isNullable = column.isNullable
        return field
      }
    } catch {
      throw DriverError(error)
    }
  }
}

extension DriverTable {
  static func fillMetadata(_ driver: Driver) {
    driver.pointee.ConnectionGetTableSchema = { handle, catalog, schema, table, out, error in
      Entry.call(handle, error) { (connection) throws(DriverError) in
        guard let out, let name = Entry.text(table) else {
          throw DriverError(.invalidArgument, "a table's name is needed")
        }
        let fields = try Metadata.columns(
          of: name, schema: Entry.text(schema), in: try connection.opened())
        ArrowField.export(columns: fields, to: out)
      }
    }
  }
}
