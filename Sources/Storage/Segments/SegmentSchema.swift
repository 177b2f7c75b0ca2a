import Base
import ORC
import Vectors

/// How a table's columns lie in its segment files.
///
/// A file names the table's column ids in attributes, so that a renamed column is still found and a
/// dropped one's name may be given again.
struct SegmentSchema: Sendable {
  /// Positions and types of the table's columns.
  let types: [LogicalType]
  let columns: [StoredColumn]
  /// Positions of the columns that are not hidden.
  let visible: [Int]
  /// The columns that say where a row lies, if the table is clustered by them.
  let sky: SkyColumns?
  /// The columns that rows of one segment are sorted by.
  let sortedBy: [Int]

  /// The column that holds the order-29 cells.
  static let cellColumn = "_healpix_29"
  private static let idAttribute = "zij.column"

  init(_ table: StoredTable) throws(SQLError) {
    var types: [LogicalType] = []
    for column in table.columns {
      guard let type = LogicalType(text: column.type) else {
        throw SQLError(
          .dataCorrupted, "column \"\(column.name)\" of table \"\(table.name)\" has an unknown "
            + "type: \"\(column.type)\"")
      }
      types.append(type)
    }
    self.types = types
    columns = table.columns
    visible = table.columns.indices.filter { !table.columns[$0].isHidden }
    sky = Self.skyColumns(table, types)
    sortedBy = Self.sortColumns(table, sky)
  }

  private static func sortColumns(_ table: StoredTable, _ sky: SkyColumns?) -> [Int] {
    switch table.clustering {
    case .none: return []
    case .sky: return sky.map { [$0.cell] } ?? []
    case .columns(let names):
      let positions = names.compactMap { name in
        table.columns.firstIndex { $0.name == name }
      }
      return positions.count == names.count ? positions : []
    }
  }

  private static func skyColumns(_ table: StoredTable, _ types: [LogicalType]) -> SkyColumns? {
    guard case .sky(let lonName, let latName) = table.clustering,
      let cell = table.columns.firstIndex(where: { $0.name == cellColumn }),
      let lon = table.columns.firstIndex(where: { $0.name == lonName }),
      let lat = table.columns.firstIndex(where: { $0.name == latName }),
      types[cell] == .int64, Positions.supports(types[lon]), Positions.supports(types[lat])
    else { return nil }
    return SkyColumns(cell: cell, lon: lon, lat: lat)
  }

  /// The columns as the file declares them.
  var fileColumns: [ORCColumnSchema] {
    zip(columns, types).map { column, type in
      var attributes = [Self.idAttribute: String(column.id)]
      attributes["unit"] = column.unit
      attributes["ucd"] = column.ucd
      attributes["utype"] = column.utype
      attributes["description"] = column.description
      return ORCColumnSchema(name: column.name, type: type, attributes: attributes)
    }
  }

  /// Where each of the table's columns is in a file; nil for those that came later.
  func places(in file: [ORCColumnSchema]) -> [Int?] {
    var byID: [String: Int] = [:]
    var byName: [String: Int] = [:]
    for (place, column) in file.enumerated() {
      if let id = column.attributes[Self.idAttribute] {
        byID[id] = byID[id] ?? place
      } else {
        byName[column.name] = byName[column.name] ?? place
      }
    }
    return columns.map { byID[String($0.id)] ?? byName[$0.name] }
  }

  /// Rows of a row group: fewer where rows are wide, so that a group stays near 4 MiB.
  var groupRows: Int {
    let rowBytes = types.reduce(0) { $0 + Self.typicalBytes($1) }
    var rows = 8192
    while rows > 1024, rows * rowBytes > 4 << 20 { rows /= 2 }
    return rows
  }

  /// Bytes that a value of `type` may be expected to take in a file.
  static func typicalBytes(_ type: LogicalType) -> Int {
    switch type.physical {
    case .bytes: type == .binary ? 1024 : 16
    case .list: 16 * max(4, type.childTypes.reduce(0) { $0 + typicalBytes($1) })
    case .structure: type.childTypes.reduce(0) { $0 + typicalBytes($1) }
    default: type.physical.widthBytes
    }
  }
}
