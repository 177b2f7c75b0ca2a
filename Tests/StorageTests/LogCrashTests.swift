import Base
import Testing

@testable import Storage

@Suite("write-ahead log, crashes")
struct LogCrashTests {
  /// A log with the numbers of the rows that are in it, as far as anybody was told.
  final class Session {
    let log: LogTests.Log
    var rows: [Int]

    init(_ disk: SimDisk) throws { (log, rows) = try LogTests.open(disk) }

    func commit(_ first: Int, rows count: Int) throws {
      try log.commit(LogTests.commit(first, rows: count))
      rows += first..<first + count
    }
  }

  /// Blocks of about 14 KB: the log goes on in its second and its third file.
  static var sweep: CrashSweep<Session, [Int]> {
    CrashSweep(
      seed: 31, open: { try Session($0) },
      steps: (0..<7).map { index in
        .init("commit \(index)") { try $0.commit(index * 1000, rows: 700) }
      },
      observe: { $0.rows },
      goOn: [
        .init("a small one") { try $0.commit(90_000, rows: 1) },
        .init("a large one") { try $0.commit(91_000, rows: 700) },
      ])
  }

  @Test("the workload uses several files")
  func files() throws {
    let disk = SimDisk(seed: 1)
    let session = try Session(disk)
    for step in Self.sweep.steps { try step.run(session) }
    #expect(try disk.list("d.zij/wal").count == 3)
  }

  @Test("a crash at any operation loses nothing acknowledged, then or later")
  func crashes() throws {
    let report = try Self.sweep.crashEverywhere()
    #expect(report.operations > 30, "\(report)")
  }

  @Test("a failure of any operation loses nothing acknowledged, then or later")
  func failures() throws { _ = try Self.sweep.failEverywhere() }
}
