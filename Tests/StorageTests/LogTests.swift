import Base
import Synchronization
import Testing
import Vectors

@testable import Storage

@Suite("write-ahead log")
struct LogTests {
  final class Commit: Sendable {
    let record: LogRecord
    init(_ record: LogRecord) { self.record = record }
  }

  typealias Log = WriteAheadLog<Commit>

  /// Opens the log of a database and gives back the numbers of the rows in it.
  static func open(_ disk: SimDisk) throws -> (Log, [Int]) {
    let directory = try DatabaseDirectory.open(
      "d.zij", disk: disk, mode: .createIfMissing, random: SeededRandom(seed: 5))
    var found: [Int] = []
    let log = try Log(
      directory,
      encode: { (commit, out) throws(SQLError) in try commit.record.write(to: &out) },
      publish: { commits, _ in Self.published.wrappingAdd(commits.count, ordering: .relaxed) },
      types: { _ in [.int64, .text] },
      body: { (record, _) in
        for case .rows(_, let first, let batch) in record.entries {
          found += (0..<batch.rowCount).map { first + $0 }
        }
      })
    return (log, found)
  }

  static let published = Atomic<Int>(0)

  static func commit(_ first: Int, rows: Int = 1) -> Commit {
    let numbers = (first..<first + rows)
    let batch = Batch(
      columns: [
        Vector.of(numbers.map { .integer(Int64($0)) }, type: .int64),
        Vector.of(numbers.map { $0 % 3 == 0 ? .null : .text("row \($0)") }, type: .text),
      ], rowCount: rows)
    return Commit(LogRecord(entries: [.rows(tableID: "t", firstRow: first, batch)]))
  }

  @Test("gives back all commits, also from many files")
  func rotation() throws {
    let disk = SimDisk(seed: 1)
    let (log, none) = try Self.open(disk)
    #expect(none.isEmpty)
    for first in stride(from: 0, to: 60_000, by: 1000) { try log.commit(Self.commit(first, rows: 1000)) }
    #expect(try disk.list("d.zij/wal").count > 2)
    #expect(try Self.open(disk.reopened(.loseUnsynced)).1 == Array(0..<60_000))
  }

  @Test("goes on behind what was found, and behind a torn block")
  func goingOn() throws {
    var disk = SimDisk(seed: 2)
    for round in 0..<20 {
      let (log, found) = try Self.open(disk)
      #expect(found == Array(0..<round))
      try log.commit(Self.commit(round))
      // The next one is cut off in its middle.
      disk.crash(after: disk.operationCount + 2, mode: .tearRandomly)
      #expect(throws: SQLError.self) { try log.commit(Self.commit(1000, rows: 200)) }
      let left = disk.reopened()
      let again = try Self.open(left).1
      if again.count > round + 1 {
        // All of it had arrived although nobody was told.
        #expect(again == Array(0...round) + Array(1000..<1200))
        return
      }
      #expect(again == Array(0...round))
      disk = left.reopened(.loseUnsynced)
    }
  }

  @Test("a flipped bit is found, or changes nothing")
  func bitFlips() throws {
    let disk = SimDisk(seed: 3)
    let (log, _) = try Self.open(disk)
    for first in 0..<4 { try log.commit(Self.commit(first * 10, rows: 10)) }
    let path = "d.zij/wal/000000000001.wal"
    let bytes = try #require(disk.contents(of: path))
    let whole = try Self.open(disk.reopened(.keepAll)).1
    #expect(whole.count == 40)
    let used = (bytes.lastIndex { $0 != 0 } ?? 0) + 70
    var detected = 0
    for offset in Array(0..<used) + Array(stride(from: used, to: bytes.count, by: 997)) {
      var damaged = bytes
      damaged[offset] ^= 1 << UInt8(offset * 5 % 8)
      let copy = disk.reopened(.keepAll)
      copy.place(damaged, at: path)
      do {
        #expect(try Self.open(copy).1 == whole, "byte \(offset)")
      } catch let error as SQLError {
        #expect([.dataCorrupted, .featureNotSupported].contains(error.state), "byte \(offset)")
        detected += 1
      }
    }
    #expect(detected > used / 2)
  }

  @Test("a file that is missing or cut short is found")
  func missingFiles() throws {
    let disk = SimDisk(seed: 4)
    let (log, _) = try Self.open(disk)
    for first in stride(from: 0, to: 20_000, by: 1000) { try log.commit(Self.commit(first, rows: 1000)) }
    let names = try disk.list("d.zij/wal")
    for name in names {
      let copy = disk.reopened(.keepAll)
      let path = "d.zij/wal/" + name
      let bytes = try #require(copy.contents(of: path))
      copy.place(Array(bytes.prefix(bytes.count / 2)), at: path)
      #expect(throws: SQLError.self) { try Self.open(copy) }
      let other = disk.reopened(.keepAll)
      try other.remove(path)
      #expect(throws: SQLError.self) { try Self.open(other) }
    }
  }

  /// A file of the log that nobody wrote, with right checksums.
  private static func crafted(
    like bytes: [UInt8], firstLSN: UInt64? = nil, fillingBlock: Bool = false
  ) throws -> [UInt8] {
    var header = try #require(try LogFileHeader(ByteRegion(copying: bytes)))
    header.firstLSN = firstLSN ?? header.firstLSN
    var out = ByteWriter()
    header.write(to: &out)
    out.append(repeating: 0, count: bytes.count - out.count)
    if fillingBlock {
      // One block from the header to the end: commits without entries.
      let count = bytes.count - 2 * LogFormat.headerBytes
      let start = out.base + LogFormat.headerBytes
      let payload = start + LogFormat.headerBytes
      for offset in stride(from: 0, to: count, by: 8) {
        payload.storeBytes(of: UInt64(4).littleEndian, toByteOffset: offset, as: UInt64.self)
      }
      LogWhitening.apply(to: payload, count: count, lsn: header.firstLSN)
      LogBlockHeader(
        kind: LogFormat.commits, payloadBytes: count, commitCount: count / 8,
        lsn: header.firstLSN, identity: header.identity, fileNumber: header.number,
        payloadChecksum: CRC32C.checksum(UnsafeRawBufferPointer(start: payload, count: count))
      ).write(to: start)
    }
    return Array(out.bytes)
  }

  @Test("a file that nobody could write on is damaged", arguments: ["full", "last number", "huge"])
  func crafted(kind: String) throws {
    let disk = SimDisk(seed: 8)
    let (log, _) = try Self.open(disk)
    try log.commit(Self.commit(0))
    let path = "d.zij/wal/000000000001.wal"
    let bytes = try #require(disk.contents(of: path))
    let copy = disk.reopened(.keepAll)
    switch kind {
    case "full": copy.place(try Self.crafted(like: bytes, fillingBlock: true), at: path)
    case "last number": copy.place(try Self.crafted(like: bytes, firstLSN: .max), at: path)
    default:
      copy.place(bytes + [UInt8](repeating: 0, count: LogFormat.largestFileBytes), at: path)
    }
    let error = #expect(throws: SQLError.self) {
      let (log, _) = try Self.open(copy)
      try log.commit(Self.commit(1))
    }
    #expect(error?.state == .dataCorrupted)
  }

  @Test("holds the commits of many threads once")
  func threads() throws {
    let disk = SimDisk(seed: 6)
    let (log, _) = try Self.open(disk)
    let threads = (0..<8).compactMap { number in
      WorkerThread {
        for index in 0..<50 { try? log.commit(Self.commit(number * 1000 + index)) }
      }
    }
    for thread in threads { thread.join() }
    let found = try Self.open(disk.reopened(.loseUnsynced)).1
    #expect(found.count == 400)
    #expect(Set(found).count == 400)
    #expect(disk.operationCount < 2 * 400 + 40)
  }

  @Test("fails cleanly where there is no room, and goes on when there is")
  func noSpace() throws {
    let disk = SimDisk(seed: 7, capacityBytes: 100 << 10)
    let (log, _) = try Self.open(disk)
    var count = 0
    while (try? log.commit(Self.commit(count * 1000, rows: 1000))) != nil { count += 1 }
    #expect(count > 1)
    disk.capacityBytes = .max
    try log.commit(Self.commit(count * 1000, rows: 1000))
    let expected = Array(0..<(count + 1) * 1000)
    #expect(try Self.open(disk.reopened(.loseUnsynced)).1 == expected)
  }
}

@Suite("columns in the log")
struct LogColumnTests {
  static let samples: [(LogicalType, [Value])] = [
    (.boolean, [.boolean(true), .null, .boolean(false)]),
    (.int8, [.integer(-128), .integer(127), .null]),
    (.int32, [.integer(1), .integer(-1)]),
    (.int64, [.integer(.max), .null, .integer(.min)]),
    (.float32, [.float32(1.5), .null]),
    (.float64, [.float64(-0.0), .float64(.infinity), .null]),
    (.decimal(precision: 38, scale: 2), [.decimal(12345, scale: 2), .null]),
    (.text, [.text(""), .null, .text("ä ☉"), .text("long " + String(repeating: "x", count: 300))]),
    (.binary, [.binary([0, 255]), .null, .binary([])]),
    (.date, [.date(-1), .null]), (.timestamp, [.timestamp(1_000_000_007), .null]),
    (.list(.int32), [.list([.integer(1), .null]), .null, .list([])]),
    (.list(.text), [.list([.text("a"), .text("")]), .list([.null])]),
    (.structure([StructField("a", .int32), StructField("b", .text)]),
      [.structure([.integer(1), .text("x")]), .null]),
    (.point, [.structure([.float64(1), .float64(2)]), .null]),
    (.polygon, [.list([.structure([.float64(1), .float64(2)])]), .null]),
  ]

  static func encoded(_ vector: Vector) -> [UInt8] {
    var out = ByteWriter()
    LogColumnCoding.append(vector.flattened(), to: &out)
    return Array(out.bytes)
  }

  @Test("come back as they were", arguments: samples.indices)
  func roundTrip(_ index: Int) throws {
    let (type, values) = Self.samples[index]
    for count in [0, 1, 63, 64, 65, 1024] {
      let vector = Vector.of((0..<count).map { values[$0 % values.count] }, type: type)
      var reader = ByteReader(ByteRegion(copying: Self.encoded(vector)))
      let again = try LogColumnCoding.read(&reader, type: type, count: count)
      #expect(reader.isAtEnd)
      for row in 0..<count { #expect(again.value(at: row) == vector.value(at: row)) }
    }
  }

  @Test("that are damaged are an error or values, never a crash", arguments: samples.indices)
  func damage(_ index: Int) {
    let (type, values) = Self.samples[index]
    let bytes = Self.encoded(Vector.of(values + values, type: type))
    let random = SeededRandom(seed: UInt64(index))
    for _ in 0..<400 {
      var damaged = bytes
      for _ in 0...random.next(below: 3) {
        damaged[random.next(below: damaged.count)] = UInt8(truncatingIfNeeded: random.next())
      }
      if random.nextBool() { damaged.removeLast(random.next(below: damaged.count)) }
      var reader = ByteReader(ByteRegion(copying: damaged))
      guard let vector = try? LogColumnCoding.read(&reader, type: type, count: values.count * 2)
      else { continue }
      for row in 0..<vector.count { _ = vector.value(at: row) }
    }
  }
}
