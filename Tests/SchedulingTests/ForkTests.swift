import Base
import Engine
import Glibc
import Testing

@Suite("After a fork")
struct ForkTests {
  @Test("the child's handle answers with an error, the parent's goes on")
  func forking() throws {
    let database = try Database(.memory)
    let session = database.makeSession()
    while try session.run("SELECT 1").stream?.next() != nil { break }
    // Another test's thread may hold a lock of the runtime at that moment, for ever in the child: it is
    // then ended by its alarm, and the next one tried.
    var status: Int32 = 0
    for _ in 0..<5 where status != 42 << 8 {
      let child = fork()
      if child == 0 { Self.beChild(session, database) }
      try #require(child > 0)
      #expect(waitpid(child, &status, 0) == child)
    }
    #expect(status == 42 << 8, "status \(status)")
    let rows = try session.run("SELECT 1").stream?.next()?.rowCount
    #expect(rows == 1)
  }

  /// Only the status says how it went: the child has no threads and must not report.
  private static func beChild(_ session: Session, _ database: Database) -> Never {
    alarm(3)
    do throws(SQLError) {
      _ = try session.run("SELECT 1")
      _exit(1)
    } catch {
      database.close()
      _exit(error.state == .adminShutdown ? 42 : 2)
    }
  }
}
