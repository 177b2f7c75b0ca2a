import Base
import Testing

@testable import Storage

@Suite("manifest, damaged")
struct ManifestDamageTests {
  /// A log of five records, and where each ends.
  struct Log {
    var bytes: [UInt8] = []
    var ends: [Int] = []
    var states: [DatabaseState] = []

    init() throws {
      var state = DatabaseState(version: 1)
      try append(ManifestRecord(version: 1, previousHash: 0, contents: .full([])), state)
      let table = Sample.table("stars", id: "t")
      let commits: [[ManifestChange]] = [
        [.createTable(table)], [.addSegment(tableID: "t", ManifestTests.segment)],
        [.renameTable(id: "t", schema: "sky", name: "suns")], [.dropTable(id: "t")],
      ]
      for changes in commits {
        state = try state.applying(changes)
        let hash = ManifestRecord.hash(
          ByteRegion(copying: bytes[(ends.dropLast().last ?? 0)..<bytes.count]))
        try append(
          ManifestRecord(
            version: state.version, previousHash: hash, contents: .delta(changes)), state)
      }
    }

    private mutating func append(_ record: ManifestRecord, _ state: DatabaseState) throws {
      bytes += try record.encoded().bytes
      ends.append(bytes.count)
      states.append(state)
    }
  }

  private func read(_ bytes: [UInt8]) throws -> ManifestLog {
    try ManifestLog(ByteRegion(copying: bytes), path: "log")
  }

  @Test("a sound log is read to its end")
  func sound() throws {
    let log = try Log()
    let found = try read(log.bytes)
    #expect(found.state == log.states.last)
    #expect(found.recordCount == 5)
    #expect(!found.hasTornTail)
  }

  @Test("cut short at any byte, it opens at the last whole record")
  func truncation() throws {
    let log = try Log()
    for count in 0..<log.bytes.count {
      let bytes = Array(log.bytes.prefix(count))
      guard let last = log.ends.lastIndex(where: { $0 <= count }) else {
        let error = #expect(throws: SQLError.self) { try read(bytes) }
        #expect(error?.state == .dataCorrupted)
        continue
      }
      let found = try read(bytes)
      #expect(found.state == log.states[last], "\(count) bytes")
      #expect(found.hasTornTail == (count != log.ends[last]))
      #expect(found.sizeBytes == log.ends[last])
    }
  }

  @Test("every flipped bit is found, even in the last record")
  func bitFlips() throws {
    let log = try Log()
    for index in log.bytes.indices {
      for bit in 0..<8 {
        var bytes = log.bytes
        bytes[index] ^= 1 << UInt8(bit)
        let error = #expect(throws: SQLError.self, "bit \(bit) of byte \(index)") {
          try read(bytes)
        }
        #expect(error?.message.contains("at byte") == true)
        #expect(error?.message.contains("\"log\"") == true)
      }
    }
  }

  @Test("a sector of the last record that never arrived is no commit; earlier it is damage")
  func lostSectors() throws {
    let log = try Log()
    for (index, end) in log.ends.enumerated().dropFirst() {
      let start = log.ends[index - 1]
      var bytes = log.bytes
      for position in start..<end { bytes[position] = 0 }
      if index == log.ends.count - 1 {
        #expect(try read(bytes).state == log.states[index - 1])
      } else {
        let error = #expect(throws: SQLError.self) { try read(bytes) }
        #expect(error?.message.contains("at byte \(start)") == true)
      }
    }
  }

  @Test("records taken out, doubled or exchanged break the chain")
  func chain() throws {
    let log = try Log()
    let starts = [0] + log.ends.dropLast()
    let records = zip(starts, log.ends).map { Array(log.bytes[$0..<$1]) }
    let cases: [[Int]] = [[0, 2], [0, 1, 1], [0, 2, 1], [0, 1, 0], [1, 2], [0, 1, 3, 4]]
    for order in cases {
      let error = #expect(throws: SQLError.self, "\(order)") {
        try read(order.flatMap { records[$0] })
      }
      #expect(error?.state == .dataCorrupted)
    }
  }

  @Test("a record of another history does not fit, whatever its number")
  func otherHistory() throws {
    let log = try Log()
    let state = try #require(log.states.last)
    for (hash, fits) in [(UInt64(1), false), (try read(log.bytes).lastHash, true)] {
      let record = ManifestRecord(
        version: state.version + 1, previousHash: hash, contents: .delta([]))
      let bytes = try log.bytes + record.encoded().bytes
      #expect(((try? read(bytes)) != nil) == fits)
    }
  }

  @Test("random bytes are refused or passed over, never trapped on", arguments: 0..<200)
  func noise(seed: Int) throws {
    let random = SeededRandom(seed: UInt64(seed))
    let log = try Log()
    var bytes = log.bytes
    for _ in 0..<1 + random.next(below: 8) {
      let position = random.next(below: bytes.count)
      bytes[position] = UInt8(truncatingIfNeeded: random.next())
    }
    if random.nextBool() { bytes.removeLast(random.next(below: bytes.count)) }
    if let found = try? read(bytes) { #expect(log.states.contains(found.state)) }
  }

  /// Sound checksums around nonsense, as a hostile author can make them.
  @Test("nonsense with right checksums is refused, never trapped on", arguments: 0..<300)
  func hostile(seed: Int) throws {
    let random = SeededRandom(seed: UInt64(seed))
    var payload = ManifestTests.full.encoded
    for _ in 0..<1 + random.next(below: 4) {
      payload[random.next(below: payload.count)] = UInt8(truncatingIfNeeded: random.next())
    }
    _ = try? StoredTable(ByteRegion(copying: payload))
    let noise = (0..<random.next(below: 64)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    _ = try? StoredTable(ByteRegion(copying: noise))
  }
}
