import Base
import Synchronization
import Zij

/// `zij-bench insert`: how many single-row INSERTs a second become durable, and how many syncs the
/// disk makes in the same minute.
struct InsertCommand {
  private let options: BenchOptions
  private static let seconds = 3.0

  init(_ options: BenchOptions) { self.options = options }

  func run() throws {
    let table = TextTable([("what", 44), ("per second", 12), ("median µs", 10), ("p99 µs", 10)])
    Terminal.say(Report.heading + "\n" + table.heading)
    var report = Report(benchmark: "insert")
    func show(_ name: String, _ figures: Figures) {
      Terminal.say(
        table.line(
          [name] + [figures.rate, figures.median, figures.late].map { Shown.number($0) }))
      report.results.append(
        .object([
          ("name", .text(name)), ("perSecond", .number(figures.rate)),
          ("medianMicroseconds", .number(figures.median)), ("p99Microseconds", .number(figures.late)),
        ]))
    }
    var settings = DatabaseOptions()
    settings.workerCount = options.threadCount
    let database = try Database.open(.directory(options.databasePath), options: settings)
    defer { database.close() }
    let session = database.makeSession()
    for round in 1...options.runCount {
      _ = try session.run("DROP TABLE IF EXISTS zij_bench_insert")
      _ = try session.run(
        "CREATE TABLE zij_bench_insert (id bigint, ra double precision, dec double precision, "
          + "mag real, name text)")
      show("round \(round): write and fdatasync of 4 KiB", try syncs())
      for count in [1, 16] {
        show("\(count) sessions, text", try inserts(database, sessions: count, isPrepared: false))
        show("\(count) sessions, $1 …", try inserts(database, sessions: count, isPrepared: true))
      }
    }
    _ = try session.run("DROP TABLE zij_bench_insert")
    if let path = options.jsonPath { try OutputFile.write(report.json.rendered, to: path) }
  }

  struct Figures {
    let rate: Double
    let median: Double
    let late: Double

    init(_ times: [Int64], seconds: Double) {
      let sorted = times.sorted()
      rate = Double(times.count) / seconds
      median = sorted.isEmpty ? 0 : Double(sorted[sorted.count / 2]) / 1000
      late = sorted.isEmpty ? 0 : Double(sorted[sorted.count * 99 / 100]) / 1000
    }
  }

  /// Calls `body` again and again for some seconds.
  private static func times(_ body: () throws -> Void) rethrows -> [Int64] {
    let clock = SystemClock()
    let start = clock.monotonicNS()
    var now = start
    var times: [Int64] = []
    while now - start < Int64(seconds * 1e9) {
      try body()
      let next = clock.monotonicNS()
      times.append(next - now)
      now = next
    }
    return times
  }

  private func syncs() throws -> Figures {
    let disk = PosixDisk()
    let path = options.databasePath + "/temp/zij-bench-sync"
    let pageCount = 1024
    let page = ByteRegion(copying: [UInt8](repeating: 7, count: 4096))
    let made = try disk.create(path, replacing: true)
    for _ in 0..<pageCount {
      try page.withBytes { (bytes) throws(SQLError) in try made.write(bytes) }
    }
    try made.sync()
    try made.close()
    defer { try? disk.remove(path) }
    let file = try disk.rewrite(path)
    var next = 0
    let times = try Self.times {
      try page.withBytes { (bytes) throws(SQLError) in try file.write(bytes, at: next * 4096) }
      try file.sync()
      next = (next + 1) % pageCount
    }
    return Figures(times, seconds: Self.seconds)
  }

  private func inserts(
    _ database: Database, sessions: Int, isPrepared: Bool
  ) throws -> Figures {
    let results = Mutex<(times: [Int64], failure: SQLError?)>(([], nil))
    let threads = (0..<sessions).compactMap { number in
      WorkerThread(stackBytes: 8 << 20) {
        do throws(SQLError) {
          let times = try Self.insert(database.makeSession(), number, isPrepared)
          results.withLock { $0.times += times }
        } catch {
          results.withLock { $0.failure = error }
        }
      }
    }
    for thread in threads { thread.join() }
    let (times, failure) = results.withLock { $0 }
    if let failure { throw failure }
    return Figures(times, seconds: Self.seconds)
  }

  private static func insert(
    _ session: Session, _ number: Int, _ isPrepared: Bool
  ) throws(SQLError) -> [Int64] {
    var row = Int64(number) << 32
    var failure: SQLError?
    let times = times {
      guard failure == nil else { return }
      row += 1
      do throws(SQLError) {
        if isPrepared {
          _ = try session.run(
            "INSERT INTO zij_bench_insert VALUES ($1, $2, $3, $4, $5)",
            parameters: [
              .integer(row), .float64(Double(row % 360)), .float64(12.5), .float32(17.25),
              .text("star"),
            ])
        } else {
          _ = try session.run(
            "INSERT INTO zij_bench_insert VALUES (\(row), \(row % 360), 12.5, 17.25, 'star')")
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return times
  }
}
