import Base
import ORC
import Sky
import Testing
import Vectors

@testable import Storage

@Suite("segments")
struct SegmentTests {
  @Test(
    "gives back what it was given",
    arguments: [0, 1, 63, 1024, 2100], [ORCCompression.none, .lz4])
  func roundTrip(rows: Int, compression: ORCCompression) throws {
    let directory = try SegmentSample.open(SimDisk(seed: 1))
    let table = SegmentSample.table(SegmentSample.wide)
    let batches = SegmentSample.rows(SegmentSample.wide, rows, seed: 7, batchRows: 1000)
    let options = SegmentOptions(compression: compression, groupRows: 1024, stripeRows: 2048)
    let segments = try SegmentSample.load(batches, into: table, directory, options: options)
    #expect(segments.count == (rows == 0 ? 0 : 1))
    for stored in segments {
      #expect(stored.rowCount == rows)
      let segment = try Segment(stored, of: table, in: directory, cache: ChunkCache())
      try segment.verify()
      let all = Array(table.columns.indices)
      #expect(try SegmentSample.texts(segment, all) == SegmentSample.texts(batches))
      // Again from the cache, some columns and in another order.
      let few = SegmentSample.texts(batches.map { $0.projected(to: [8, 2, 5]) })
      #expect(try SegmentSample.texts(segment, [8, 2, 5]) == few)
    }
  }

  @Test("works on a real disk")
  func realDisk() throws {
    let disk = PosixDisk()
    let path = "/tmp/zij-segment-test-\(SystemRandom().next())"
    defer { SegmentSample.removeTree(disk, path) }
    let directory = try SegmentSample.open(disk, path)
    let table = SegmentSample.table(SegmentSample.wide, SegmentSample.sky)
    let batches = SegmentSample.rows(SegmentSample.wide, 2000, seed: 3)
    let stored = try #require(try SegmentSample.load(batches, into: table, directory).first)
    let segment = try Segment(stored, of: table, in: directory, cache: ChunkCache())
    try segment.verify()
    #expect(segment.sidecar != nil)
    let visible = table.columns.indices.filter { !table.columns[$0].isHidden }
    let seen = try SegmentSample.texts(segment, visible)
    #expect(seen.sorted() == SegmentSample.texts(batches).sorted())
  }

  @Test("rows of a sky table are sorted by cell, equal ones as they came, invalid ones last")
  func skyOrder() throws {
    let directory = try SegmentSample.open(SimDisk(seed: 1))
    let table = SegmentSample.table(SegmentSample.narrow, SegmentSample.sky)
    let batches = SegmentSample.rows(SegmentSample.narrow, 10_000, seed: 5)
    var options = SegmentOptions(groupRows: 1024)
    options.segmentRows = 4000
    let segments = try SegmentSample.load(batches, into: table, directory, options: options)
    #expect(segments.map(\.rowCount) == [4000, 4000, 2000])
    #expect(segments.allSatisfy { $0.sortedBy == ["_healpix_29"] })
    // The stable sort of all rows by the cell that the scalar function gives.
    var expected: [(cell: Int64, text: String)] = []
    for batch in batches {
      for row in 0..<batch.rowCount {
        let cell = Self.cell(batch.columns[1].value(at: row), batch.columns[2].value(at: row))
        let values = batch.columns.map { $0.value(at: row) }
        expected.append((cell ?? .max, "\(cell.map { Value.integer($0) } ?? .null) \(values)"))
      }
    }
    let order = expected.indices.sorted {
      (expected[$0].cell, $0) < (expected[$1].cell, $1)
    }
    var seen: [String] = []
    for stored in segments {
      let segment = try Segment(stored, of: table, in: directory, cache: ChunkCache())
      for group in 0..<segment.groupCount {
        let vectors = try segment.read(group: group, columns: [2, 0, 1, 3, 4])
        for row in 0..<segment.rowCount(ofGroup: group) {
          let values = vectors.dropFirst().map { $0.value(at: row) }
          seen.append("\(vectors[0].value(at: row)) \(values)")
        }
      }
    }
    #expect(seen == order.map { expected[$0].text })
  }

  @Test("rows of a clustered table are sorted by its columns", arguments: [
    ["tiny", "id"], ["mag"], ["dec", "flag"], ["name", "flag"], ["price"], ["day", "small"],
    ["time"], ["blob"],
  ])
  func columnOrder(names: [String]) throws {
    let directory = try SegmentSample.open(SimDisk(seed: 1))
    let table = SegmentSample.table(SegmentSample.wide, .columns(names))
    let batches = SegmentSample.rows(SegmentSample.wide, 700, seed: 11, batchRows: 128)
    let stored = try #require(try SegmentSample.load(batches, into: table, directory).first)
    let segment = try Segment(stored, of: table, in: directory, cache: ChunkCache())
    let keys = names.map { name in table.columns.firstIndex { $0.name == name } ?? 0 }
    let rows = batches.flatMap { batch in
      (0..<batch.rowCount).map { row in keys.map { batch.columns[$0].value(at: row) } }
    }
    let order = rows.indices.sorted { first, second in
      for (a, b) in zip(rows[first], rows[second]) where Self.isLess(a, b) != Self.isLess(b, a) {
        return Self.isLess(a, b)
      }
      return first < second
    }
    let all = SegmentSample.texts(batches)
    let seen = try SegmentSample.texts(segment, Array(table.columns.indices))
    #expect(seen == order.map { all[$0] })
  }

  @Test("the same rows give the same bytes but for the ids")
  func deterministic() throws {
    let table = SegmentSample.table(SegmentSample.wide, SegmentSample.sky)
    let batches = SegmentSample.rows(SegmentSample.wide, 1500, seed: 2)
    let contents = try (0..<2).map { _ in
      let disk = SimDisk(seed: 1)
      let stored = try SegmentSample.load(batches, into: table, SegmentSample.open(disk))
      return try #require(disk.contents(of: "sky.zij/" + stored[0].path))
    }
    #expect(contents[0] == contents[1])
  }

  @Test("columns added later are NULL, renamed ones are found")
  func schemaChanges() throws {
    let directory = try SegmentSample.open(SimDisk(seed: 1))
    var table = SegmentSample.table(SegmentSample.narrow)
    let batches = SegmentSample.rows(SegmentSample.narrow, 100, seed: 5)
    let stored = try #require(try SegmentSample.load(batches, into: table, directory).first)
    table.columns[3].name = "brightness"
    // A name that has been given to a new column does not bring the old one's values back.
    table.columns[0] = StoredColumn(id: 9, name: "id", type: "text")
    table.columns.append(StoredColumn(id: 10, name: "note", type: "bigint[]"))
    let segment = try Segment(stored, of: table, in: directory, cache: ChunkCache())
    let seen = try segment.read(group: 0, columns: [0, 3, 4, 1])
    #expect(seen[0].isConstantNull && seen[0].type == .text)
    #expect(seen[2].isConstantNull && seen[2].type == .list(.int64))
    for row in 0..<100 {
      #expect("\(seen[1].value(at: row))" == "\(batches[0].columns[3].value(at: row))")
      #expect("\(seen[3].value(at: row))" == "\(batches[0].columns[1].value(at: row))")
    }
    #expect(segment.columnZone(ofGroup: 0, column: 4).nullCount == 100)
    table.columns[1].type = "text"
    let error = #expect(throws: SQLError.self) {
      try Segment(stored, of: table, in: directory, cache: ChunkCache())
    }
    #expect(error?.message.contains("\"ra\"") == true)
  }

  @Test("refuses NULL where the table takes none, and leaves nothing")
  func notNull() throws {
    let disk = SimDisk(seed: 1)
    let directory = try SegmentSample.open(disk)
    var table = SegmentSample.table(SegmentSample.narrow)
    table.columns[0].isNullable = false
    let batches = SegmentSample.rows(SegmentSample.narrow, 100, seed: 5)
    let error = #expect(throws: SQLError.self) {
      try SegmentSample.load(batches, into: table, directory)
    }
    #expect(error?.state == .notNullViolation)
    #expect(try Sample.files(disk, "sky.zij/tables").isEmpty)
  }

  @Test("sorts more rows than fit in memory into the same bytes, and leaves nothing in temp",
    arguments: [1, 20_000, 100_000, 600_000], [2, 64])
  func spilling(storeBytes: Int, fanIn: Int) throws {
    for clustering in [SegmentSample.sky, .columns(["name", "tiny"]), .columns(["small"])] {
      let table = SegmentSample.table(SegmentSample.wide, clustering)
      let batches = SegmentSample.rows(SegmentSample.wide, 700, seed: 2, batchRows: 64)
      let contents = try [SortBudget(storeBytes: 1 << 30), SortBudget(
        storeBytes: storeBytes, blockBytes: 4000, fanIn: fanIn)].map { budget in
        let disk = SimDisk(seed: 1)
        let options = SegmentOptions(sorting: budget)
        let directory = try SegmentSample.open(disk)
        let stored = try SegmentSample.load(batches, into: table, directory, options: options)
        #expect(try disk.list("sky.zij/temp").isEmpty)
        return try #require(disk.contents(of: "sky.zij/" + stored[0].path))
      }
      // Not `==` inside: a failure would print both files.
      let areEqual = contents[0] == contents[1]
      #expect(areEqual, "\(clustering)")
    }
  }

  @Test("rows in order up to one of them end in the same order as when all are sorted")
  func followedThenSorted() throws {
    let columns: [(name: String, type: LogicalType)] = [("id", .int64), ("n", .int32)]
    let table = SegmentSample.table(columns, .columns(["id"]))
    func batches(_ ids: [Int64]) -> [Batch] {
      stride(from: 0, to: ids.count, by: 1024).map { start in
        let part = ids[start..<min(ids.count, start + 1024)]
        return Batch(
          columns: [
            Vector.of(part.map { .integer($0) }, type: .int64),
            Vector.of(part.indices.map { .integer(Int64($0)) }, type: .int32),
          ], rowCount: part.count)
      }
    }
    // More rows than wait before the first are written, three to a key.
    let ascending = (0..<140_000).map { Int64($0 / 3) }
    let inputs: [[Int64]] = [ascending, ascending + [5], ascending + [-1] + ascending.prefix(2000)]
    for ids in inputs {
      let disk = SimDisk(seed: 1)
      let directory = try SegmentSample.open(disk)
      let segments = try SegmentSample.load(
        batches(ids), into: table, directory,
        options: SegmentOptions(segmentRows: 50_000, sorting: SortBudget(storeBytes: 20_000)))
      #expect(segments.count == (ids.count + 49_999) / 50_000)
      #expect(try Sample.files(disk, "sky.zij/tables").count == segments.count * 2)
      #expect(try disk.list("sky.zij/temp").isEmpty)
      let order = ids.indices.sorted { (ids[$0], $0) < (ids[$1], $1) }
      var seen: [Int64] = []
      for stored in segments {
        let segment = try Segment(stored, of: table, in: directory, cache: ChunkCache())
        for group in 0..<segment.groupCount {
          let numbers = try segment.read(group: group, columns: [1])[0].flattened()
          for row in 0..<numbers.count { seen.append(Int64(numbers.values(as: Int32.self)[row])) }
        }
      }
      #expect(seen == order.map { Int64($0) })
    }
  }

  @Test("stays within the memory it was given, and gives it back")
  func memoryLimit() throws {
    let disk = SimDisk(seed: 1)
    let directory = try SegmentSample.open(disk)
    let table = SegmentSample.table(SegmentSample.narrow, SegmentSample.sky)
    let memory = MemoryAccount(limitBytes: 100_000)
    let batches = SegmentSample.rows(SegmentSample.narrow, 20_000, seed: 5)
    do {
      let loader = try TableLoader(
        directory, table: table, query: QueryContext(memory: memory),
        options: SegmentOptions(sorting: SortBudget(storeBytes: 1 << 20)))
      let error = #expect(throws: SQLError.self) {
        for batch in batches { try loader.append(batch) }
        _ = try loader.finish()
      }
      #expect(error?.state == .outOfMemory)
      #expect(throws: SQLError.self) { try loader.append(batches[0]) }
      #expect(throws: SQLError.self) { _ = try loader.finish() }
    }
    #expect(memory.usedBytes == 0)
    #expect(try Sample.files(disk, "sky.zij/tables").isEmpty)
    #expect(try disk.list("sky.zij/temp").isEmpty)
  }

  private static func cell(_ lon: Value, _ lat: Value) -> Int64? {
    guard case .float64(let lonDeg) = lon, case .float64(let latDeg) = lat else { return nil }
    return HEALPix.index(order: 29, lonDeg: lonDeg, latDeg: latDeg)
  }

  /// NULL above everything, NaN above all numbers.
  private static func isLess(_ a: Value, _ b: Value) -> Bool {
    switch (a, b) {
    case (.null, _): return false
    case (_, .null): return true
    case (.boolean(let x), .boolean(let y)): return !x && y
    case (.integer(let x), .integer(let y)): return x < y
    case (.float32(let x), .float32(let y)): return x.isNaN ? false : y.isNaN || x < y
    case (.float64(let x), .float64(let y)): return x.isNaN ? false : y.isNaN || x < y
    case (.decimal(let x, _), .decimal(let y, _)): return x < y
    case (.text(let x), .text(let y)): return x.utf8.lexicographicallyPrecedes(y.utf8)
    case (.binary(let x), .binary(let y)): return x.lexicographicallyPrecedes(y)
    case (.date(let x), .date(let y)): return x < y
    case (.timestamp(let x), .timestamp(let y)): return x < y
    default: return false
    }
  }
}
