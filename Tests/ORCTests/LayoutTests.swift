import Base
import Testing
import Vectors

@testable import ORC

/// A file that hands out its own memory, so that a test sees what is copied.
private final class SharedFile: ReadableFile, @unchecked Sendable {
  let path = "shared.orc"
  let buffer: Buffer

  init(_ bytes: [UInt8]) {
    buffer = Buffer(sizeBytes: bytes.count)
    bytes.withUnsafeBytes {
      if let start = $0.baseAddress { buffer.base.copyMemory(from: start, byteCount: $0.count) }
    }
  }

  var sizeBytes: Int { buffer.sizeBytes }

  func read(at offset: Int, count: Int) throws(SQLError) -> ByteRegion {
    ByteRegion(buffer: buffer, count: sizeBytes)[offset..<offset + count]
  }

  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int {
    0
  }
}

@Suite("ORC layout and statistics")
struct LayoutTests {
  private static let doubles: [Value] = (0..<20_000).map { Value.float64(Double($0) / 8) }
  private static let integers: [Value] = (0..<20_000).map { Value.integer(Int64($0) * 3) }
  private static let floats: [Value] = (0..<20_000).map { Value.float32(Float($0)) }

  private static func file(_ options: ORCWriterOptions = .init()) throws -> MemoryFile {
    try RoundTrip.write(
      [(.int64, integers), (.float64, doubles), (.float32, floats)], options: options)
  }

  @Test("hands out doubles and floats where they lie in the file")
  func zeroCopy() throws {
    let file = SharedFile(try Self.file().bytes)
    let reader = try ORCReader(file: file)
    let memory = file.buffer.base..<file.buffer.base + file.sizeBytes
    for group in reader.rowGroups(ofStripe: 0).indices {
      for column in [1, 2] {
        let vector = try reader.readRowGroup(stripe: 0, group: group, columns: [column])[0]
        #expect(memory.contains(vector.base))
        #expect(!vector.storage.isOwned)
      }
    }
    let stripe = reader.stripes[0]
    #expect((stripe.offset + stripe.indexSizeBytes) % 64 == 0)
  }

  @Test("copies what is not aligned", arguments: 1...9)
  func unaligned(shift: Int) throws {
    // The same file behind a few bytes of something else: every number is then off its alignment.
    let bytes = try Self.file().bytes
    let whole = SharedFile([UInt8](repeating: 0, count: shift) + bytes)
    let reader = try ORCReader(file: ShiftedFile(whole, by: shift))
    for column in 0..<3 {
      let found = try RoundTrip.read(reader, column: column)
      #expect(Same.rows(found, [Self.integers, Self.doubles, Self.floats][column]))
    }
  }

  private final class ShiftedFile: ReadableFile {
    let path = "shifted.orc"
    private let file: SharedFile
    private let shift: Int

    init(_ file: SharedFile, by shift: Int) {
      self.file = file
      self.shift = shift
    }

    var sizeBytes: Int { file.sizeBytes - shift }
    func read(at offset: Int, count: Int) throws(SQLError) -> ByteRegion {
      try file.read(at: offset + shift, count: count)
    }
    func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int {
      0
    }
  }

  @Test("reads only the row group's bytes", arguments: [ORCCompression.none, .lz4])
  func ranges(_ compression: ORCCompression) throws {
    let file = try Self.file(.init(compression: compression))
    let reader = try ORCReader(file: file)
    _ = try reader.readRowGroup(stripe: 0, group: 0, columns: [0, 1, 2])
    for group in 0..<3 {
      let rows = reader.rowGroups(ofStripe: 0)[group].count
      file.forgetReads()
      _ = try reader.readRowGroup(stripe: 0, group: group, columns: [1])
      #expect(file.reads.count == 1)
      #expect(file.reads.map(\.count).reduce(0, +) <= rows * 8 + 64 + 3)
      file.forgetReads()
      _ = try reader.readRowGroup(stripe: 0, group: group, columns: [0])
      #expect(file.reads.map(\.count).reduce(0, +) < 300)
    }
  }

  @Test("cuts stripes at row groups and keeps their numbers")
  func stripes() throws {
    let file = try Self.file(.init(rowIndexStride: 1000, stripeRowLimit: 3500))
    let reader = try ORCReader(file: file)
    #expect(reader.stripes.map(\.rowCount) == [3000, 3000, 3000, 3000, 3000, 3000, 2000])
    #expect(reader.stripes.map(\.rowStart) == [0, 3000, 6000, 9000, 12_000, 15_000, 18_000])
    #expect(reader.rowGroups(ofStripe: 6) == [0..<1000, 1000..<2000])
    let statistics = try reader.rowGroupStatistics(stripe: 1, column: 0)
    #expect(statistics.map(\.minimum) == [9000, 12_000, 15_000].map { .integer($0) })
    #expect(statistics.map(\.maximum) == [11_997, 14_997, 17_997].map { .integer($0) })
    #expect(statistics.allSatisfy { $0.valueCount == 1000 && !$0.hasNull })
    #expect(try reader.stripeStatistics(stripe: 6, column: 1)?.minimum == .float64(2250))
    #expect(try reader.fileStatistics(column: 2)?.maximum == .float32(19_999))
  }

  @Test("tells no bounds of groups with a NaN, and keeps its own")
  func nans() throws {
    let values: [Value] = [.float64(1), .float64(.nan), .null, .float64(-3), .float64(5), .null]
    let file = MemoryFile()
    let writer = try ORCWriter(
      file: file, columns: [ORCColumnSchema(name: "x", type: .float64)],
      options: .init(rowIndexStride: 2))
    try writer.append(Batch(columns: [Vector.of(values, type: .float64)], rowCount: 6))
    let summary = try writer.finish()
    let reader = try ORCReader(file: file)
    let statistics = try reader.rowGroupStatistics(stripe: 0, column: 0)
    #expect(statistics.map(\.minimum) == [nil, .float64(-3), .float64(5)])
    #expect(statistics.map(\.hasNull) == [false, true, true])
    #expect(try reader.fileStatistics(column: 0)?.maximum == nil)
    #expect(summary.columns[0].nanCounts == [1, 0, 0])
    #expect(summary.columns[0].nullCounts == [0, 1, 1])
    guard case .doubles(let low, let high) = summary.columns[0].bounds else {
      Issue.record("no bounds")
      return
    }
    #expect(low == [1, -3, 5] && high == [1, -3, 5])
  }

  static let boundCases: [(LogicalType, [Value], Value?, Value?)] = [
    (.text, [.text("b"), .text("a\u{E9}"), .null], .text("a\u{E9}"), .text("b")),
    (.date, [.date(-5), .date(9)], .date(-5), .date(9)),
    (.timestamp, [.timestamp(-1), .timestamp(1_234_567)], .timestamp(-1), .timestamp(1_234_567)),
    (
      .decimal(precision: 9, scale: 3), [.decimal(-5, scale: 3), .decimal(70, scale: 3)],
      .decimal(-5, scale: 3), .decimal(70, scale: 3)
    ),
    (.int8, [.integer(-128), .integer(127)], .integer(-128), .integer(127)),
    (.int64, [.integer(.min), .integer(.max)], .integer(.min), .integer(.max)),
    (.text, [.text(String(repeating: "x", count: 2000))], nil, nil),
    (.int32, [.null, .null], nil, nil),
  ]

  @Test("keeps bounds of every kind", arguments: boundCases.indices)
  func bounds(_ index: Int) throws {
    let (type, values, low, high) = Self.boundCases[index]
    let reader = try ORCReader(file: RoundTrip.write([(type, values)]))
    let statistics = try #require(try reader.fileStatistics(column: 0))
    #expect(statistics.minimum == low && statistics.maximum == high)
    #expect(statistics.valueCount == values.filter { !$0.isNull }.count)
  }

  @Test("keeps attributes and user metadata")
  func metadata() throws {
    let schema = ORCColumnSchema(
      name: "position", type: .point,
      attributes: ["unit": "deg", "ucd": "pos.eq", "description": "where it is"])
    let file = MemoryFile()
    let options = ORCWriterOptions(userMetadata: [("zij.table", [1, 2, 3])])
    let summary = try ORCWriter(file: file, columns: [schema], options: options).finish()
    #expect(summary.stripes.isEmpty)
    let reader = try ORCReader(file: file)
    #expect(reader.columns == [schema])
    #expect(reader.userMetadata.map(\.name) == ["zij.table"])
    #expect(reader.userMetadata.map(\.value) == [[1, 2, 3]])
  }

  @Test("chooses dictionaries where they pay", arguments: [true, false])
  func dictionaries(_ repeats: Bool) throws {
    let values = (0..<20_000).map { Value.text(repeats ? "kind \($0 % 9)" : "name \($0 * 7919)") }
    let file = try RoundTrip.write([(.text, values)])
    let reader = try ORCReader(file: file)
    let vector = try reader.readRowGroup(stripe: 0, group: 1, columns: [0])[0]
    #expect(vector.encoding == (repeats ? .dictionary : .flat))
    #expect(try RoundTrip.read(reader, column: 0) == values)
  }

  @Test("writes constant, dictionary and sequence vectors")
  func encodings() throws {
    let names = Vector.of([.text("a"), .text("b")], type: .text)
    let storage = Buffer(sizeBytes: 400)
    for row in 0..<100 {
      storage.base.storeBytes(of: UInt32(row % 2), toByteOffset: row * 4, as: UInt32.self)
    }
    let columns = [
      Vector.constant(.integer(7), type: .int32, count: 100),
      Vector.sequence(start: 5, step: 2, count: 100),
      Vector(type: .text, encoding: .dictionary, count: 100, storage: storage, children: [names]),
      Vector.nulls(.point, count: 100),
      Vector.constant(.list([.integer(1), .integer(2)]), type: .list(.int64), count: 100),
    ]
    let file = MemoryFile()
    let writer = try ORCWriter(
      file: file,
      columns: columns.enumerated().map { ORCColumnSchema(name: "\($0)", type: $1.type) },
      options: .init(rowIndexStride: 30))
    try writer.append(Batch(columns: columns, rowCount: 100))
    _ = try writer.finish()
    let reader = try ORCReader(file: file)
    for (index, column) in columns.enumerated() {
      let flat = column.flattened()
      let expected = (0..<100).map { flat.value(at: $0) }
      #expect(try RoundTrip.read(reader, column: index) == expected, "\(index)")
    }
  }
}
