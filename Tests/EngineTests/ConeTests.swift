import Base
import Catalog
import Engine
import Sky
import Testing
import Vectors

/// Every spelling of a cone search has the same plan and, in every table, the rows of brute force.
@Suite("Cone searches")
struct ConeTests {
  typealias Position = (ra: Double?, dec: Double?)

  struct Cone: CustomTestStringConvertible, Sendable {
    var ra: Double
    var dec: Double
    var radius: Double
    var testDescription: String { "\(ra), \(dec), \(radius)" }
  }

  /// Crowds at the poles, at the seam and at a cell's corner, a thin rest, NULLs, odd longitudes.
  static let positions: [Position] = {
    var random = Sequence64(4)
    var result: [Position] = [
      (0, 0), (0, 90), (123, 90), (0, -90), (360, 0), (180, 0), (10, 20), (45, 0),
      (nil, 20), (10, nil), (nil, nil), (-0.0, -0.0), (359.9999999999, 0),
    ]
    for number in 0..<20_000 {
      let u = random.unit()
      let v = random.unit()
      switch number % 5 {
      case 0: result.append((u * 360, 90 - v * v * 0.5))
      case 1: result.append((u * 360, -90 + v * v * 0.5))
      case 2: result.append(((u * 0.4 + 359.8).truncatingRemainder(dividingBy: 360), v * 2 - 1))
      case 3: result.append((10 + (u - 0.5) * 1e-3, 20 + (v - 0.5) * 1e-3))
      default: result.append((u * 360, Double.degrees(asin: v * 2 - 1)))
      }
    }
    return result
  }()

  private static let columns = [
    ColumnDefinition("id", .int32), ColumnDefinition("ra", .float64),
    ColumnDefinition("dec", .float64),
  ]

  private static func fill(_ database: Database) throws -> Database {
    let appender = try database.createTable(
      "s", columns: columns, order: .sky(lon: "ra", lat: "dec"))
    func values(_ items: ArraySlice<Double?>) -> Vector {
      Vector.of(items.map { $0.map { .float64($0) } ?? .null }, type: .float64)
    }
    let ra = positions.map(\.ra)
    let dec = positions.map(\.dec)
    for start in stride(from: 0, to: positions.count, by: 1024) {
      let range = start..<min(positions.count, start + 1024)
      try appender.append(
        Batch(
          columns: [
            Vector.of(range.map { .integer(Int64($0)) }, type: .int32), values(ra[range]),
            values(dec[range]),
          ], rowCount: range.count))
    }
    _ = try appender.commit()
    return database
  }

  static let stored = Result { try fill(try Database.onDisk(SimDisk(seed: 2), workers: 2)) }
  static let inMemory = Result { try fill(try Database.inMemory()) }

  /// Spellings with the edge inside and without.
  static func spellings(_ c: Cone, inclusive: Bool) -> [String] {
    let (p, q) = ("POINT(ra, dec)", "POINT(\(c.ra), \(c.dec))")
    let (op, flipped) = inclusive ? ("<=", ">=") : ("<", ">")
    var result = [
      "DISTANCE(\(p), \(q)) \(op) \(c.radius)", "DISTANCE(\(q), \(p)) \(op) \(c.radius)",
      "\(c.radius) \(flipped) DISTANCE(\(p), \(q))", "\(c.radius) \(flipped) DISTANCE(\(q), \(p))",
      "DISTANCE(ra, dec, \(c.ra), \(c.dec)) \(op) \(c.radius)",
      "\(c.radius) \(flipped) DISTANCE(\(c.ra), \(c.dec), ra, dec)",
      "DISTANCE(POINT('ICRS', ra, dec), POINT('ICRS', \(c.ra), \(c.dec))) \(op) \(c.radius)",
    ]
    guard inclusive, c.radius <= 180 else { return result }
    for (point, centre) in [(p, "\(c.ra), \(c.dec)"), (q, "ra, dec")] {
      let contains = "CONTAINS(\(point), CIRCLE(\(centre), \(c.radius)))"
      result += ["\(contains) = 1", "1 = \(contains)", contains]
      result.append("CONTAINS(\(point), CIRCLE(POINT(\(centre)), \(c.radius))) = 1")
    }
    result.append(
      "1 = CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS', \(c.ra), \(c.dec), \(c.radius)))")
    return result
  }

  static let cones: [Cone] = {
    var result: [Cone] = []
    for (ra, dec) in [(0.0, 90.0), (77, -90), (0, 0), (360, 0.3), (10, 20), (200, -35), (45, 0)] {
      for radius in [0, 1e-9, 2e-4, 0.1, 5, 90, 180, 200] {
        result.append(Cone(ra: ra, dec: dec, radius: radius))
      }
    }
    for ra in [-0.0, -360, 720, -10, 359.9999999999] {
      for radius in [0, 0.1, 5] { result.append(Cone(ra: ra, dec: 0, radius: radius)) }
    }
    return result
  }()

  private static func oracle(_ c: Cone, inclusive: Bool) -> Set<String> {
    var result: Set<String> = []
    for (index, position) in positions.enumerated() {
      guard let ra = position.ra, let dec = position.dec else { continue }
      if Separation.isWithin(ra, dec, c.ra, c.dec, radiusDeg: c.radius, inclusive: inclusive) {
        result.insert("\(index)")
      }
    }
    return result
  }

  @Test("find the rows of brute force", arguments: cones)
  func rows(_ cone: Cone) throws {
    for inclusive in [true, false] {
      let expected = Self.oracle(cone, inclusive: inclusive)
      let spellings = Self.spellings(cone, inclusive: inclusive)
      // Equal plans have equal rows: one spelling a table will do.
      for (database, spelling) in [
        (try Self.stored.get(), spellings[0]),
        (try Self.inMemory.get(), spellings[spellings.count - 1]),
      ] {
        let found = try database.makeSession().lines("SELECT id FROM s WHERE \(spelling)")
        #expect(Set(found) == expected && found.count == expected.count, "\(spelling)")
      }
    }
  }

  @Test("have the same plan when a subquery names the distance")
  func namedDistance() throws {
    let session = try Self.stored.get().makeSession()
    let distance = "DISTANCE(POINT(ra, dec), POINT(10, 20))"
    let plans = try [
      "EXPLAIN SELECT id FROM s WHERE \(distance) < 0.1",
      "EXPLAIN SELECT id FROM (SELECT id, \(distance) AS d FROM s) AS t WHERE d < 0.1",
    ].map { try session.lines($0).drop { $0 != "Physical plan" } }
    #expect(!plans[0].isEmpty && plans[0] == plans[1])
  }

  @Test("have one plan, however they are spelt", arguments: cones)
  func plans(_ cone: Cone) throws {
    for database in [try Self.stored.get(), try Self.inMemory.get()] {
      let session = database.makeSession()
      for inclusive in [true, false] {
        let plans = try Self.spellings(cone, inclusive: inclusive).map {
          ($0, try session.line("EXPLAIN SELECT id FROM s WHERE \($0)"))
        }
        for (spelling, plan) in plans { #expect(plan == plans[0].1, "\(spelling)") }
      }
    }
  }

  @Test("a rounded distance is no cone")
  func rounded() throws {
    for database in [try Self.stored.get(), try Self.inMemory.get()] {
      let session = database.makeSession()
      let rounded = try session.line(
        "SELECT count(*) FROM s WHERE CAST(DISTANCE(ra, dec, 10, 20) AS int) < 1")
      let plain = try session.line(
        "SELECT count(*) FROM s WHERE CASE WHEN DISTANCE(ra, dec, 10, 20) < 0.5 THEN true END")
      #expect(rounded == plain)
    }
  }

  @Test("of small size read few row groups")
  func pruning() throws {
    let session = try Self.stored.get().makeSession()
    for (cone, most) in [("10, 20, 0.01", 2), ("200, -35, 0.1", 1), ("0, 90, 0.2", 2)] {
      let text = try session.line(
        "EXPLAIN ANALYZE SELECT count(*) FROM s WHERE CONTAINS(POINT(ra, dec), CIRCLE(\(cone))) = 1"
      )
      let words = text.split(separator: "row groups=").last?.split(separator: " ") ?? []
      let read = words.first.flatMap { Int($0) } ?? .max
      let total = words.dropFirst(2).first.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
      #expect(read <= most && total >= 3, "\(cone): \(read) of \(total)")
    }
  }

  @Test("combine with each other and with other conditions")
  func combined() throws {
    for database in [try Self.stored.get(), try Self.inMemory.get()] {
      let session = database.makeSession()
      for (a, b) in [
        (
          "DISTANCE(ra, dec, 0, 0) < 1 AND DISTANCE(ra, dec, 0.5, 0) < 1 AND id > 5",
          "CASE WHEN DISTANCE(ra, dec, 0, 0) < 1 THEN DISTANCE(ra, dec, 0.5, 0) < 1 END AND id > 5"
        ),
        (
          "NOT DISTANCE(ra, dec, 0, 0) < 100",
          "CASE WHEN DISTANCE(ra, dec, 0, 0) >= 100 THEN true END"
        ),
        ("DISTANCE(ra, dec, 0, 90) < 1 OR DISTANCE(ra, dec, 0, -90) < 1", "abs(dec) > 89.0"),
        (
          "CONTAINS(POINT(ra, dec), CIRCLE(0, 0, 30)) = 0",
          "CASE WHEN DISTANCE(ra, dec, 0, 0) > 30 THEN true END"
        ),
        ("DISTANCE(ra, dec, 3, 3) < NULL", "false"), ("DISTANCE(ra, dec, 3, 3) < -1", "false"),
        (
          "DISTANCE(dec, ra, 10, 20) < 1 AND ra BETWEEN -90 AND 90",
          "CASE WHEN ra BETWEEN -90 AND 90 THEN DISTANCE(dec, ra, 10, 20) < 1 END"
        ),
      ] {
        let found = try session.lines("SELECT id FROM s WHERE \(a) ORDER BY id")
        let expected = try session.lines("SELECT id FROM s WHERE \(b) ORDER BY id")
        #expect(found == expected, "\(a): \(found.count) instead of \(expected.count)")
      }
    }
  }
}

extension Double {
  fileprivate static func degrees(asin sine: Double) -> Double {
    // A cubic will do: the points need not be uniform.
    90 * (0.75 * sine + 0.25 * sine * sine * sine)
  }
}
