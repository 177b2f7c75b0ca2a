import Base
import Engine
import Glibc
import Testing
import Vectors

/// Classes, preemption, back-pressure, and how queries end.
@Suite("Queries that share workers")
struct SchedulingTests {
  private static let long =
    "SELECT count(*), sum(a.x * b.x) FROM generate_series(1, 1000) AS a(x), "
    + "generate_series(1, 1500) AS b(x)"
  /// Does not end in any test's time.
  private static let endless =
    "SELECT count(*) FROM generate_series(1, 10000000) AS a(x), "
    + "generate_series(1, 1000) AS b(x) WHERE a.x % 7 = b.x % 11"

  private static func database(workers: Int, memoryLimitBytes: Int? = nil) throws -> Database {
    var options = DatabaseOptions()
    options.workerCount = workers
    options.memoryLimitBytes = memoryLimitBytes
    return try Database(.memory, options: options)
  }

  private static func rows(_ stream: ResultStream?) throws(SQLError) -> [[Value]] {
    var result: [[Value]] = []
    while let batch = try stream?.next() {
      for row in 0..<batch.rowCount { result.append(batch.columns.map { $0.value(at: row) }) }
    }
    return result
  }

  private static func failure(_ body: () throws(SQLError) -> Void) -> SQLError? {
    do throws(SQLError) {
      try body()
      return nil
    } catch {
      return error
    }
  }

  private static func milliseconds(_ body: () throws -> Void) rethrows -> Int {
    let clock = SystemClock()
    let start = clock.monotonicNS()
    try body()
    return Int((clock.monotonicNS() - start) / 1_000_000)
  }

  @Test("an interactive query overtakes a batch query on the only worker")
  func preemption() throws {
    let database = try Self.database(workers: 1)
    let batch = database.makeSession()
    _ = try batch.run("SET queue = batch")
    let slow = try #require(try batch.run(Self.endless).stream)
    let quick = database.makeSession()
    for number in 0..<20 {
      let found = try Self.rows(
        try quick.run("SELECT sum(x) FROM generate_series(1, 1000) AS s(x)").stream)
      #expect(found.count == 1, "query \(number)")
    }
    #expect(!slow.waitForBatch(milliseconds: 0))
    slow.close()
  }

  @Test("a batch query that was interrupted often gives the right answer")
  func interrupted() throws {
    let database = try Self.database(workers: 1)
    let expected = try Self.rows(try database.makeSession().run(Self.long).stream)
    let batch = database.makeSession()
    _ = try batch.run("SET queue = batch")
    let slow = try #require(try batch.run(Self.long).stream)
    let quick = database.makeSession()
    var overtaken = 0
    while !slow.waitForBatch(milliseconds: 0) {
      let found = try Self.rows(
        try quick.run("SELECT count(*) FROM generate_series(1, 3000) AS s(x)").stream)
      #expect(found == [[.integer(3000)]])
      overtaken += 1
    }
    #expect(try Self.rows(slow) == expected)
    #expect(overtaken > 0)
  }

  @Test("batch queries go on while interactive ones keep coming")
  func noStarvation() throws {
    let database = try Self.database(workers: 1)
    let interactive = database.makeSession()
    let hog = try #require(try interactive.run(Self.endless).stream)
    let batch = database.makeSession()
    _ = try batch.run("SET queue = batch")
    let other = try #require(
      try batch.run("SELECT count(*) FROM generate_series(1, 100) AS s(x)").stream)
    // The long query is one morsel that never yields to its inferiors: it must be ended first.
    hog.close()
    #expect(try Self.rows(other) == [[.integer(100)]])
  }

  @Test("a stream that nobody reads holds no worker and little memory", arguments: [1, 2])
  func backPressure(workers: Int) throws {
    let database = try Self.database(workers: workers)
    let session = database.makeSession()
    _ = try session.run(
      "CREATE TABLE wide AS SELECT x, repeat('y', 200) AS t FROM generate_series(1, 300000) AS s(x)"
    )
    let unread = try #require(
      try session.run("SELECT x, t, t || CAST(x AS text) AS u FROM wide").stream)
    #expect(unread.waitForBatch(milliseconds: 10_000))
    let other = database.makeSession()
    for _ in 0..<3 {
      do {
        let found = try Self.rows(try other.run("SELECT count(*) FROM wide").stream)
        #expect(found == [[.integer(300_000)]])
      }
    }
    let readBefore = unread.context.progress.rowsRead
    #expect(readBefore < 150_000, "\(readBefore) rows read ahead")
    var next: Int64 = 1
    while let batch = try unread.next() {
      for row in 0..<batch.rowCount {
        guard batch.columns[0].value(at: row) == .integer(next) else {
          Issue.record("row \(next) is \(batch.columns[0].value(at: row))")
          return
        }
        next += 1
      }
    }
    #expect(next == 300_001)
  }

  @Test("a stream read slowly is not read far ahead")
  func slowReader() throws {
    let database = try Self.database(workers: 2)
    let session = database.makeSession()
    _ = try session.run(
      "CREATE TABLE wide AS SELECT x, repeat('y', 400) AS t FROM generate_series(1, 400000) AS s(x)"
    )
    let slow = try #require(try session.run("SELECT x, t || CAST(x AS text) AS u FROM wide").stream)
    for read in 1...100 {
      _ = try slow.next()
      _ = slow.waitForBatch(milliseconds: 50)
      if read % 20 == 0 { _ = try database.makeSession().run("SELECT 1").stream?.next() }
    }
    let ahead = slow.context.progress.rowsRead - 100 * 1024
    #expect(ahead < 330_000, "\(ahead) rows read ahead")
    slow.close()
  }

  @Test("closing and dropping a stream frees its worker")
  func abandonment() throws {
    let database = try Self.database(workers: 1)
    let session = database.makeSession()
    for number in 0..<20 {
      let stream = try #require(try session.run(Self.endless).stream)
      guard number % 2 == 0 else { continue }
      stream.close()
      let isAtEnd = try stream.next() == nil
      #expect(isAtEnd)
    }
    let took = try Self.milliseconds {
      let found = try Self.rows(try session.run("SELECT 1").stream)
      #expect(found == [[.integer(1)]])
    }
    #expect(took < 3000)
  }

  @Test("cancel from another thread ends a query soon", arguments: [1, 3])
  func cancel(workers: Int) throws {
    let database = try Self.database(workers: workers)
    let session = database.makeSession()
    let queries = [
      Self.endless, "CREATE TABLE e AS " + Self.endless,
      "SELECT x FROM generate_series(1, 100000000) AS s(x) ORDER BY x % 10",
      "SELECT x, count(*) FROM generate_series(1, 100000000) AS s(x) GROUP BY x",
    ]
    for query in queries {
      nonisolated(unsafe) let target = session
      let thread = try #require(
        WorkerThread {
          let monitor = Monitor()
          monitor.lock()
          _ = monitor.wait(milliseconds: 100)
          monitor.unlock()
          target.cancel()
        })
      var error: SQLError?
      let took = Self.milliseconds {
        error = Self.failure { () throws(SQLError) in
          _ = try Self.rows(try session.run(query).stream)
        }
      }
      thread.join()
      #expect(error?.state == .queryCanceled, "\(query): \(String(describing: error))")
      #expect(took < 5000, "\(query): \(took) ms")
      do {
        let found = try Self.rows(try session.run("SELECT 2").stream)
        #expect(found == [[.integer(2)]])
      }
    }
  }

  @Test("statement_timeout ends a query, also one that nobody reads")
  func timeout() throws {
    let database = try Self.database(workers: 1)
    let session = database.makeSession()
    _ = try session.run("SET statement_timeout = '80ms'")
    let error = Self.failure { () throws(SQLError) in
      _ = try Self.rows(try session.run(Self.endless).stream)
    }
    #expect(error?.state == .queryCanceled)
    #expect(error?.hint?.contains("statement_timeout") == true)
    _ = try session.run("SET statement_timeout = 0")
    do {
      let found = try Self.rows(try session.run("SELECT 3").stream)
      #expect(found == [[.integer(3)]])
    }
  }

  static let greedy = [
    "SELECT x FROM generate_series(1, 1500000) AS s(x) ORDER BY x % 1000, x",
    "SELECT x, count(*) FROM generate_series(1, 1500000) AS s(x) GROUP BY x",
    "SELECT count(DISTINCT x) FROM generate_series(1, 1500000) AS s(x)",
    "SELECT DISTINCT x FROM generate_series(1, 1500000) AS s(x)",
    "SELECT count(*) FROM generate_series(1, 10) AS a(x) "
      + "JOIN generate_series(1, 1500000) AS b(x) ON a.x = b.x",
    "SELECT array_agg(x) FROM generate_series(1, 1500000) AS s(x)",
    "SELECT sum(x) FROM (SELECT x FROM generate_series(1, 1500000) AS s(x) LIMIT 1450000) AS l",
  ]

  @Test("memory_limit is an error, and the memory comes back", arguments: greedy)
  func memoryLimit(query: String) throws {
    let database = try Self.database(workers: 2, memoryLimitBytes: 14 << 20)
    let session = database.makeSession()
    _ = try session.run("SET memory_limit = '8MB'")
    // If 8 MB stayed reserved each time, the database's limit would be reached instead.
    for attempt in 0..<3 {
      let error = Self.failure { () throws(SQLError) in
        _ = try Self.rows(try session.run(query).stream)
      }
      #expect(error?.state == .outOfMemory, "\(String(describing: error))")
      #expect(
        error?.message.contains("of \(8 << 20) bytes") == true,
        "attempt \(attempt): \(String(describing: error))")
    }
    _ = try session.run("SET memory_limit = 0")
    let small =
      "SELECT count(*) FROM (SELECT x FROM generate_series(1, 100000) AS s(x) ORDER BY x) AS t"
    for _ in 0..<4 {
      do {
        let found = try Self.rows(try session.run(small).stream)
        #expect(found == [[.integer(100_000)]])
      }
    }
  }

  @Test("an ended statement's memory is free before the session's next statement")
  func idleSessions() throws {
    let database = try Self.database(workers: 1, memoryLimitBytes: 24 << 20)
    var sessions: [Session] = []
    for _ in 0..<12 {
      let session = database.makeSession()
      let found = try Self.rows(
        try session.run(
          "SELECT count(*) FROM (SELECT x FROM generate_series(1, 200000) AS s(x) ORDER BY x) AS t"
        ).stream)
      #expect(found == [[.integer(200_000)]])
      sessions.append(session)
    }
  }

  @Test("a failure in one morsel ends the query although others would go on")
  func failureStopsOthers() throws {
    let database = try Self.database(workers: 3)
    let session = database.makeSession()
    _ = try session.run("CREATE TABLE t AS SELECT x FROM generate_series(1, 200000) AS s(x)")
    var error: SQLError?
    let took = Self.milliseconds {
      error = Self.failure { () throws(SQLError) in
        _ = try Self.rows(
          try session.run(
            "SELECT count(*) FROM t a, t b WHERE 1 / (a.x - 32769) > b.x"
          ).stream)
      }
    }
    #expect(error?.state == .divisionByZero)
    #expect(took < 8000, "\(took) ms")
  }

  @Test("LIMIT ends a query although other morsels would go on")
  func limitStopsOthers() throws {
    let database = try Self.database(workers: 3)
    let session = database.makeSession()
    _ = try session.run("CREATE TABLE t AS SELECT x FROM generate_series(1, 200000) AS s(x)")
    for query in [
      "SELECT b.x FROM t a, t b WHERE a.x < 5 AND a.x + b.x > 0 LIMIT 3",
      "SELECT b.x FROM t a, t b WHERE a.x + b.x < 7 LIMIT 3",
      "SELECT * FROM (SELECT b.x FROM t a, t b WHERE a.x + b.x < 7 LIMIT 3) AS s",
    ] {
      let took = try Self.milliseconds {
        let found = try Self.rows(try session.run(query).stream)
        #expect(found == [[.integer(1)], [.integer(2)], [.integer(3)]])
      }
      #expect(took < 5000, "\(took) ms")
    }
  }

  @Test("close stops running queries, and later calls fail")
  func close() throws {
    let database = try Self.database(workers: 2)
    let session = database.makeSession()
    let running = try #require(try session.run(Self.endless).stream)
    let took = Self.milliseconds { database.close() }
    #expect(took < 5000)
    let error = Self.failure { () throws(SQLError) in _ = try Self.rows(running) }
    #expect(error?.state == .queryCanceled)
    let late = Self.failure { () throws(SQLError) in _ = try session.run("SELECT 1") }
    #expect(late?.state == .adminShutdown)
    database.close()
  }

  @Test("a stream outlives its session and its database's last reference")
  func orphan() throws {
    var stream: ResultStream?
    do {
      let database = try Self.database(workers: 1)
      stream = try database.makeSession().run(Self.endless).stream
    }
    let error = Self.failure { () throws(SQLError) in _ = try Self.rows(stream) }
    #expect(error?.state == .queryCanceled)
  }

  @Test("many sessions at once get their own answers")
  func crowd() throws {
    let database = try Self.database(workers: 3)
    let threads = try (0..<8).map { number in
      try #require(
        WorkerThread {
          let session = database.makeSession()
          if number % 2 == 0 { _ = try? session.run("SET queue = batch") }
          for round in 1...10 {
            let count = Int64(number * 1000 + round)
            let found = try? Self.rows(
              try session.run("SELECT count(*) FROM generate_series(1, \(count)) AS s(x)").stream)
            #expect(found == [[.integer(count)]])
          }
        })
    }
    for thread in threads { thread.join() }
  }

  @Test("a database that only a running query holds is closed by its end", arguments: 1...3)
  func lastReference(workers: Int) throws {
    weak var weakly: Database?
    do {
      let database = try Self.database(workers: workers)
      weakly = database
      // The table of settings asks the session, which holds the database.
      let stream = try #require(
        try database.makeSession().run(
          "SELECT count(*), max(current_setting('application_name')) "
            + "FROM generate_series(1, 300000) AS s(x)"
        ).stream)
      stream.close()
    }
    for _ in 0..<2000 where weakly != nil { usleep(5000) }
    #expect(weakly == nil)
  }
}
