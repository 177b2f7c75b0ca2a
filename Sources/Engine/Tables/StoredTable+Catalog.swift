import Base
import Catalog
import Storage
import Vectors

/// Between the catalogue's tables and the manifest's.
extension StoredTable {
  init(
    id: String, schema: String, name: String, columns: [ColumnDefinition], order: TableOrder,
    description: String?
  ) {
    let stored = columns.enumerated().map { index, column in
      StoredColumn(
        id: index + 1, name: column.name, type: column.type.description,
        isNullable: column.isNullable, isHidden: column.isHidden, unit: column.unit,
        ucd: column.ucd, utype: column.utype, description: column.description)
    }
    let clustering: Clustering
    switch order {
    case .none: clustering = .none
    case .sky(let lon, let lat): clustering = .sky(lon: lon, lat: lat)
    case .columns(let names): clustering = .columns(names)
    }
    self.init(
      id: id, schema: schema, name: name, columns: stored, clustering: clustering,
      description: description)
  }

  var columnDefinitions: [ColumnDefinition] {
    get throws(SQLError) {
      var result: [ColumnDefinition] = []
      for column in columns {
        guard let type = LogicalType(text: column.type) else {
          throw SQLError(
            .dataCorrupted,
            "manifest has a type that is not known: \"\(column.type)\" of \(schema).\(name)")
        }
        result.append(
          ColumnDefinition(
            column.name, type, isNullable: column.isNullable, isHidden: column.isHidden,
            unit: column.unit, ucd: column.ucd, utype: column.utype,
            description: column.description))
      }
      return result
    }
  }

  var order: TableOrder {
    switch clustering {
    case .none: .none
    case .sky(let lon, let lat): .sky(lon: lon, lat: lat)
    case .columns(let names): .columns(names)
    }
  }
}
