import Base
import Testing
import Vectors

@testable import Arrow

/// Streams that say, or share, much more than they have bytes.
@Suite("Arrow streams of any size in memory")
struct ArrowMemoryTests {
  private final class AllBytes: ArrowBytes {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    func read(into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int {
      let count = min(target.count, rest.count)
      target.copyBytes(from: rest.prefix(count))
      rest.removeFirst(count)
      return count
    }
  }

  private struct Stream {
    var bytes: [UInt8] = []

    mutating func append(_ table: FlatTable, body: [UInt8] = []) {
      append(metadata: table.encoded(), body: body)
    }

    mutating func append(metadata: [UInt8], body: [UInt8] = []) {
      var padded = metadata
      while padded.count % 8 != 0 { padded.append(0) }
      for value in [UInt32.max, UInt32(padded.count)] {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
      }
      bytes += padded + body
    }

    mutating func append(_ message: ArrowMessage, body: [UInt8] = []) {
      append(message.flat, body: body)
    }

    /// Version, kind, header {id, record batch {rows, nodes, buffers}}, size of the body.
    mutating func append(dictionary id: Int64, rows: Int64, buffers: [Int64], body: [UInt8]) {
      let batch = FlatTable([.long(rows), .longs([rows, 0], each: 2), .longs(buffers, each: 2)])
      let header = FlatTable([.long(id), .table(batch)])
      append(
        FlatTable([.short(4), .byte(2), .table(header), .long(Int64(body.count))]), body: body)
    }
  }

  private static func read(
    _ stream: Stream, limitBytes: Int
  ) throws(SQLError) -> (rows: [[Value]], usedBytes: Int) {
    let account = MemoryAccount(limitBytes: limitBytes)
    let reader = try ArrowStreamReader(AllBytes(stream.bytes), account: account)
    var rows: [[Value]] = []
    var used = 0
    while let (columns, count) = try reader.next(columns: Array(reader.types.indices)) {
      rows += (0..<min(count, 100)).map { row in columns.map { $0.value(at: row) } }
      used = account.usedBytes
    }
    return (rows, used)
  }

  private static func refused(
    _ stream: Stream, limitBytes: Int, as state: SQLState, _ what: String
  ) {
    do throws(SQLError) {
      _ = try read(stream, limitBytes: limitBytes)
      Issue.record("\(what) was read")
    } catch {
      #expect(error.state == state, "\(what): \(error)")
    }
  }

  @Test("columns that share one buffer")
  func sharedBuffer() throws {
    let rows = 100_000
    let fields = (0..<100).map { ArrowField("c\($0)", .boolean) }
    var stream = Stream()
    stream.append(.schema(fields))
    let body = [UInt8](repeating: 0x55, count: rows / 8 + 7)
    stream.append(
      .recordBatch(
        rowCount: rows, nodes: fields.flatMap { _ in [Int64(rows), 0] },
        buffers: fields.flatMap { _ in [0, 0, 0, Int64(rows / 8)] }, bodyBytes: body.count),
      body: body)
    Self.refused(stream, limitBytes: 4 << 20, as: .outOfMemory, "a shared buffer")
    #expect(try Self.read(stream, limitBytes: 64 << 20).rows[0][99] == .boolean(true))
  }

  @Test("views that show one text")
  func sharedText() throws {
    let (rows, size) = (10_000, 50_000)
    var body: [UInt8] = []
    for _ in 0..<rows {
      for number in [UInt32(size), 0x7878_7878, 0, 0] {
        withUnsafeBytes(of: number.littleEndian) { body += Array($0) }
      }
    }
    let text = Int64(body.count)
    body += [UInt8](repeating: UInt8(ascii: "x"), count: size)
    var stream = Stream()
    stream.append(.schema([ArrowField("t", .utf8View)]))
    let header = FlatTable([
      .long(Int64(rows)), .longs([Int64(rows), 0], each: 2),
      .longs([0, 0, 0, text, text, Int64(size)], each: 2), nil, .longs([1], each: 1),
    ])
    stream.append(
      FlatTable([.short(4), .byte(3), .table(header), .long(Int64(body.count))]), body: body)
    Self.refused(stream, limitBytes: 64 << 20, as: .outOfMemory, "a shared text")
  }

  @Test("lists of nothing, as many as there may be")
  func emptyLists() {
    let rows = Int(Int32.max)
    let field = ArrowField(
      "l", .fixedList(count: 1), children: [ArrowField("item", ArrowType.null)])
    var stream = Stream()
    stream.append(.schema([field]))
    stream.append(
      .recordBatch(
        rowCount: rows, nodes: [Int64(rows), 0, Int64(rows), 0], buffers: [0, 0], bodyBytes: 0))
    Self.refused(stream, limitBytes: 1 << 30, as: .outOfMemory, "lists of nothing")
  }

  @Test("fields that are one and the same table", arguments: [(3, 5, true), (90_000, 50_000, false)])
  func sharedField(count: Int, nameBytes: Int, isRead: Bool) throws {
    var stream = Stream()
    stream.append(metadata: Self.schema(sharing: count, nameBytes: nameBytes))
    guard isRead else {
      return Self.refused(stream, limitBytes: 64 << 20, as: .dataCorrupted, "a shared field")
    }
    let reader = try ArrowStreamReader(AllBytes(stream.bytes), account: MemoryAccount())
    #expect(reader.fields.map(\.name) == [String](repeating: "nnnnn", count: 3))
  }

  /// A schema whose fields are all at one place.
  private static func schema(sharing count: Int, nameBytes: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    func append(_ values: Int...) {
      for value in values { withUnsafeBytes(of: UInt32(value).littleEndian) { bytes += Array($0) } }
    }
    func append(vtable: [UInt16]) {
      for value in vtable { withUnsafeBytes(of: value.littleEndian) { bytes += Array($0) } }
    }
    append(16)
    append(vtable: [10, 12, 4, 6, 8, 0])
    // Message: version, kind, and where its schema is.
    append(12, 4 | 1 << 16, 12)
    append(vtable: [8, 8, 0, 4])
    append(8, 4, count)
    let field = bytes.count + 4 * count + 12
    for _ in 0..<count { append(field - bytes.count) }
    append(vtable: [10, 9, 4, 0, 8, 0])
    append(12, 8, 1, nameBytes)
    return bytes + [UInt8](repeating: UInt8(ascii: "n"), count: nameBytes) + [0]
  }

  @Test("dictionaries that are replaced give their memory back")
  func dictionaries() throws {
    var field = ArrowField("d", .utf8(isLarge: false))
    field.dictionary = .init(id: 7, indexBits: 8, isSigned: true)
    var stream = Stream()
    stream.append(.schema([field]))
    for letter in "abcdefghij".utf8 {
      var body: [UInt8] = []
      for offset in [UInt32(0), 100_000] {
        withUnsafeBytes(of: offset.littleEndian) { body += Array($0) }
      }
      body += [UInt8](repeating: letter, count: 100_000)
      stream.append(dictionary: 7, rows: 1, buffers: [0, 0, 0, 8, 8, 100_000], body: body)
      let indices = ArrowMessage.recordBatch(
        rowCount: 2, nodes: [2, 0], buffers: [0, 0, 0, 2], bodyBytes: 8)
      stream.append(indices, body: [UInt8](repeating: 0, count: 8))
      stream.append(indices, body: [UInt8](repeating: 0, count: 8))
    }
    let (rows, used) = try Self.read(stream, limitBytes: 1 << 20)
    #expect(rows.count == 40 && used < 200_000, "\(used) bytes")
    let last = try #require(rows.last)
    #expect(last == [.text(String(repeating: "j", count: 100_000))])
  }
}
