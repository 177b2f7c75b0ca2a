import Base
import Engine
import Synchronization
import Testing

/// Reading a stream without ever waiting in it.
@Suite struct PollTests {
  @Test func pollingGivesTheSameRowsAsWaiting() throws {
    let database = try Database(.memory)
    let sql = "SELECT x, x * 2 AS y FROM generate_series(1, 3000000) AS s(x) WHERE x % 3 = 0"
    let session = database.makeSession()
    let stream = try #require(try session.run(sql).stream)
    let arrived = Monitor()
    nonisolated(unsafe) var notifications = 0
    var (rows, waits) = (0, 0)
    reading: while true {
      let polled = try stream.poll {
        arrived.locked {
          notifications += 1
          arrived.notifyAll()
        }
      }
      switch polled {
      case .batch(let batch): rows += batch.rowCount
      case .end: break reading
      case .pending:
        waits += 1
        arrived.lock()
        while notifications < waits { arrived.wait() }
        arrived.unlock()
      }
    }
    #expect(rows == 1_000_000)
    #expect(arrived.locked { notifications } == waits)
  }

  @Test func anErrorComesThroughPolling() throws {
    let database = try Database(.memory)
    let session = database.makeSession()
    let sql = "SELECT 1 / (x - 9) FROM generate_series(1, 9) AS s(x)"
    let stream = try #require(try session.run(sql).stream)
    let arrived = Monitor()
    nonisolated(unsafe) var isReady = false
    #expect(throws: SQLError.self) {
      while true {
        let polled = try stream.poll {
          arrived.locked {
            isReady = true
            arrived.notifyAll()
          }
        }
        if case .end = polled { return }
        guard case .pending = polled else { continue }
        arrived.lock()
        while !isReady { arrived.wait() }
        isReady = false
        arrived.unlock()
      }
    }
  }
}
