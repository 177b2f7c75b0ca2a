import Base
import Catalog
import Engine
import Testing
import Vectors

/// Every statement is there in full or not at all, whatever the disk does.
@Suite("A database on a failing disk")
struct CrashTests {
  /// What a user sees: each table with its rows' count and sum, or "none".
  typealias Sight = [String]

  private static let names = ["sky", "plain", "copy", "more", "late"]

  private static func look(_ database: Database) throws(SQLError) -> Sight {
    let session = database.makeSession()
    let present = Set(try database.catalog().tables.map(\.name))
    var result: Sight = []
    for name in names {
      guard present.contains(name) else {
        result.append("\(name) none")
        continue
      }
      let counts = try session.line(
        "SELECT count(*), sum(id), count(ra) FROM \(name) WHERE id >= 0 OR dec IS NULL")
      let near = try session.line("SELECT count(*) FROM \(name) WHERE distance(ra, dec, 1, 1) < 3")
      result.append("\(name) \(counts) \(near)")
    }
    return result
  }

  private static func positions(_ range: Range<Int>) -> Batch {
    Batch(
      columns: [
        Vector.of(range.map { .integer(Int64($0)) }, type: .int32),
        Vector.of(range.map { .float64(Double($0 * 37 % 360)) }, type: .float64),
        Vector.of(
          range.map { $0 % 7 == 0 ? .null : .float64(Double($0 % 90)) }, type: .float64),
      ], rowCount: range.count)
  }

  private static let columns = [
    ColumnDefinition("id", .int32), ColumnDefinition("ra", .float64),
    ColumnDefinition("dec", .float64),
  ]

  private static func importSky(_ database: Database) throws(SQLError) {
    let appender = try database.createTable(
      "sky", columns: columns, order: .sky(lon: "ra", lat: "dec"))
    for start in stride(from: 0, to: 700, by: 400) {
      try appender.append(positions(start..<min(700, start + 400)))
    }
    _ = try appender.commit()
  }

  private static func statement(_ sql: String) -> CrashSweep<Database, Sight>.Step {
    CrashSweep.Step(sql) { try $0.makeSession().lines(sql) }
  }

  private static func transaction(_ statements: [String]) -> CrashSweep<Database, Sight>.Step {
    CrashSweep.Step(statements.joined(separator: "; ")) { database in
      let session = database.makeSession()
      for sql in ["BEGIN"] + statements + ["COMMIT"] { try session.lines(sql) }
    }
  }

  private static var sweep: CrashSweep<Database, Sight> {
    CrashSweep(
      seed: 20_26,
      open: { try Database.onDisk($0, logRows: 200) },
      steps: [
        CrashSweep.Step("import") { try importSky($0) },
        statement("CREATE TABLE plain (id int, ra double precision, dec double precision)"),
        statement("INSERT INTO plain SELECT x, x, -x FROM generate_series(1, 50) AS s(x)"),
        statement("INSERT INTO sky SELECT id, ra, dec FROM plain"),
        statement("DELETE FROM sky WHERE id % 5 = 1"),
        statement("INSERT INTO plain VALUES (60, 1, 2)"),
        transaction([
          "INSERT INTO sky VALUES (1000, 1, 1), (1001, NULL, 1)",
          "INSERT INTO plain VALUES (61, 2, 3)",
          "DELETE FROM sky WHERE id BETWEEN 600 AND 620 OR id = 1001",
          "DELETE FROM plain WHERE id = 7 OR id = 60",
        ]),
        statement("CHECKPOINT"),
        statement("DELETE FROM plain WHERE id > 45"),
        statement("UPDATE plain SET id = id + 100 WHERE id < 5"),
        statement("INSERT INTO plain SELECT x, x, -x FROM generate_series(1, 300) AS s(x)"),
        statement("INSERT INTO sky VALUES (2000, 1, 1)"),
        transaction([
          "CREATE TABLE more AS SELECT id, ra, dec FROM plain WHERE id < 20",
          "DELETE FROM sky WHERE id = 2000", "INSERT INTO more VALUES (1, 1, 1)",
          "DELETE FROM more WHERE id = 3",
        ]),
        statement("DROP TABLE more"),
        statement("CHECKPOINT"),
        statement("CREATE TABLE copy AS SELECT id, ra, dec FROM sky WHERE dec > 10"),
        statement("DROP TABLE sky"),
      ],
      observe: look,
      goOn: [
        CrashSweep.Step("insert through the log") { database in
          let session = database.makeSession()
          if try !database.catalog().tables.contains(where: { $0.name == "plain" }) {
            try session.lines(
              "CREATE TABLE plain (id int, ra double precision, dec double precision)")
          }
          try session.lines("INSERT INTO plain VALUES (70, 1, 2)")
        },
        statement("CREATE TABLE late (id int, ra double precision, dec double precision)"),
        statement("INSERT INTO late VALUES (1, 2, 3), (4, NULL, 6)"),
      ])
  }

  @Test("is whole after a crash at any operation")
  func crashes() throws {
    let report = try Self.sweep.crashEverywhere()
    #expect(report.operations > 150, "\(report)")
  }

  @Test("serves its old state when an operation fails, and is whole afterwards")
  func failures() throws {
    let report = try Self.sweep.failEverywhere()
    #expect(report.runs > 300, "\(report)")
  }

  @Test("refuses more rows after one batch failed")
  func appenderAfterFailure() throws {
    let disk = SimDisk(seed: 3)
    let database = try Database.onDisk(disk)
    disk.capacityBytes = disk.usedBytes + 4096
    let appender = try database.createTable("t", columns: Self.columns)
    var failure: SQLError?
    do throws(SQLError) {
      for start in stride(from: 0, to: 4_000_000, by: 1024) {
        try appender.append(Self.positions(start..<start + 1024))
      }
    } catch {
      failure = error
    }
    #expect(failure?.state == .diskFull)
    #expect(throws: SQLError.self) { try appender.append(Self.positions(0..<4)) }
    #expect(throws: SQLError.self) { _ = try appender.commit() }
    disk.capacityBytes = .max
    #expect(database.makeSession().failure("SELECT * FROM t")?.state == .undefinedTable)
  }
}
