import Base
import Engine
import Testing
import Vectors

/// Coordinates outside the sky match no cone and are counted, whichever way the cone is spelt.
@Suite("Cones and places outside the sky")
struct ConeWarningTests {
  private static let rows =
    "(VALUES (1.0, 95.0), (2.0, 3.0), (3.0, NULL), (CAST('NaN' AS double precision), 1.0)) AS t(x, y)"

  @Test(
    "count a warning",
    arguments: [
      "CONTAINS(POINT(x, y), CIRCLE(2, 3, 1)) = 1", "CONTAINS(POINT(x, y), CIRCLE(2, 3, 1))",
      "DISTANCE(x, y, 2, 3) < 1", "1 >= DISTANCE(POINT(2, 3), POINT(x, y))",
    ])
  func warnings(condition: String) throws {
    let database = try Database(.memory)
    let result = try database.makeSession().run("SELECT x FROM \(Self.rows) WHERE \(condition)")
    let stream = try #require(result.stream)
    var found: [Value] = []
    while let batch = try stream.next() {
      found += (0..<batch.rowCount).map { batch.columns[0].value(at: $0) }
    }
    #expect(found == [.float64(2)])
    // Two places outside the sky; the NULL is none of them.
    #expect(result.context.warnings.all.map(\.rows) == [2])
  }

  @Test(
    "are counted once in row groups that the scan skips, too",
    arguments: [
      ("CONTAINS(POINT(ra, dec), CIRCLE(10, 0, 1)) = 1", 6),
      ("DISTANCE(ra, dec, 200, 40) <= 1e-3", 6), ("DISTANCE(ra, dec, 0, 0) < 0", 6),
      // Here no row is looked at for its place.
      ("id < 0 AND DISTANCE(ra, dec, 10, 0) < 1", 0),
    ])
  func skippedGroups(condition: String, expected: Int) throws {
    var options = DatabaseOptions()
    options.disk = SimDisk(seed: 1)
    let database = try Database(.directory("/w.zij"), options: options)
    let session = database.makeSession()
    _ = try session.run(
      """
      CREATE TABLE s CLUSTER BY SKY(ra, dec) AS
      SELECT i AS id, CASE WHEN i % 7000 <> 0 THEN i * 0.012 END AS ra,
        CASE WHEN i % 5000 = 0 THEN 95.0 ELSE (i % 180) - 90.0 END AS dec
      FROM generate_series(1, 30000) AS t(i)
      """)
    let result = try session.run("SELECT count(*) FROM s WHERE \(condition)")
    while try result.stream?.next() != nil {}
    #expect(result.context.warnings.all.reduce(0) { $0 + $1.rows } == expected)
  }
}
