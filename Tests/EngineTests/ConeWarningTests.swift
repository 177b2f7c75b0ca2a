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
}
