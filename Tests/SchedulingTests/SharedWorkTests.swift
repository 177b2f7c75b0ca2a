import Base
import Scheduling
import Synchronization
import Testing

@Suite("Work that threads share")
struct SharedWorkTests {
  @Test("does every piece once, nested and from several threads at once", arguments: 1...4)
  func everyPieceOnce(workers: Int) {
    let scheduler = Scheduler(workerCount: workers)
    let total = Atomic<Int>(0)
    let threads = (0..<3).compactMap { _ in
      WorkerThread {
        // Short calls, so that helpers come late and leave late.
        for round in 0..<400 {
          let sum = Atomic<Int>(0)
          scheduler.forEach(round % 7) { outer in
            scheduler.forEach(3, queryClass: round % 2 == 0 ? .interactive : .batch) { inner in
              sum.wrappingAdd(outer * 3 + inner, ordering: .relaxed)
            }
          }
          let pieces = round % 7 * 3
          let isRight = sum.load(ordering: .relaxed) == pieces * (pieces - 1) / 2
          total.wrappingAdd(isRight ? 1 : 0, ordering: .relaxed)
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(total.load(ordering: .relaxed) == 1200)
    scheduler.shutdown()
  }

  @Test("the error of the first piece that failed is thrown, after all are done")
  func errors() {
    let scheduler = Scheduler(workerCount: 2)
    let done = Atomic<Int>(0)
    let error = #expect(throws: SQLError.self) {
      try scheduler.map(50) { (index) throws(SQLError) -> Int in
        done.wrappingAdd(1, ordering: .relaxed)
        if index % 10 == 7 { throw SQLError(.dataException, "piece \(index)") }
        return index
      }
    }
    #expect(error?.message == "piece 7")
    #expect(done.load(ordering: .relaxed) == 50)
    scheduler.shutdown()
    // Afterwards everything is done by whoever asks.
    #expect((try? scheduler.map(3) { $0 }) == [0, 1, 2])
  }
}
