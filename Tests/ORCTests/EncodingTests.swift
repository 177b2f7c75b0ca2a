import Base
import CKernels
import Testing

@testable import ORC

/// Streams in memory for one encoding at a time.
enum Streams {
  static func cursor(
    _ bytes: [UInt8], _ compression: ORCCompression = .none, blockSizeBytes: Int = 1 << 18
  ) throws(SQLError) -> StreamCursor {
    let place = StreamPlace(
      file: MemoryFile(bytes), start: 0, sizeBytes: bytes.count,
      format: ChunkFormat(compression: compression, blockSizeBytes: blockSizeBytes),
      name: "stream")
    return try StreamCursor(place, at: 0, skipping: 0, expectedEnd: bytes.count)
  }

  static func decode(
    _ bytes: [UInt8], count: Int, isSigned: Bool, _ encoding: IntegerEncoding = .version2
  ) throws -> [Int64] {
    var values = [Int64](repeating: 0, count: max(1, count))
    let decoder = try IntegerDecoder(cursor(bytes), encoding, isSigned: isSigned)
    try values.withUnsafeMutableBufferPointer { buffer in
      if let start = buffer.baseAddress { try decoder.read(into: start, count: count) }
    }
    return Array(values.prefix(count))
  }

  static func encode(_ values: [Int64], isSigned: Bool) -> [UInt8] {
    var out = ByteWriter()
    values.withUnsafeBufferPointer { buffer in
      if let start = buffer.baseAddress {
        IntegerEncoder(isSigned: isSigned).encode(start, count: buffer.count, into: &out)
      }
    }
    return out.region().bytes
  }
}

struct RunExample: CustomTestStringConvertible {
  let testDescription: String
  let values: [Int64]
  let bytes: [UInt8]
  var encoding = IntegerEncoding.version2
  /// True if our encoder chooses the same bytes.
  var isOurs = true
}

@Suite("ORC integer runs")
struct IntegerRunTests {
  /// The specification's own examples, all unsigned.
  static let examples: [RunExample] = [
    RunExample(
      testDescription: "short repeat", values: [10_000, 10_000, 10_000, 10_000, 10_000],
      bytes: [0x0a, 0x27, 0x10]),
    RunExample(
      testDescription: "direct", values: [23713, 43806, 57005, 48879],
      bytes: [0x5e, 0x03, 0x5c, 0xa1, 0xab, 0x1e, 0xde, 0xad, 0xbe, 0xef]),
    RunExample(
      testDescription: "patched base",
      values: [2030, 2000, 2020, 1_000_000] + (4..<20).map { 2000 + $0 * 10 },
      bytes: [
        0x8e, 0x13, 0x2b, 0x21, 0x07, 0xd0, 0x1e, 0x00, 0x14, 0x70, 0x28, 0x32, 0x3c, 0x46, 0x50,
        0x5a, 0x64, 0x6e, 0x78, 0x82, 0x8c, 0x96, 0xa0, 0xaa, 0xb4, 0xbe, 0xfc, 0xe8,
      ]),
    RunExample(
      testDescription: "delta", values: [2, 3, 5, 7, 11, 13, 17, 19, 23, 29],
      bytes: [0xc6, 0x09, 0x02, 0x02, 0x22, 0x42, 0x42, 0x46], isOurs: false),
    RunExample(
      testDescription: "delta with steps of 3 bits, a byte less than the specification's 4",
      values: [2, 3, 5, 7, 11, 13, 17, 19, 23, 29],
      bytes: [0xc4, 0x09, 0x02, 0x02, 0x4a, 0x28, 0xa6]),
    RunExample(
      testDescription: "version 1: a repetition", values: Array(repeating: 7, count: 100),
      bytes: [0x61, 0x00, 0x07], encoding: .version1, isOurs: false),
    RunExample(
      testDescription: "version 1: a falling run", values: (1...100).reversed().map { Int64($0) },
      bytes: [0x61, 0xff, 0x64], encoding: .version1, isOurs: false),
    RunExample(
      testDescription: "version 1: literals", values: [2, 3, 6, 7, 11],
      bytes: [0xfb, 0x02, 0x03, 0x06, 0x07, 0x0b], encoding: .version1, isOurs: false),
  ]

  @Test("reads the specification's examples", arguments: examples)
  func reads(_ example: RunExample) throws {
    let found = try Streams.decode(
      example.bytes, count: example.values.count, isSigned: false, example.encoding)
    #expect(found == example.values)
  }

  @Test("writes the specification's examples", arguments: examples.filter(\.isOurs))
  func writes(_ example: RunExample) {
    #expect(Streams.encode(example.values, isSigned: false) == example.bytes)
  }

  @Test("refuses an example cut short at any byte", arguments: examples)
  func cut(_ example: RunExample) {
    for length in 0..<example.bytes.count {
      #expect(throws: SQLError.self) {
        try Streams.decode(
          Array(example.bytes[..<length]), count: example.values.count, isSigned: false,
          example.encoding)
      }
    }
  }

  static let patterns: [(String, @Sendable (Int, inout Lottery) -> Int64, UInt8)] = [
    ("one value", { _, _ in 7 }, 3),
    ("rising by one", { row, _ in Int64(row) }, 3),
    ("rising", { row, lottery in Int64(row * 1000 + lottery.below(900)) }, 3),
    ("falling", { row, lottery in -Int64(row * 1000 + lottery.below(900)) }, 3),
    ("noise", { _, lottery in Int64(lottery.below(1 << 20)) }, 1),
    ("signed noise", { _, lottery in Int64(lottery.below(1 << 20)) - 1 << 19 }, 1),
    (
      "small with rare giants",
      { row, lottery in
        row % 100 == 37 ? 1 << 50 : Int64(lottery.below(200)) + 5000
      }, 2
    ),
    (
      "below zero with rare giants",
      { row, lottery in
        row % 100 == 99 ? 1 << 40 : Int64(lottery.below(200)) - 90_000
      }, 2
    ),
    ("short repetitions", { row, _ in Int64(row / 5 * 7919 % 65_537) }, 0),
    ("bits", { _, lottery in Int64(lottery.below(2)) }, 1),
    ("extremes", { row, _ in [Int64.max, .min, 0, -1, 1][row % 5] }, 1),
    ("all bits", { _, lottery in Int64(bitPattern: lottery.next()) }, 1),
  ]

  @Test("gives back every pattern, in the encoding meant for it", arguments: patterns.indices)
  func chosen(_ index: Int) throws {
    let (name, make, kind) = Self.patterns[index]
    for count in [0, 1, 2, 3, 9, 10, 11, 511, 512, 513, 1025, 5000] {
      var lottery = Lottery(UInt64(count + 1))
      let values = (0..<count).map { make($0, &lottery) }
      let bytes = Streams.encode(values, isSigned: true)
      #expect(try Streams.decode(bytes, count: count, isSigned: true) == values, "\(name) \(count)")
      if count >= 511 { #expect(bytes[0] >> 6 == kind, "\(name) \(count)") }
      guard let least = values.min(), least >= 0 else { continue }
      let unsigned = Streams.encode(values, isSigned: false)
      #expect(try Streams.decode(unsigned, count: count, isSigned: false) == values, "\(name)")
    }
  }

  @Test("gives back every width, at any offset of a run", arguments: 1...64)
  func widths(_ bits: Int) throws {
    var lottery = Lottery(UInt64(bits))
    let mask: UInt64 = bits == 64 ? ~0 : (1 << UInt64(bits)) - 1
    for count in [1, 2, 7, 8, 9, 63, 64, 65, 511, 512] {
      var values = (0..<count).map { _ in ZigZag.decode(lottery.next() & mask) }
      values[0] = ZigZag.decode(mask)
      let bytes = Streams.encode(values, isSigned: true)
      #expect(try Streams.decode(bytes, count: count, isSigned: true) == values)
      let width = BitWidth.holding(bits)
      var out = ByteWriter()
      DirectRun.encode(values.map { ZigZag.encode($0) }, count: count, width: width, into: &out)
      let direct = out.region().bytes
      #expect(direct.count == DirectRun.encodedSizeBytes(count: count, width: width))
      #expect(try Streams.decode(direct, count: count, isSigned: true) == values)
    }
  }

  @Test("reads in pieces of any size what was written at once", arguments: [1, 3, 64, 511, 700])
  func pieces(_ size: Int) throws {
    var lottery = Lottery(3)
    let values = (0..<3000).map { Int64($0 / 700 * lottery.below(5000)) }
    let decoder = try IntegerDecoder(
      Streams.cursor(Streams.encode(values, isSigned: true)), .version2, isSigned: true)
    var found: [Int64] = []
    var piece = [Int64](repeating: 0, count: size)
    while found.count < values.count {
      let here = min(size, values.count - found.count)
      try piece.withUnsafeMutableBufferPointer { buffer in
        if let start = buffer.baseAddress { try decoder.read(into: start, count: here) }
      }
      found += piece[..<here]
    }
    #expect(found == values)
  }

  @Test("unpacks the same by every processor's kernel", arguments: Array(1...56) + [64])
  func kernels(_ width: Int) {
    var lottery = Lottery(UInt64(width))
    let packed = (0..<600 * 8).map { _ in UInt8(truncatingIfNeeded: lottery.next()) }
    for count in [0, 1, 7, 8, 9, 100, 512] {
      let size = BitPacking.sizeBytes(count, width: width)
      for slack in [0, 1, 7, 8, 63, 64] {
        var fast = [UInt64](repeating: 1, count: count + 1)
        var plain = fast
        zij_unpack(packed, size + slack, UInt32(width), count, &fast)
        zij_unpack_portable(packed, size + slack, UInt32(width), count, &plain)
        #expect(fast == plain)
        var out = ByteWriter()
        BitPacking.pack(plain, count: count, width: width, into: &out)
        let again = out.region().bytes
        #expect(again.count == size && again.dropLast() == packed[..<size].dropLast())
      }
    }
  }
}

@Suite("ORC NULL expansion")
struct NullExpansionTests {
  @Test("moves the same by every processor's kernel", arguments: [1, 7, 8, 9, 16, 63, 64, 65, 200])
  func kernels(_ rowCount: Int) {
    for nulls in 0...4 {
      var lottery = Lottery(UInt64(rowCount * 7 + nulls))
      let words = (0..<4).map { _ in
        [0, ~0, lottery.next() & lottery.next(), lottery.next(), lottery.next() | 1][nulls]
      }
      let isValid = (0..<rowCount).map { words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
      let count = isValid.filter { $0 }.count
      var next: UInt64 = 0
      let expected = isValid.map { valid -> UInt64 in
        next += valid ? 1 : 0
        return valid ? next : 0
      }
      var wide = (0..<rowCount).map { $0 < count ? UInt64($0 + 1) : 99 }
      var narrow = wide.map { UInt32($0) }
      var (plainWide, plainNarrow) = (wide, narrow)
      zij_expand64(&wide, count, words, rowCount)
      zij_expand32(&narrow, count, words, rowCount)
      zij_expand64_portable(&plainWide, count, words, rowCount)
      zij_expand32_portable(&plainNarrow, count, words, rowCount)
      #expect(wide == expected && plainWide == expected)
      #expect(narrow.map { UInt64($0) } == expected && plainNarrow == narrow)
    }
  }
}

@Suite("ORC bytes and booleans")
struct ByteRunTests {
  @Test("follows the specification's examples")
  func examples() throws {
    var out = ByteWriter()
    ByteRun.encode([UInt8](repeating: 0, count: 100), count: 100, into: &out)
    ByteRun.encode([0x44, 0x45], count: 2, into: &out)
    #expect(out.region().bytes == [0x61, 0x00, 0xfe, 0x44, 0x45])
    let booleans = BooleanOutput(.data)
    for row in 0..<8 { booleans.append(row == 0) }
    booleans.encodeAll()
    #expect(booleans.bytes.region().bytes == [0xff, 0x80])
  }

  @Test("gives back bytes of every repetitiveness", arguments: [1, 2, 3, 5, 40, 200, 1000])
  func bytes(_ variety: Int) throws {
    var lottery = Lottery(UInt64(variety))
    let values = (0..<3000).map {
      UInt8(truncatingIfNeeded: $0 / variety * 37 + lottery.below(2) * (variety % 2))
    }
    var out = ByteWriter()
    ByteRun.encode(values, count: values.count, into: &out)
    let decoder = try ByteDecoder(Streams.cursor(out.region().bytes))
    var found = [UInt8](repeating: 0, count: values.count)
    try found.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      try decoder.read(into: start, count: 1000)
      try decoder.read(into: start + 1000, count: 2000)
    }
    #expect(found == values)
  }

  @Test("gives back booleans read in pieces", arguments: [1, 7, 8, 9, 63, 64, 65, 1000])
  func booleans(_ size: Int) throws {
    var lottery = Lottery(9)
    let values = (0..<2000).map { $0 > 1000 ? true : lottery.below(3) == 0 }
    let output = BooleanOutput(.data)
    for value in values { output.append(value) }
    output.encodeAll()
    let decoder = try BooleanDecoder(Streams.cursor(output.bytes.region().bytes))
    var found: [Bool] = []
    while found.count < values.count {
      let here = min(size, values.count - found.count)
      var words = [UInt64](repeating: 0, count: 16)
      try words.withUnsafeMutableBufferPointer { buffer in
        if let start = buffer.baseAddress { try decoder.read(into: start, count: here) }
      }
      for row in 0..<here { found.append(words[row / 64] >> UInt64(row % 64) & 1 == 1) }
    }
    #expect(found == values)
  }

  @Test("reads the specification's chunk headers")
  func chunks() throws {
    // A header of 40 0d 03 announces 100,000 compressed bytes; 0b 00 00 five original ones.
    let cursor = try Streams.cursor([0x0b, 0, 0, 1, 2, 3, 4, 5, 0x03, 0, 0, 9], .zlib)
    #expect(try cursor.take(6).bytes == [1, 2, 3, 4, 5, 9])
    #expect(cursor.isAtEnd)
    let long = try Streams.cursor([0x40, 0x0d, 0x03, 1], .zlib)
    #expect { try long.ensure(1) } throws: { "\($0)".contains("100000 bytes, 1 left") }
  }
}
