import Base
import Synchronization
import Testing
import Vectors

@testable import Storage

@Suite("chunk cache")
struct ChunkCacheTests {
  private func vector(_ rows: Int) -> Vector { Vector(type: .int64, count: rows) }

  @Test("stays within its budget and counts", arguments: [0, 1000, 20_000, 100_000])
  func budget(bytes: Int) {
    let cache = ChunkCache(budgetBytes: bytes)
    let number = cache.makeSegmentNumber()
    for group in 0..<200 {
      cache.insert(
        segment: number, group: group, columns: [0, 1], [vector(100), vector(group)])
      #expect(cache.usedBytes <= bytes)
    }
    var found = 0
    for group in 0..<200 {
      found += cache.find(segment: number, group: group, columns: [0, 1]).count { $0 != nil }
    }
    #expect(cache.hitCount == found && cache.missCount == 400 - found)
    #expect(bytes < 2000 ? found <= 2 : found > bytes / 3000)
    cache.budgetBytes = bytes / 2
    #expect(cache.usedBytes <= bytes / 2)
    cache.removeAll()
    #expect(cache.usedBytes == 0)
  }

  @Test("keeps what is asked for again and again")
  func clock() {
    let cache = ChunkCache(budgetBytes: 100 * (800 + ChunkCacheShard.overheadBytes))
    let number = cache.makeSegmentNumber()
    cache.insert(segment: number, group: 0, columns: [0], [vector(100)])
    for group in 1..<2000 {
      #expect(cache.find(segment: number, group: 0, columns: [0])[0] != nil, "group \(group)")
      cache.insert(segment: number, group: group, columns: [0], [vector(100)])
    }
  }

  @Test("eight readers get the same answers", arguments: [0, 60_000, 10_000_000])
  func concurrent(budget: Int) throws {
    let directory = try SegmentSample.open(SimDisk(seed: 1))
    let table = SegmentSample.table(SegmentSample.narrow, SegmentSample.sky)
    let batches = SegmentSample.rows(SegmentSample.narrow, 8000, seed: 6)
    let stored = try #require(
      try SegmentSample.load(
        batches, into: table, directory, options: SegmentOptions(groupRows: 1024)
      ).first)
    // Without the sidecar, so that threads race for the zones too.
    try directory.disk.remove(directory.absolute(SegmentPath.sidecar(of: stored.path)))
    let cache = ChunkCache(budgetBytes: budget)
    let segment = try Segment(stored, of: table, in: directory, cache: cache)
    let other = try Segment(stored, of: table, in: directory, cache: ChunkCache())
    let expected = try Self.sums(other, start: 0)
    let answers = Mutex<[[UInt64]]>([])
    var threads: [WorkerThread] = []
    for start in 0..<8 {
      let thread = WorkerThread {
        for _ in 0..<5 {
          let sums = (try? Self.sums(segment, start: start)) ?? []
          answers.withLock { $0.append(sums) }
        }
      }
      threads.append(try #require(thread))
    }
    for thread in threads { thread.join() }
    #expect(answers.withLock { $0.count } == 40)
    #expect(answers.withLock { $0.allSatisfy { $0 == expected } })
    #expect(cache.usedBytes <= budget)
    if budget == 10_000_000 { #expect(cache.hitCount > cache.missCount) }
  }

  /// A sum over bits for each group, read from group `start` on.
  private static func sums(_ segment: Segment, start: Int) throws -> [UInt64] {
    var sums = [UInt64](repeating: 0, count: segment.groupCount)
    for step in 0..<segment.groupCount {
      let group = (start + step) % segment.groupCount
      let columns = start % 2 == 0 ? [0, 1, 3] : [1, 3, 0]
      let vectors = try segment.read(group: group, columns: columns)
      for vector in vectors {
        for row in 0..<vector.count where !vector.isNull(row) {
          sums[group] &+= vector.values(as: UInt64.self)[row]
        }
      }
      sums[group] &+= UInt64(bitPattern: segment.zone(ofGroup: group).cells?.lower ?? 0)
      let zone = segment.columnZone(ofGroup: group, column: 1)
      sums[group] &+= UInt64(zone.nullCount ?? 0)
    }
    return sums
  }
}
