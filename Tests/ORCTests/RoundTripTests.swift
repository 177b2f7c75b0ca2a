import Base
import Testing
import Vectors

@testable import ORC

/// Writes columns to memory and reads them back.
enum RoundTrip {
  static func write(
    _ columns: [(LogicalType, [Value])], options: ORCWriterOptions = .init(), batchRows: Int = 1000
  ) throws -> MemoryFile {
    let file = MemoryFile()
    let writer = try ORCWriter(
      file: file,
      columns: columns.enumerated().map { ORCColumnSchema(name: "c\($0)", type: $1.0) },
      options: options)
    let vectors = columns.map { Vector.of($0.1, type: $0.0) }
    let rowCount = columns.first?.1.count ?? 0
    var row = 0
    while row < rowCount {
      let here = min(batchRows, rowCount - row)
      try writer.append(
        Batch(columns: vectors.map { $0.slice(from: row, count: here) }, rowCount: here))
      row += here
    }
    let summary = try writer.finish()
    #expect(summary.rowCount == rowCount)
    #expect(summary.sizeBytes == file.sizeBytes)
    return file
  }

  static func read(_ reader: ORCReader, column: Int) throws -> [Value] {
    var values: [Value] = []
    for stripe in reader.stripes.indices {
      for group in reader.rowGroups(ofStripe: stripe).indices {
        let vector = try reader.readRowGroup(stripe: stripe, group: group, columns: [column])[0]
        for row in 0..<vector.count { values.append(vector.value(at: row)) }
      }
    }
    return values
  }

  static func check(
    _ type: LogicalType, _ values: [Value], options: ORCWriterOptions = .init(),
    batchRows: Int = 1000, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let file = try write([(type, values)], options: options, batchRows: batchRows)
    let reader = try ORCReader(file: file)
    #expect(reader.rowCount == values.count, sourceLocation: sourceLocation)
    #expect(reader.columns[0].type == type, sourceLocation: sourceLocation)
    let found = try read(reader, column: 0)
    #expect(Same.rows(found, values), "\(type)", sourceLocation: sourceLocation)
  }
}

/// Equality that takes NaN for equal to itself.
enum Same {
  static func rows(_ a: [Value], _ b: [Value]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { value($0, $1) }
  }

  static func value(_ a: Value, _ b: Value) -> Bool {
    switch (a, b) {
    case (.float32(let x), .float32(let y)): x.bitPattern == y.bitPattern || (x.isNaN && y.isNaN)
    case (.float64(let x), .float64(let y)): x.bitPattern == y.bitPattern || (x.isNaN && y.isNaN)
    case (.list(let x), .list(let y)), (.structure(let x), .structure(let y)): rows(x, y)
    default: a == b
    }
  }
}

/// Numbers that are the same in every run.
struct Lottery {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state &* 0x2545_F491_4F6C_DD1D
  }

  mutating func below(_ limit: Int) -> Int { Int(next() >> 33) % limit }
}

enum Samples {
  static let types: [LogicalType] = [
    .boolean, .int8, .int16, .int32, .int64, .float32, .float64, .decimal(precision: 38, scale: 5),
    .decimal(precision: 9, scale: 0), .text, .binary, .date, .timestamp, .list(.int32),
    .list(.list(.text)), .map(key: .text, value: .float64), .point, .circle, .polygon,
    .structure([StructField("a", .int16), StructField("b c", .list(.boolean))]),
    .list(.structure([StructField("x", .float32), StructField("t", .timestamp)])),
    .list(.point), .null,
  ]

  static func value(_ type: LogicalType, _ lottery: inout Lottery) -> Value {
    let bits = lottery.next()
    switch type {
    case .null: return .null
    case .boolean: return .boolean(bits & 1 == 1)
    case .int8: return .integer(Int64(Int8(truncatingIfNeeded: bits)))
    case .int16: return .integer(Int64(Int16(truncatingIfNeeded: bits)))
    case .int32: return .integer(Int64(Int32(truncatingIfNeeded: bits)))
    case .int64: return .integer(Int64(bitPattern: bits) >> Int64(lottery.below(64)))
    case .float32: return .float32(Float(Int32(truncatingIfNeeded: bits)) / 1024)
    case .float64: return bits % 50 == 0 ? .float64(.nan) : .float64(Double(bits) / 1e10)
    case .decimal(let precision, let scale):
      let digits = Int128(Int64(bitPattern: bits)) * (precision > 18 ? 1_000_000_007 : 1)
      return .decimal(precision > 18 ? digits : digits % 1_000_000_000, scale: scale)
    case .text:
      return .text(
        ["Sirius", "Vega", "", "α Cen"][Int(bits % 4)] + (bits % 7 == 0 ? "\(bits)" : ""))
    case .binary:
      return .binary(Array(repeating: UInt8(truncatingIfNeeded: bits), count: Int(bits % 9)))
    case .date: return .date(Int32(truncatingIfNeeded: bits % 40_000) - 20_000)
    case .timestamp: return .timestamp(Int64(bitPattern: bits) >> Int64(lottery.below(40)))
    case .list(let element):
      return .list((0..<lottery.below(4)).map { _ in value(element, &lottery) })
    case .map(let key, let element):
      return .list(
        (0..<lottery.below(3)).map { _ in
          .structure([value(key, &lottery), value(element, &lottery)])
        })
    case .structure(let fields): return .structure(fields.map { value($0.type, &lottery) })
    case .point, .circle: return .structure(type.childTypes.map { value($0, &lottery) })
    case .polygon: return .list((0..<lottery.below(5)).map { _ in value(.point, &lottery) })
    }
  }

  enum Nulls: CaseIterable { case none, some, all, block }

  static func values(_ type: LogicalType, _ count: Int, _ nulls: Nulls, seed: UInt64 = 1) -> [Value]
  {
    var lottery = Lottery(seed)
    return (0..<count).map { row in
      switch nulls {
      case .none: value(type, &lottery)
      case .some: lottery.below(3) == 0 ? .null : value(type, &lottery)
      case .all: .null
      case .block: row % 3000 < 1500 ? .null : value(type, &lottery)
      }
    }
  }
}

@Suite("ORC round trips")
struct RoundTripTests {
  @Test("gives back every type", arguments: Samples.types, Samples.Nulls.allCases)
  func types(_ type: LogicalType, _ nulls: Samples.Nulls) throws {
    for count in [0, 1, 63, 64, 65, 1025] {
      try RoundTrip.check(type, Samples.values(type, count, nulls))
    }
    let values = Samples.values(type, 3001, nulls, seed: 7)
    try RoundTrip.check(type, values, options: .init(rowIndexStride: 1000), batchRows: 777)
    try RoundTrip.check(
      type, values, options: .init(compression: .lz4, rowIndexStride: 1024, stripeRowLimit: 2048),
      batchRows: 1024)
    try RoundTrip.check(
      type, values, options: .init(compression: .lz4, rowIndexStride: 700, blockSizeBytes: 100))
  }

  @Test("keeps row group borders", arguments: [1023, 1024, 8191, 8192, 8193, 20_000])
  func borders(count: Int) throws {
    for type in [LogicalType.int64, .float64, .text, .boolean] {
      try RoundTrip.check(type, Samples.values(type, count, .some), batchRows: 1024)
    }
  }
}
