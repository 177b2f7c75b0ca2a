import Base
import Engine
import Testing

@testable import Wire

@Suite("Conversations")
struct ConversationTests {
  static let queries = [
    ("SELECT 1", "T D C(SELECT 1) Z(I)"),
    ("", "I Z(I)"),
    (" ; -- nothing\n", "I Z(I)"),
    ("SELECT 1; SELECT 2;", "T D C(SELECT 1) T D C(SELECT 1) Z(I)"),
    ("SELECT 1; SELECT nope; SELECT 2", "T D C(SELECT 1) E(42703) Z(I)"),
    ("BEGIN", "C(BEGIN) Z(T)"),
    ("BEGIN; SELECT nope", "C(BEGIN) E(42703) Z(E)"),
    ("CREATE TABLE t (a bigint)", "C(CREATE TABLE) Z(I)"),
    ("SET extra_float_digits = 3", "C(SET) Z(I)"),
    ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "C(SET) Z(I)"),
    ("SHOW TRANSACTION ISOLATION LEVEL", "T D C(SHOW) Z(I)"),
    ("LISTEN x; UNLISTEN *", "C(LISTEN) C(UNLISTEN) Z(I)"),
    ("DISCARD ALL", "C(DISCARD ALL) Z(I)"),
    ("COPY (VALUES (1), (2)) TO STDOUT", "H0 d d c C(COPY 2) Z(I)"),
    ("COPY (VALUES (1), (2)) TO STDOUT (FORMAT binary)", "H1 d d d c C(COPY 2) Z(I)"),
    ("COPY (SELECT 1 WHERE false) TO STDOUT WITH BINARY", "H1 d c C(COPY 0) Z(I)"),
    ("DECLARE c CURSOR FOR SELECT 1", "E(25P01) Z(I)"),
    (
      "BEGIN; DECLARE c CURSOR FOR VALUES (1), (2), (3); FETCH 2 FROM c; MOVE c; FETCH c; CLOSE c",
      "C(BEGIN) C(DECLARE CURSOR) T D D C(FETCH 2) C(MOVE 1) T C(FETCH 0) C(CLOSE CURSOR) Z(T)"
    ),
    ("PREPARE p (bigint) AS SELECT $1; EXECUTE p(7); DEALLOCATE p", "C(PREPARE) T D C(SELECT 1) C(DEALLOCATE) Z(I)"),
    ("FETCH nope", "E(34000) Z(I)"),
    ("DEALLOCATE nope", "E(26000) Z(I)"),
  ]

  @Test("answer simple queries", arguments: queries)
  func simple(sql: String, kinds: String) throws {
    #expect(try Client.ofEmptyDatabase().say(.query(sql)).kinds == kinds)
  }

  @Test("take several statements of a message as one transaction")
  func oneTransaction() throws {
    let client = try Client.ofEmptyDatabase()
    let create = "CREATE TABLE t (a bigint); INSERT INTO t VALUES (1)"
    var heard = try client.say(.query(create + "; SELECT nope"))
    #expect(heard.kinds == "C(CREATE TABLE) C(INSERT 0 1) E(42703) Z(I)")
    #expect(try client.say(.query("SELECT * FROM t")).kinds == "E(42P01) Z(I)")
    heard = try client.say(.query(create + "; COMMIT; INSERT INTO t VALUES (2); SELECT nope"))
    #expect(heard.kinds == "C(CREATE TABLE) C(INSERT 0 1) C(COMMIT) C(INSERT 0 1) E(42703) Z(I)")
    #expect(try client.say(.query("SELECT * FROM t")).kinds == "T D C(SELECT 1) Z(I)")
    heard = try client.say(.query("BEGIN; INSERT INTO t VALUES (3); SELECT 1"))
    #expect(heard.kinds == "C(BEGIN) C(INSERT 0 1) T D C(SELECT 1) Z(T)")
    #expect(try client.say(.query("ROLLBACK; SELECT * FROM t")).kinds == "C(ROLLBACK) T D C(SELECT 1) Z(I)")
  }

  @Test("keep portals apart and go on with them")
  func portals() throws {
    let client = try Client.ofEmptyDatabase()
    _ = try client.say(.query("BEGIN"))
    let rows = "SELECT g FROM generate_series(1, 5) AS t(g)"
    var heard = try client.say(
      .parse(name: "s", sql: rows, parameterTypes: []), .describe(.statement, name: "s"),
      .bind(.init(portal: "a", statement: "s")), .bind(.init(portal: "b", statement: "s")),
      .execute(portal: "a", maxRows: 2), .execute(portal: "b", maxRows: 1), .sync)
    #expect(heard.kinds == "1 t[] T 2 2 D D s D s Z(T)")
    heard = try client.say(.query("SELECT 0"))
    #expect(heard.kinds == "T D C(SELECT 1) Z(T)")
    heard = try client.say(
      .execute(portal: "a", maxRows: 3), .execute(portal: "a", maxRows: 3),
      .execute(portal: "b", maxRows: 0), .close(.portal, name: "a"),
      .execute(portal: "a", maxRows: 0), .execute(portal: "b", maxRows: 0), .sync)
    #expect(heard.kinds == "D D D s C(SELECT 0) D D D D C(SELECT 4) 3 E(34000) Z(E)")
    heard = try client.say(.query("ROLLBACK"))
    #expect(heard.kinds == "C(ROLLBACK) Z(I)")
    heard = try client.say(.execute(portal: "b", maxRows: 0), .sync)
    #expect(heard.kinds == "E(34000) Z(I)")
  }

  @Test("infer types that nobody declared")
  func inference() throws {
    let client = try Client.ofEmptyDatabase()
    _ = try client.say(.query("CREATE TABLE t (id bigint, name text, v double precision)"))
    let cases = [
      ("SELECT * FROM t WHERE id = $1 AND name = $2 AND v < $3", "[20, 25, 701]"),
      ("SELECT $1", "[25]"),
      ("SELECT $1::date, $2", "[1082, 25]"),
      ("INSERT INTO t VALUES ($1, $2, $3)", "[20, 25, 701]"),
      ("COPY (SELECT * FROM t WHERE v = $1) TO STDOUT", "[701]"),
      ("BEGIN", "[]"),
    ]
    for (sql, types) in cases {
      let heard = try client.say(
        .parse(name: "", sql: sql, parameterTypes: []), .describe(.statement, name: ""), .sync)
      #expect(heard.kinds.hasPrefix("1 t\(types)"), "\(sql)")
    }
  }

  @Test("send binary rows of every type")
  func binary() throws {
    let client = try Client.ofEmptyDatabase()
    let heard = try client.say(
      .parse(
        name: "", sql: "SELECT 1::smallint, -2::integer, 3::bigint, 1.5::double precision, 'ä', NULL, "
          + "true, DATE '2000-01-02', TIMESTAMP '2000-01-01 00:00:01', -12345.678::decimal(10,3)",
        parameterTypes: []), .bind(.init(resultFormats: [1])), .execute(portal: "", maxRows: 0), .sync)
    guard case .dataRow(let bytes) = heard.first(where: { if case .dataRow = $0 { true } else { false } })
    else {
      Issue.record("no row: \(heard.kinds)")
      return
    }
    let values = try BackendMessage.values(ofRow: bytes)
    let wanted: [[UInt8]?] = [
      [0, 1], [255, 255, 255, 254], [0, 0, 0, 0, 0, 0, 0, 3], [0x3F, 0xF8, 0, 0, 0, 0, 0, 0],
      [0xC3, 0xA4], nil, [1], [0, 0, 0, 1], [0, 0, 0, 0, 0, 0x0F, 0x42, 0x40],
      // Three groups, the first worth 10,000; negative; three digits behind the point.
      [0, 3, 0, 1, 0x40, 0, 0, 3, 0, 1, 0x09, 0x29, 0x1A, 0x7C],
    ]
    #expect(values == wanted)
  }

  @Test("leave out everything between an error and Sync")
  func skipping() throws {
    let heard = try Client.ofEmptyDatabase().say(
      .parse(name: "", sql: "SELECT nope", parameterTypes: []), .bind(.init()),
      .execute(portal: "", maxRows: 0), .query("SELECT 1"), .sync, .query("SELECT 1"))
    #expect(heard.kinds == "E(42703) Z(I) T D C(SELECT 1) Z(I)")
  }

  @Test("take rows for COPY, in any pieces", arguments: [1, 2, 3, 5, 1000])
  func copyIn(pieceBytes: Int) throws {
    let client = try Client.ofEmptyDatabase()
    _ = try client.say(.query("CREATE TABLE t (id bigint, name text)"))
    #expect(try client.say(.query("COPY t FROM STDIN; SELECT count(*) FROM t")).kinds == "G")
    let rows = Array("1\ta\\tb\n2\t\\N\n3\t\\\\x\\.\n4\t\n\\.\n".utf8)
    for start in stride(from: 0, to: rows.count, by: pieceBytes) {
      let piece = rows[start..<min(rows.count, start + pieceBytes)]
      #expect(try client.say(.copyData(Array(piece))).kinds == "")
    }
    #expect(try client.say(.copyDone).kinds == "C(COPY 4) T D C(SELECT 1) Z(I)")
    let heard = try client.say(.query("SELECT name FROM t ORDER BY id"))
    let names = try heard.compactMap { message -> String?? in
      guard case .dataRow(let bytes) = message else { return nil }
      return .some(try BackendMessage.values(ofRow: bytes)[0].map { String(decoding: $0, as: UTF8.self) })
    }
    #expect(names == ["a\tb", nil, "\\x.", ""])
  }

  @Test("leave a header out however long it is")
  func longHeader() throws {
    let client = try Client.ofEmptyDatabase()
    _ = try client.say(.query("CREATE TABLE t (id bigint, name text)"))
    #expect(try client.say(.query("COPY t FROM STDIN (HEADER)")).kinds == "G")
    for _ in 0..<3 {
      _ = try client.say(.copyData(Array(String(repeating: "name\t", count: 20_000).utf8)))
    }
    #expect(try client.say(.copyData(Array("\n1\ta\n".utf8)), .copyDone).kinds == "C(COPY 1) Z(I)")
  }

  @Test("give COPY up when the client does")
  func copyFails() throws {
    let client = try Client.ofEmptyDatabase()
    _ = try client.say(.query("CREATE TABLE t (id bigint)"))
    _ = try client.say(.query("COPY t FROM STDIN (FORMAT csv)"))
    #expect(try client.say(.copyData([49, 10]), .copyFail("no")).kinds == "E(57014) Z(I)")
    #expect(try client.say(.copyData([49, 10]), .query("SELECT count(*) FROM t")).kinds == "T D C(SELECT 1) Z(I)")
  }

  @Test("tell where errors are, in characters")
  func positions() throws {
    let heard = try Client.ofEmptyDatabase().say(.query("SELECT 'ä'; SELECT '𝄞', nope"))
    guard case .errorResponse(let fields) = heard[heard.count - 2] else {
      Issue.record("no error: \(heard.kinds)")
      return
    }
    #expect(fields.position == 25)
  }

  @Test("are admitted as far as there is room")
  func room() throws {
    let database = try Database(.memory)
    let service = try WireService(
      database: database, authentication: .trust, version: "test", maximumConnections: 1)
    var first: Client? = try Client(service)
    let second = try Client(service, signsOn: false)
    var out = ByteWriter()
    StartupMessage.startup(minor: 0, parameters: [.init("user", "bob")]).append(to: &out)
    second.connection.receive(out.bytes)
    #expect(try second.listen().kinds == "E(53300)")
    #expect(first != nil)
    first = nil
    _ = try Client(service)
  }
}
