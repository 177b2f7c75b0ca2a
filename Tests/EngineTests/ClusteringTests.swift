import Base
import Engine
import Testing

/// How new tables come to their order when nobody asks for one.
@Suite("Clustering by UCDs")
struct ClusteringTests {
  private static let ra = "ra double precision UNIT 'deg' UCD 'pos.eq.ra;meta.main'"
  private static let dec = "dec double precision UNIT 'deg' UCD 'pos.eq.dec;meta.main'"
  private static let rows = "VALUES (1, 200.0, -60.0), (2, 10.0, 80.0), (3, 201.0, -60.0), (4, 11.0, 80.0)"

  private static func session(isStored: Bool = true) throws -> Session {
    guard isStored else { return try Database.inMemory().makeSession() }
    var options = DatabaseOptions()
    options.disk = SimDisk(seed: 3)
    return try Database(.directory("/z.zij"), options: options).makeSession()
  }

  @Test("a new table whose UCDs name its main position is sorted by sky, and the user is told")
  func found() throws {
    let session = try Self.session()
    let made = try session.run("CREATE TABLE t (id integer, \(Self.ra), \(Self.dec))")
    #expect(try #require(made.notice).contains("clustered by SKY(ra, dec)"))
    #expect(try #require(made.notice).contains("CLUSTER BY NONE"))
    _ = try session.run("INSERT INTO t \(Self.rows)")
    _ = try session.run("CHECKPOINT")
    #expect(try session.lines("SELECT id FROM t") == ["2", "4", "3", "1"])
    // UCDs go from table to table.
    let copied = try session.run("CREATE TABLE u AS SELECT dec, ra, id FROM t WHERE id < 4")
    #expect(copied.notice != nil)
    #expect(try session.lines("SELECT id FROM u") == ["2", "3", "1"])
  }

  @Test("rows stay as they came", arguments: [
    ("CREATE TABLE u CLUSTER BY NONE AS SELECT * FROM t", "asked for"),
    ("CREATE TABLE u AS SELECT * FROM t ORDER BY id", "ORDER BY"),
    ("CREATE TABLE u AS SELECT id, ra, dec + 0 AS dec FROM t CLUSTER BY NONE", "an expression"),
    ("CREATE TABLE u AS SELECT id, ra, dec + 0 AS dec FROM t ORDER BY id", "no UCD"),
  ])
  func notFound(_ sql: String, _ why: String) throws {
    let session = try Self.session()
    _ = try session.run("CREATE TABLE t (id integer, \(Self.ra), \(Self.dec)) CLUSTER BY (id)")
    _ = try session.run("INSERT INTO t \(Self.rows)")
    #expect(try session.run(sql).notice == nil, "\(why)")
    #expect(try session.lines("SELECT id FROM u") == ["1", "2", "3", "4"], "\(why)")
  }

  @Test("columns that are no position in degrees are left alone", arguments: [
    "CREATE TABLE t (\(ra), d double precision)",
    "CREATE TABLE t (\(ra), \(dec), again double precision UCD 'pos.eq.dec;meta.main')",
    "CREATE TABLE t (\(ra), dec real UCD 'pos.eq.dec;meta.main')",
    "CREATE TABLE t (ra double precision UNIT 'rad' UCD 'pos.eq.ra;meta.main', \(dec))",
    "CREATE TABLE t (ra double precision UCD 'pos.eq.ra', \(dec))",
    "CREATE TABLE t (\(ra), \(dec)) CLUSTER BY (dec)",
    "CREATE TABLE t (\(ra), \(dec)) CLUSTER BY NONE",
  ])
  func leftAlone(_ sql: String) throws {
    #expect(try Self.session().run(sql).notice == nil)
  }

  @Test("letters of UCDs may be of any case; tables in memory have no order")
  func spellings() throws {
    let sql = "CREATE TABLE t (a double precision UCD 'POS.EQ.RA; META.MAIN', \(Self.dec))"
    #expect(try Self.session().run(sql).notice?.contains("SKY(a, dec)") == true)
    #expect(try Self.session(isStored: false).run(sql).notice == nil)
  }
}
