import Base
import Testing

@testable import Wire

@Suite("Clients that break the rules")
struct HostileTests {
  /// A message of this type whose contents are not UTF-8.
  private static func broken(_ type: Character) -> [UInt8] {
    [type.asciiValue ?? 0, 0, 0, 0, 6, 0xFF, 0]
  }

  private static let sync: [UInt8] = [UInt8(ascii: "S"), 0, 0, 0, 4]

  @Test("are sent away after a fatal error")
  func fatal() throws {
    let client = try Client.ofEmptyDatabase()
    #expect(try client.say(bytes: [UInt8(ascii: "z"), 0, 0, 0, 4]).kinds == "E(08P01)")
    guard case .close = client.connection.advance() else {
      Issue.record("the connection goes on")
      return
    }
  }

  @Test("hear of one error up to Sync")
  func oneError() throws {
    let client = try Client.ofEmptyDatabase()
    let messages = Self.broken("P") + Self.broken("P") + Self.broken("B") + Self.broken("Q") + Self.sync
    #expect(try client.say(bytes: messages).kinds == "E(22021) Z(I)")
  }

  @Test("may go on sending rows after COPY has failed", arguments: ["f", "d", "c"])
  func leftovers(type: Character) throws {
    let client = try Client.ofEmptyDatabase()
    _ = try client.say(.query("CREATE TABLE t (a bigint)"))
    #expect(try client.say(.query("COPY t FROM STDIN (FORMAT binary)")).kinds == "G")
    let noRows = FrontendMessage.copyData(Array("no such thing as rows of this format".utf8))
    #expect(try client.say(noRows).kinds == "E(22P04) Z(I)")
    #expect(try client.say(bytes: Self.broken(type)).kinds == "")
    #expect(try client.say(.query("SELECT 1")).kinds == "T D C(SELECT 1) Z(I)")
  }

  @Test("change nothing by declaring cursors")
  func cursors() throws {
    let client = try Client.ofEmptyDatabase()
    _ = try client.say(.query("CREATE TABLE t (a bigint); INSERT INTO t VALUES (1)"))
    for sql in [
      "DELETE FROM t", "INSERT INTO t VALUES (2)", "DROP TABLE t", "COPY t FROM STDIN", "COMMIT",
      "COPY t TO STDOUT", "CREATE TABLE u AS SELECT 1 AS a",
    ] {
      let heard = try client.say(.query("DECLARE c CURSOR WITH HOLD FOR \(sql)"))
      #expect(heard.kinds == "E(42601) Z(I)", "\(sql)")
    }
    #expect(try client.say(.query("SELECT a FROM t")).firstValues == ["1"])
    #expect(try client.say(.query("SELECT a FROM u")).kinds == "E(42P01) Z(I)")
  }

  @Test("do not reach the server's own input")
  func standardInput() throws {
    let client = try Client.ofEmptyDatabase()
    _ = try client.say(.query("CREATE TABLE t (a bigint)"))
    for sql in ["\u{A0}COPY t FROM STDIN", "\u{FEFF}COPY t FROM STDIN", "; ;COPY t FROM STDIN"] {
      #expect(try client.say(.query(sql)).kinds == "G")
      #expect(try client.say(.copyDone).kinds == "C(COPY 0) Z(I)")
      #expect(try client.say(FrontendMessage.steps(sql)).kinds == "1 2 G")
      #expect(try client.say(.copyDone, .sync).kinds == "C(COPY 0) Z(I)")
    }
  }

  @Test("keep a cursor's columns behind its end")
  func endOfCursor() throws {
    let client = try Client.ofEmptyDatabase()
    let heard = try client.say(.query("BEGIN; DECLARE k CURSOR FOR SELECT 1 AS x; FETCH ALL k; FETCH k"))
    #expect(heard.kinds == "C(BEGIN) C(DECLARE CURSOR) T D C(FETCH 1) T C(FETCH 0) Z(T)")
    let descriptions = heard.filter { if case .rowDescription = $0 { true } else { false } }
    #expect(descriptions.count == 2 && descriptions[0] == descriptions[1])
  }

  @Test("are told when a prepared statement has other columns", arguments: [
    "CREATE TABLE t (a double precision)", "CREATE TABLE t (a bigint, b text)", "CREATE TABLE t (b bigint)",
  ])
  func changedColumns(sql: String) throws {
    let client = try Client.ofEmptyDatabase()
    _ = try client.say(.query("CREATE TABLE t (a bigint); PREPARE p AS SELECT * FROM t"))
    let run: [FrontendMessage] = [
      .bind(.init(statement: "s", resultFormats: [1])), .execute(portal: "", maxRows: 0), .sync,
    ]
    let parse = FrontendMessage.parse(name: "s", sql: "SELECT * FROM t", parameterTypes: [])
    #expect(try client.say([parse] + run).kinds == "1 2 C(SELECT 0) Z(I)")
    _ = try client.say(.query("DROP TABLE t; \(sql)"))
    #expect(try client.say(run).kinds == "2 E(0A000) Z(I)")
    #expect(try client.say(.query("EXECUTE p")).kinds == "E(0A000) Z(I)")
  }

  @Test("cannot make rows that share their text fill the memory", arguments: [
    "", "COPY (", "COPY b (", "COPY c (", "NULL", "JSON",
  ])
  func sharedText(prefix: String) throws {
    let client = try Client.ofEmptyDatabase(memoryLimitBytes: 128 << 20)
    let columns = (0..<20).map { "a AS c\($0)" }.joined(separator: ", ")
    var sql = "SELECT \(columns) FROM (SELECT repeat('x', 20000) AS a) t, generate_series(1, 1024)"
    switch prefix {
    case "COPY (": sql = "COPY (\(sql)) TO STDOUT"
    case "COPY b (": sql = "COPY (\(sql)) TO STDOUT (FORMAT binary)"
    case "COPY c (": sql = "COPY (\(sql)) TO STDOUT (FORMAT csv)"
    case "NULL":
      let null = String(repeating: "0", count: 20000)
      sql = "COPY (SELECT NULL AS a, NULL AS b FROM generate_series(1, 1024)) TO STDOUT (FORMAT csv, NULL '\(null)')"
    case "JSON":
      let name = String(repeating: "n", count: 50000)
      sql = "COPY (SELECT g AS \"\(name)\" FROM generate_series(1, 1024) t(g)) TO STDOUT (FORMAT json)"
    default: break
    }
    var out = ByteWriter()
    FrontendMessage.query(sql).append(to: &out)
    client.connection.receive(out.bytes)
    // A row is 400 kB; a batch of them would be 400 MB.
    for _ in 0..<10 {
      let step = client.connection.advance()
      if case .wait = step { client.sleep() }
      #expect(client.connection.unsentCount < 16 << 20)
      client.connection.didSend(client.connection.unsentCount)
    }
  }

  @Test("are refused rows that no message holds", arguments: ["", "COPY (FORMAT text)", "COPY (FORMAT csv)"])
  func longRow(copy: String) throws {
    let client = try Client.ofEmptyDatabase(memoryLimitBytes: 1 << 30)
    let columns = (0..<1100).map { "a AS c\($0)" }.joined(separator: ", ")
    let sql = "SELECT \(columns) FROM (SELECT repeat('x', 1000000) AS a) t"
    let heard = try client.say(.query(copy.isEmpty ? sql : "COPY (\(sql)) TO STDOUT \(copy.dropFirst(5))"))
    #expect(heard.kinds.hasSuffix("E(54000) Z(I)"))
  }
}
