import Arrow
import Base
import Testing
import Vectors

/// Gives a stream's bytes a few at a time.
private final class Pieces: ArrowBytes {
  private let bytes: [UInt8]
  private let size: Int
  private var position = 0

  init(_ bytes: [UInt8], of size: Int = .max) {
    self.bytes = bytes
    self.size = size
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int {
    let count = min(size, target.count, bytes.count - position)
    target.copyBytes(from: bytes[position..<position + count])
    position += count
    return count
  }
}

@Suite("Arrow streams")
struct ArrowStreamTests {
  struct Column: Sendable, CustomTestStringConvertible {
    let type: LogicalType
    let values: [Value]
    var testDescription: String { "\(type)" }
  }

  static let columns = [
    Column(type: .null, values: [.null]),
    Column(type: .boolean, values: [.boolean(true), .null, .boolean(false)]),
    Column(type: .int8, values: [.integer(-128), .integer(127), .null]),
    Column(type: .int16, values: [.integer(-32768), .null, .integer(3)]),
    Column(type: .int32, values: [.integer(1), .integer(-1)]),
    Column(type: .int64, values: [.integer(.min), .integer(.max), .null]),
    Column(type: .float32, values: [.float32(-0.0), .float32(.infinity), .null]),
    Column(type: .float64, values: [.float64(0.1), .null]),
    Column(type: .decimal(precision: 38, scale: 2), values: [.decimal(-7, scale: 2), .null]),
    Column(type: .text, values: [.text("Größe"), .text(""), .null, .text("much longer than that")]),
    Column(type: .binary, values: [.binary([0, 255]), .null, .binary([])]),
    Column(type: .date, values: [.date(-1), .null]),
    Column(type: .timestamp, values: [.timestamp(.max), .null, .timestamp(-1)]),
    Column(type: .point, values: [.structure([.float64(1), .float64(2)]), .null]),
    Column(
      type: .circle, values: [.structure([.float64(1), .float64(2), .float64(0.5)]), .null]),
    Column(
      type: .polygon,
      values: [.list([.structure([.float64(1), .float64(2)])]), .null, .list([])]),
    Column(
      type: .list(.list(.text)),
      values: [.list([.list([.text("a"), .null]), .null]), .null, .list([])]),
    Column(
      type: .structure([StructField("a", .int32), StructField("b", .list(.boolean))]),
      values: [.structure([.integer(1), .list([.boolean(true)])]), .null, .structure([.null, .null])]),
    Column(
      type: .map(key: .text, value: .int64),
      values: [.list([.structure([.text("k"), .integer(1)])]), .null]),
  ]

  /// The values again and again, as many as there are rows.
  private static func vector(_ column: Column, _ count: Int) -> Vector {
    Vector.of((0..<count).map { column.values[$0 % column.values.count] }, type: column.type)
  }

  private static func stream(_ batches: [Batch]) throws -> [UInt8] {
    let types = batches[0].columns.map(\.type)
    let fields = types.enumerated().map { ArrowField("c\($0.offset)", $0.element) }
    let writer = ArrowStreamWriter(fields, types: types)
    var out = ByteWriter()
    writer.appendSchema(into: &out)
    for (index, batch) in batches.enumerated() {
      try writer.append(batch, into: &out)
      if index % 2 == 1 { try writer.flush(into: &out) }
    }
    try writer.finish(into: &out)
    return Array(out.bytes)
  }

  private static func read(_ bytes: [UInt8], piece: Int = .max) throws -> [[Value]] {
    let account = MemoryAccount(limitBytes: 64 << 20)
    let reader = try ArrowStreamReader(Pieces(bytes, of: piece), account: account)
    var columns = reader.types.map { _ in [Value]() }
    while let (vectors, _) = try reader.next(columns: Array(reader.types.indices)) {
      for (index, vector) in vectors.enumerated() {
        for row in 0..<vector.count { columns[index].append(vector.value(at: row)) }
      }
    }
    return columns
  }

  @Test("give back every type, at every length", arguments: columns)
  func roundTrip(_ column: Column) throws {
    for count in [0, 1, 63, 64, 65, 130] {
      let vector = Self.vector(column, count)
      let slice = Self.vector(column, count + 70).slice(from: 67, count: count)
      let batches = [vector, slice, vector].map { Batch(columns: [$0], rowCount: count) }
      let wanted = [vector, slice, vector].flatMap { v in (0..<count).map { v.value(at: $0) } }
      let read = try Self.read(try Self.stream(batches), piece: 100)
      #expect(read == [wanted], "\(count) rows")
    }
  }

  @Test("flatten what vectors share")
  func encodings() throws {
    let words = Vector.of([.text("x"), .text("yy"), .null], type: .text)
    let indices = Buffer(sizeBytes: 5 * 4)
    for (place, index) in [UInt32(1), 0, 1, 1, 0].enumerated() {
      indices.base.storeBytes(of: index, toByteOffset: 4 * place, as: UInt32.self)
    }
    let dictionary = Vector(
      type: .text, encoding: .dictionary, count: 5, storage: indices, children: [words])
    let batch = Batch(
      columns: [
        dictionary, .constant(.text("k"), type: .text, count: 5), .nulls(.float64, count: 5),
        .sequence(start: 7, step: -2, count: 5),
        .constant(.structure([.float64(1), .float64(2)]), type: .point, count: 5),
      ], rowCount: 5)
    let wanted = batch.columns.map { column in (0..<5).map { column.value(at: $0) } }
    #expect(try Self.read(try Self.stream([batch])) == wanted)
  }

  @Test("begin every message and buffer at a multiple of 64")
  func alignment() throws {
    let bytes = try Self.stream([Batch(columns: [Self.vector(Self.columns[9], 5)], rowCount: 5)])
    let starts = bytes.indices.dropLast(8).filter { bytes[$0..<$0 + 4] == [255, 255, 255, 255] }
    #expect(starts.count == 2 && starts.allSatisfy { $0 % 64 == 0 }, "\(starts)")
    #expect(bytes.count % 64 == 8)
  }

  @Test("are refused when they end early, at every byte within a message")
  func cutShort() throws {
    let bytes = try Self.stream([Batch(columns: [Self.vector(Self.columns[9], 3)], rowCount: 3)])
    // Schema, batch, end mark: a writer may also end by closing.
    let starts = bytes.indices.dropLast(7).filter { bytes[$0..<$0 + 4] == [255, 255, 255, 255] }
    #expect(starts.count == 3)
    for count in 0..<bytes.count {
      let rows = try? Self.read(Array(bytes[..<count]))[0].count
      #expect(rows == (count == starts[1] ? 0 : count == starts[2] ? 3 : nil), "\(count) bytes")
    }
  }

  @Test("may have any byte wrong", arguments: columns.indices)
  func damaged(_ index: Int) throws {
    let column = Self.columns[index]
    let bytes = try Self.stream([Batch(columns: [Self.vector(column, 9)], rowCount: 9)])
    for place in bytes.indices {
      for flip in [UInt8(0x01), 0x80, 0xFF] {
        var damaged = bytes
        damaged[place] ^= flip
        // Rows or an error; anything else ends the test run.
        do { _ = try Self.read(damaged) } catch let error as SQLError {
          #expect(error.message.isEmpty == false)
        }
      }
    }
  }
}
