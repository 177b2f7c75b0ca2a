import Base
import Zij

/// A table of the catalogue benchmark and the order in which its rows are stored: what its peers
/// declare as a sort key.
struct CatBenchTable {
  let name: String
  let clustering: String

  static let all = [
    CatBenchTable(name: "gaia", clustering: "SKY(ra, dec)"),
    CatBenchTable(name: "xcat", clustering: "SKY(ra, dec)"),
    CatBenchTable(name: "det", clustering: "(source_id, mjd)"),
  ]

  /// As a user would load it, from a file that may be in any order.
  func load(from folder: String, _ session: Session) throws(SQLError) {
    let path = "\(folder)/\(name).orc".split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "''")
    _ = try session.run(
      "CREATE TABLE \(name) AS SELECT * FROM '\(path)' CLUSTER BY \(clustering)")
  }
}
