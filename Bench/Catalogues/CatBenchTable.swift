import Base
import ORC
import Zij

/// A table of the catalogue benchmark and the order in which its rows are stored: what its peers
/// declare as a sort key.
struct CatBenchTable {
  let name: String
  let order: TableOrder

  static let all = [
    CatBenchTable(name: "gaia", order: .sky(lon: "ra", lat: "dec")),
    CatBenchTable(name: "xcat", order: .sky(lon: "ra", lat: "dec")),
    CatBenchTable(name: "det", order: .columns(["source_id", "mjd"])),
  ]

  func load(from folder: String, into database: Database, _ session: Session) throws(SQLError) {
    let reader = try ORCReader(file: PosixDisk().open("\(folder)/\(name).orc"))
    let appender = try database.createTable(
      name, columns: reader.columns.map { ColumnDefinition($0.name, $0.type) }, order: order)
    let columns = Array(reader.columns.indices)
    for stripe in reader.stripes.indices {
      for (group, rows) in reader.rowGroups(ofStripe: stripe).enumerated() {
        let vectors = try reader.readRowGroup(stripe: stripe, group: group, columns: columns)
        let all = Batch(columns: vectors, rowCount: rows.count)
        for start in stride(from: 0, to: rows.count, by: Batch.capacity) {
          try appender.append(
            all.slice(from: start, count: min(Batch.capacity, rows.count - start)))
        }
      }
    }
    _ = try appender.commit()
  }
}
