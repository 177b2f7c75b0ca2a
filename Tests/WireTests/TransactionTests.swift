import Testing

@testable import Wire

@Suite("Transactions over the protocol")
struct TransactionTests {
  /// What the table holds after a client has sent some messages, in the order of the letters.
  private static func rows(_ client: Client) throws -> [String?] {
    try client.say(.query("SELECT a FROM t ORDER BY a")).firstValues
  }

  private static func clientWithTable() throws -> Client {
    let client = try Client.ofEmptyDatabase()
    _ = try client.say(.query("CREATE TABLE t (a bigint)"))
    return client
  }

  static let scripts: [(String, [String])] = [
    ("INSERT INTO t VALUES (1); SELECT 1/0", []),
    ("BEGIN; INSERT INTO t VALUES (1); COMMIT; INSERT INTO t VALUES (2); SELECT 1/0", ["1"]),
    ("INSERT INTO t VALUES (1); COMMIT; INSERT INTO t VALUES (2); SELECT 1/0", ["1"]),
    ("INSERT INTO t VALUES (1); ROLLBACK; INSERT INTO t VALUES (2); SELECT 1", ["2"]),
    ("SELECT 1; BEGIN; INSERT INTO t VALUES (1); COMMIT; SELECT 1/0", ["1"]),
    ("BEGIN; ROLLBACK; INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); SELECT 1/0", []),
    ("\u{A0}BEGIN; INSERT INTO t VALUES (1); ROLLBACK; INSERT INTO t VALUES (2); SELECT 1", ["2"]),
  ]

  @Test("of scripts begin and end where they say, and else with the message", arguments: scripts)
  func script(sql: String, rows: [String]) throws {
    let client = try Self.clientWithTable()
    #expect(try client.say(.query(sql)).kinds.hasSuffix("Z(I)"))
    #expect(try Self.rows(client) == rows)
  }

  static let groups: [([String], [String])] = [
    (["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)"], ["1", "2"]),
    (["INSERT INTO t VALUES (1)", "SELECT 1/0"], []),
    (["INSERT INTO t VALUES (1)", "SELECT nope"], []),
    (["SELECT 1", "INSERT INTO t VALUES (1)", "SELECT 1/0"], []),
    (["INSERT INTO t VALUES (1)", "COMMIT", "INSERT INTO t VALUES (2)", "SELECT 1/0"], ["1"]),
    (["BEGIN", "INSERT INTO t VALUES (1)", "COMMIT", "SELECT 1/0"], ["1"]),
    (["INSERT INTO t VALUES (1)"], ["1"]),
  ]

  @Test("of the extended protocol go up to Sync", arguments: groups)
  func group(statements: [String], rows: [String]) throws {
    let client = try Self.clientWithTable()
    let heard = try client.say(statements.flatMap(FrontendMessage.steps) + [.sync])
    #expect(heard.kinds.hasSuffix("Z(I)"))
    #expect(try Self.rows(client) == rows)
  }

  @Test("are not committed before Sync")
  func early() throws {
    let client = try Self.clientWithTable()
    let other = try Client(client.connection.service)
    #expect(try client.say(FrontendMessage.steps("INSERT INTO t VALUES (1)")).kinds == "1 2 C(INSERT 0 1)")
    #expect(try Self.rows(other) == [])
    #expect(try client.say(.sync).kinds == "Z(I)")
    #expect(try Self.rows(other) == ["1"])
    _ = try client.say(FrontendMessage.steps("BEGIN") + FrontendMessage.steps("DELETE FROM t"))
    #expect(try client.say(.sync).kinds == "Z(T)")
    #expect(try client.say(.query("ROLLBACK")).kinds == "C(ROLLBACK) Z(I)")
    #expect(try Self.rows(client) == ["1"])
  }

  @Test("tell at Sync when they cannot be committed")
  func conflict() throws {
    let client = try Self.clientWithTable()
    let other = try Client(client.connection.service)
    _ = try client.say(.query("INSERT INTO t VALUES (1)"))
    #expect(try client.say(FrontendMessage.steps("DELETE FROM t")).kinds == "1 2 C(DELETE 1)")
    #expect(try other.say(.query("DELETE FROM t")).kinds == "C(DELETE 1) Z(I)")
    #expect(try client.say(.sync).kinds == "E(40001) Z(I)")
    #expect(try client.say(.query("SELECT 1")).kinds == "T D C(SELECT 1) Z(I)")
  }

  @Test("that have failed refuse everything else")
  func failed() throws {
    let client = try Self.clientWithTable()
    _ = try client.say(
      .query("BEGIN"), .parse(name: "p", sql: "SELECT g FROM generate_series(1, 9) t(g)", parameterTypes: []),
      .bind(.init(portal: "p", statement: "p")), .execute(portal: "p", maxRows: 1), .sync)
    #expect(try client.say(.query("SELECT 1/0")).kinds.hasSuffix("E(22012) Z(E)"))
    let refused: [[FrontendMessage]] = [
      [.execute(portal: "p", maxRows: 1)],
      [.parse(name: "s", sql: "SELECT $1::integer", parameterTypes: [])],
      [.parse(name: "s", sql: "FETCH c", parameterTypes: [])],
      [.bind(.init(statement: "p")), .execute(portal: "", maxRows: 0)],
      FrontendMessage.steps("COPY t FROM STDIN"),
    ]
    for messages in refused {
      let heard = try client.say(messages + [.sync])
      #expect(heard.kinds.hasSuffix("E(25P02) Z(E)"), "\(messages)")
    }
    for sql in ["COPY t FROM STDIN", "FETCH c", "SET LOCAL queue = batch"] {
      #expect(try client.say(.query(sql)).kinds == "E(25P02) Z(E)")
    }
    let heard = try client.say(FrontendMessage.steps("ROLLBACK") + [.sync])
    #expect(heard.kinds == "1 2 C(ROLLBACK) Z(I)")
    #expect(try client.say(.describe(.statement, name: "s"), .sync).kinds == "E(26000) Z(I)")
  }

  @Test("give back what SET LOCAL has changed")
  func setLocal() throws {
    let client = try Client.ofEmptyDatabase()
    func timeout() throws -> String? {
      try client.say(.query("SHOW statement_timeout")).firstValues.first ?? nil
    }
    let local = "SET LOCAL statement_timeout = '1s'"
    for (sql, inside, after) in [
      ("BEGIN; \(local)", "1s", "0"),
      ("BEGIN; SAVEPOINT a; \(local); ROLLBACK TO a", "0", "0"),
      ("BEGIN; \(local); SAVEPOINT a; ROLLBACK TO a", "1s", "0"),
      ("BEGIN; \(local); SET statement_timeout = '2s'", "2s", "2s"),
      ("BEGIN; SET statement_timeout = '3s'; \(local)", "1s", "3s"),
      ("BEGIN; \(local); RESET ALL", "0", "0"),
    ] {
      _ = try client.say(.query(sql))
      #expect(try timeout() == inside, "\(sql)")
      _ = try client.say(.query("COMMIT"))
      #expect(try timeout() == after, "\(sql)")
    }
    #expect(try client.say(.query(local)).kinds == "N C(SET) Z(I)")
    #expect(try timeout() == "0")
    let heard = try client.say(.query("SET LOCAL application_name = 'a'; SELECT 1"))
    #expect(heard.kinds == "C(SET) T D C(SELECT 1) Z(I)")
  }
}
