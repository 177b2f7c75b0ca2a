import Base
import Engine
import Testing
import Vectors

/// Queries in parts: merged in the order of the morsels they have the bits of the whole.
@Suite("Fragments")
struct FragmentTests {
  private static let query =
    "SELECT x % 11 AS k, count(y) AS n, sum(y) AS s, avg(y) AS m, min(y) AS a, max(z) AS b FROM t "
    + "WHERE x % 7 <> 3 GROUP BY k"

  private static func session() throws -> Session {
    let session = try Database.onDisk(SimDisk(seed: 4), workers: 2).makeSession()
    _ = try session.run(
      "CREATE TABLE t AS SELECT x, sqrt(x) / 3 AS y, CAST(x AS real) AS z "
        + "FROM generate_series(1, 300000) AS s(x) ORDER BY x")
    return session
  }

  /// Keys in order of appearance, with the merged states as numbers.
  private static func merged(_ session: Session, _ statements: [String]) throws -> [String] {
    var order: [String] = []
    var states: [String: [Double]] = [:]
    var last = -1
    for statement in statements {
      for line in try session.lines(statement) {
        let cells = line.split(separator: "|").map(String.init)
        let morsel = try #require(Int(cells[0]))
        #expect(morsel >= last)
        last = morsel
        let new = cells[2...].map { Double($0) ?? .nan }
        guard let old = states[cells[1]] else {
          order.append(cells[1])
          states[cells[1]] = new
          continue
        }
        // count, sum, sum and count of avg, min, max
        states[cells[1]] = [
          old[0] + new[0], old[1] + new[1], old[2] + new[2], old[3] + new[3],
          min(old[4], new[4]), max(old[5], new[5]),
        ]
      }
    }
    return order.compactMap { key in
      states[key].map { state in
        let answers = [state[0], state[1], state[2] / state[3], state[4], state[5]]
        return key + "|" + answers.map(\.description).joined(separator: "|")
      }
    }
  }

  private static func whole(_ session: Session) throws -> [String] {
    try session.lines(query).map { line in
      let cells = line.split(separator: "|")
      return ([String(cells[0])] + cells[1...].map { (Double($0) ?? .nan).description })
        .joined(separator: "|")
    }
  }

  @Test("any number of fragments gives the bits of the whole", arguments: [1, 2, 3, 7, 1000])
  func merging(count: Int) throws {
    let session = try Self.session()
    let rows = try session.lines("EXPLAIN (FRAGMENTS \(count)) \(Self.query)")
    let cells = rows.map { $0.split(separator: "|", omittingEmptySubsequences: false) }
    #expect(rows.count == min(count, 10))
    #expect(cells.reduce(0) { $0 + (Int($1[1]) ?? 0) } == 300_000)
    let statements = cells.map { String($0[4]) }
    #expect(try Self.merged(session, statements) == Self.whole(session))
  }

  @Test("deleted rows are in no fragment, and fragments from before are refused")
  func deletions() throws {
    let session = try Self.session()
    func statements() throws -> (texts: [String], rows: Int) {
      let cells = try session.lines("EXPLAIN (FRAGMENTS 3) \(Self.query)").map {
        $0.split(separator: "|", omittingEmptySubsequences: false)
      }
      return (cells.map { String($0[4]) }, cells.reduce(0) { $0 + (Int($1[1]) ?? 0) })
    }
    var before = try statements().texts
    for (step, rows) in [
      ("DELETE FROM t WHERE x % 5 = 0", 240_000), ("CHECKPOINT", 240_000),
      ("DELETE FROM t WHERE x = 1", 239_999), ("UPDATE t SET y = 7 WHERE x = 2", 239_999),
    ] {
      _ = try session.run(step)
      if step.hasPrefix("UPDATE") { _ = try session.run("CHECKPOINT") }
      let now = try statements()
      #expect(now.rows == rows, "\(step)")
      #expect(try Self.merged(session, now.texts) == Self.whole(session), "\(step)")
      if step.hasPrefix("DELETE") {
        #expect(session.failure(before[0])?.state == .objectNotInPrerequisiteState, "\(step)")
      }
      before = now.texts
    }
  }

  @Test("a table that has changed is refused, and what is no fragment of it")
  func refusals() throws {
    let session = try Self.session()
    let plan = try session.lines("EXPLAIN (FRAGMENTS 2) \(Self.query)")
    let first = try #require(plan.first).split(separator: "|", omittingEmptySubsequences: false)
    let statement = String(first[4])
    let wrong = statement.replacing("FRAGMENT 1 OF 2", with: "FRAGMENT 3 OF 2")
    #expect(session.failure(wrong)?.state == .invalidParameterValue)
    let huge = statement.replacing("OF 2", with: "OF 99999999999999999999")
    #expect(session.failure(huge)?.state == .invalidParameterValue)
    _ = try session.run(
      "INSERT INTO t SELECT x, x, x FROM generate_series(1, 100000) AS s(x)")
    #expect(session.failure(statement)?.state == .objectNotInPrerequisiteState)
    for query in [
      "SELECT * FROM t", "SELECT stddev(y) FROM t", "SELECT count(DISTINCT x) FROM t",
      "SELECT count(*) + 1 FROM t", "SELECT count(*) FROM t, t AS u",
    ] {
      let error = session.failure("EXPLAIN (FRAGMENTS 2) " + query)
      #expect(error?.state == .featureNotSupported, "\(query)")
    }
  }
}
