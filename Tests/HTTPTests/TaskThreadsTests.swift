import HTTP
import Synchronization
import Testing

@Suite("Task threads")
struct TaskThreadsTests {
  @Test("run tasks now and at a time, and drop what was withdrawn")
  func order() throws {
    let tasks = try TaskThreads(threadCount: 1)
    let log = Mutex<[Int]>([])
    let done = Atomic<Int>(0)
    tasks.submit(afterMS: 40) { log.withLock { $0.append(3) }; done.add(1, ordering: .relaxed) }
    tasks.submit(afterMS: 5) { log.withLock { $0.append(2) }; done.add(1, ordering: .relaxed) }
    let number = tasks.submit(afterMS: 30) { log.withLock { $0.append(9) } }
    tasks.withdraw(number)
    tasks.submit { done.add(1, ordering: .relaxed) }
    while done.load(ordering: .relaxed) < 3 { pause() }
    tasks.stop()
    #expect(log.withLock { $0 } == [2, 3])
  }
}
