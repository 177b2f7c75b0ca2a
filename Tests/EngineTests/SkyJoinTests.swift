import Base
import Catalog
import Engine
import Sky
import Testing
import Vectors

/// Joins by distance have one plan however they are spelt, and the pairs of brute force.
@Suite("Joins by distance")
struct SkyJoinTests {
  typealias Position = (ra: Double?, dec: Double?)

  /// Crowds at the poles, at the seam, on corners of HEALPix cells, and places that are none.
  static let positions: [Position] = {
    var random = Sequence64(11)
    var result: [Position] = [
      (0, 90), (123, 90), (0, -90), (360, 0), (0, 0), (180, 0), (-0.0, 0), (nil, 1), (1, nil),
      (5, 91), (.nan, 0), (-170, 3), (190, 3), (190.0000000001, 3),
    ]
    let cells: [Int64] = [0, 700_000, 12 << 20 - 1]
    for cell in cells {
      for corner in HEALPix.corners(order: 10, index: cell) {
        result.append((corner.lonDeg, corner.latDeg))
      }
    }
    for number in 0..<300 {
      let (u, v) = (random.unit(), random.unit())
      switch number % 5 {
      case 0: result.append((u * 360, 90 - v * v * 0.5))
      case 1: result.append((u * 360, -90 + v * v * 3e-4))
      case 2: result.append((u < 0.5 ? u : 359 + u, v - 0.5))
      case 3: result.append((45 + (u - 0.5) * 1e-3, 41.8103148957786 + (v - 0.5) * 1e-3))
      default: result.append((u * 360, v * 180 - 90))
      }
    }
    return result
  }()

  private static func fill(_ database: Database, order: TableOrder) throws -> Database {
    for (name, rows) in [("a", positions), ("b", Array(positions.reversed().dropFirst(3)))] {
      func values(_ items: [Double?]) -> [Value] {
        items.map { $0.map { .float64($0) } ?? .null }
      }
      try database.fill(
        name,
        [
          (ColumnDefinition("id", .int32), rows.indices.map { .integer(Int64($0)) }),
          (ColumnDefinition("ra", .float64), values(rows.map(\.ra))),
          (ColumnDefinition("dec", .float64), values(rows.map(\.dec))),
        ], order: order)
    }
    return database
  }

  static let stored = Result {
    try fill(
      try Database.onDisk(SimDisk(seed: 3), workers: 2), order: .sky(lon: "ra", lat: "dec"))
  }
  static let inMemory = Result { try fill(try Database.inMemory(), order: .none) }

  static let radii: [Double] = [
    0, 1e-9, 1e-4, 1.0 / 3600, 0.1, 1, 4, 10, 18, 19.5, 30, 90, 179.999, 180, 200, -1,
  ]

  private static func oracle(_ radius: Double, inclusive: Bool) -> Set<String> {
    let others = Array(positions.reversed().dropFirst(3))
    var result: Set<String> = []
    for (i, p) in positions.enumerated() {
      guard let ra = p.ra, let dec = p.dec else { continue }
      for (j, q) in others.enumerated() {
        guard let ra2 = q.ra, let dec2 = q.dec else { continue }
        if Separation.isWithin(ra, dec, ra2, dec2, radiusDeg: radius, inclusive: inclusive) {
          result.insert("\(i)|\(j)")
        }
      }
    }
    return result
  }

  @Test("find the pairs of brute force", arguments: radii)
  func pairs(_ radius: Double) throws {
    for inclusive in [true, false] {
      let expected = Self.oracle(radius, inclusive: inclusive)
      for database in [try Self.stored.get(), try Self.inMemory.get()] {
        let found = try database.makeSession().lines(
          """
          SELECT a.id, b.id FROM a JOIN b
          ON DISTANCE(a.ra, a.dec, b.ra, b.dec) \(inclusive ? "<=" : "<") \(radius)
          """)
        #expect(Set(found) == expected && found.count == expected.count)
      }
    }
  }

  @Test("keep the rows of a left join", arguments: [0, 0.1, 30])
  func left(_ radius: Double) throws {
    let pairs = Self.oracle(radius, inclusive: true)
    let matched = Set(pairs.map { String($0.prefix { $0 != "|" }) })
    let rest = Self.positions.indices.map { "\($0)" }.filter { !matched.contains($0) }
    let expected = pairs.union(rest.map { $0 + "|NULL" })
    for database in [try Self.stored.get(), try Self.inMemory.get()] {
      let found = try database.makeSession().lines(
        "SELECT a.id, b.id FROM a LEFT JOIN b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) <= \(radius)")
      #expect(Set(found) == expected && found.count == expected.count)
    }
  }

  @Test("of few rows with many keep the few", arguments: [0, 0.1, 30])
  func fewLeft(_ radius: Double) throws {
    let pairs = Self.oracle(radius, inclusive: true).filter { pair in
      (Int(pair.prefix { $0 != "|" }) ?? 0) < 9
    }
    let matched = Set(pairs.map { String($0.prefix { $0 != "|" }) })
    let rest = (0..<9).map { "\($0)" }.filter { !matched.contains($0) }
    let expected = pairs.union(rest.map { $0 + "|NULL" })
    for database in [try Self.stored.get(), try Self.inMemory.get()] {
      let session = database.makeSession()
      let sql = """
        SELECT a.id, b.id FROM (SELECT * FROM a ORDER BY id LIMIT 9) AS a
        LEFT JOIN b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) <= \(radius)
        """
      let found = try session.lines(sql)
      #expect(Set(found) == expected && found.count == expected.count)
      let plan = try session.lines("EXPLAIN " + sql).joined()
      #expect(plan.contains("Held: left, then"), "\(plan)")
    }
  }

  @Test("have one plan, however they are spelt")
  func plans() throws {
    let (p, q) = ("POINT(a.ra, a.dec)", "POINT(b.ra, b.dec)")
    let conditions = [
      "DISTANCE(\(p), \(q)) <= 0.1", "DISTANCE(\(q), \(p)) <= 0.1", "0.1 >= DISTANCE(\(p), \(q))",
      "DISTANCE(a.ra, a.dec, b.ra, b.dec) <= 1.0 / 10", "CONTAINS(\(p), CIRCLE(b.ra, b.dec, 0.1))",
      "1 = CONTAINS(\(p), CIRCLE(\(q), 0.1))", "CONTAINS(\(q), CIRCLE(a.ra, a.dec, 0.1)) = 1",
    ]
    for database in [try Self.stored.get(), try Self.inMemory.get()] {
      let session = database.makeSession()
      var plans: Set<String> = []
      let points = "(SELECT id, POINT(ra, dec) AS at FROM"
      let ofPoints = try session.line(
        """
        EXPLAIN SELECT a.id FROM \(points) a) AS a JOIN \(points) b) AS b
        ON DISTANCE(a.at, b.at) <= 1
        """)
      #expect(ofPoints.contains("SkyJoin inner"), "\(ofPoints)")
      for condition in conditions {
        for source in ["a JOIN b ON", "a, b WHERE", "a CROSS JOIN b WHERE"] {
          plans.insert(try session.line("EXPLAIN SELECT a.id FROM \(source) \(condition)"))
        }
      }
      #expect(plans.count == 1 && plans.first?.contains("SkyJoin inner") == true, "\(plans)")
    }
  }

  @Test("of thousands of rows at one position do not keep their pairs")
  func crowd() throws {
    let session = try Database.inMemory(memoryLimitBytes: 64 << 20).makeSession()
    try session.lines("CREATE TABLE c (ra double precision, dec double precision)")
    let rows = Array(repeating: "(12.5, -30)", count: 2000).joined(separator: ", ")
    try session.lines("INSERT INTO c VALUES \(rows)")
    let count = try session.line(
      """
      SELECT count(*) FROM c AS a JOIN c AS b
      ON DISTANCE(a.ra, a.dec, b.ra, b.dec) <= 0.001
      """)
    #expect(count == "4000000")
  }
}
