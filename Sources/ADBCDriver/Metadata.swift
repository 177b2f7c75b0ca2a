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
    driver.pointee.ConnectionGetInfo = { handle, codes, count, out, error in
      Entry.call(handle, error) { (connection) throws(DriverError) in
        _ = try connection.opened()
        let wanted = codes.map { Array(UnsafeBufferPointer(start: $0, count: count)) }
        DriverStream.export(try Metadata.info(wanted), to: try Entry.required(out))
      }
    }
    driver.pointee.ConnectionGetObjects = {
      handle, depth, catalog, schema, table, types, column, out, error in
      Entry.call(handle, error) { (connection) throws(DriverError) in
        let query = Metadata.ObjectQuery(
          depth: Int(depth), catalog: Entry.text(catalog), schema: Entry.text(schema),
          table: Entry.text(table), types: Entry.texts(types), column: Entry.text(column))
        let rows = try Metadata.objects(query, in: try connection.opened())
        DriverStream.export(rows, to: try Entry.required(out))
      }
    }
    driver.pointee.ConnectionGetTableSchema = { handle, catalog, schema, table, out, error in
      Entry.call(handle, error) { (connection) throws(DriverError) in
        guard let name = Entry.text(table) else {
          throw DriverError(.invalidArgument, "a table's name is needed")
        }
        let fields = try Metadata.columns(
          of: name, schema: Entry.text(schema), in: try connection.opened())
        ArrowField.export(columns: fields, to: try Entry.required(out))
      }
    }
    driver.pointee.ConnectionGetTableTypes = { handle, out, error in
      Entry.call(handle, error) { (connection) throws(DriverError) in
        _ = try connection.opened()
        let names = Vector.of(Metadata.tableTypes.map { .text($0) }, type: .text)
        let array = ExportedArray(
          length: names.count, buffers: [nil], children: [try Metadata.column(names)])
        DriverStream.export(
          FixedRows([ArrowField("table_type", LogicalType.text)], array),
          to: try Entry.required(out))
      }
    }
  }
}

extension Entry {
  /// Where a result goes must not be a null pointer.
  static func required<T>(
    _ out: UnsafeMutablePointer<T>?
  ) throws(DriverError) -> UnsafeMutablePointer<T> {
    guard let out else { throw DriverError(.invalidArgument, "a null pointer for a result") }
    return out
  }

  /// Texts up to a null pointer.
  static func texts(_ list: UnsafeMutablePointer<UnsafePointer<CChar>?>?) -> [String]? {
    guard var place = list else { return nil }
    var result: [String] = []
    while let text = place.pointee {
      result.append(String(cString: text))
      place += 1
    }
    return result
  }
}
