import Base
import Engine
import Testing

/// Sessions of strangers, as TAP makes them.
@Suite("Sessions that only ask")
struct AccessTests {
  @Test(
    "change nothing",
    arguments: [
      "SELECT set_config('work.x', 'y', false)", "SET dialect = 'adql'", "CREATE TABLE t (x int)",
      "SELECT count(set_config('memory_limit', '1TB', false)) FROM generate_series(1, 3) AS s(x)",
    ])
  func refused(sql: String) throws {
    let session = try Database(.memory).makeSession(access: .queries)
    let error = #expect(throws: SQLError.self) { _ = try session.lines(sql) }
    #expect(error?.state == .insufficientPrivilege)
    #expect(session.setting("work.x") == nil)
  }
}
