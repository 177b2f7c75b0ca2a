import Base
import Engine
import Formats
import Testing
import Vectors

@Suite("Compressed CSV")
struct CompressedInputTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var testDescription: String { name }

    /// Bytes as hexadecimal digits.
    init(_ name: String, _ digits: String) {
      self.name = name
      let nibbles = digits.compactMap(\.hexDigitValue)
      bytes = stride(from: 0, to: nibbles.count, by: 2)
        .map { UInt8(nibbles[$0] << 4 | nibbles[$0 + 1]) }
    }
  }

  /// `id,ra`, `1,2.5` and `2,`, as gzip, bzip2 and zstd write these lines.
  static let samples = [
    Sample(
      "gzip",
      "1f8b0800000000000203cb4cd1294ae432d431d233e532d2e1020064729d7c0f000000"),
    Sample(
      "bzip2",
      "425a68393141592653591b22baed000006d9800010000532002420100020003100302034f50050648cb3"
        + "b92f1772453850901b22baed"),
    Sample("zstd", "28b52ffd240f79000069642c72610a312c322e350a322c0adfc36155"),
  ]
  static let plain = CSVContents(
    names: ["id", "ra"], types: [.int64, .float64],
    rows: [[.integer(1), .float64(2.5)], [.integer(2), .null]])

  @Test("reads as what it stands for, from a file and from a slow pipe", arguments: samples)
  func reads(_ sample: Sample) throws {
    #expect(try readCSV(bytes: sample.bytes) == Self.plain)
    #expect(try readCSV(bytes: sample.bytes, chunkSizeBytes: 1) == Self.plain)
    #expect(try readCSV(bytes: sample.bytes, path: "any name") == Self.plain)
  }

  @Test("members behind each other are one text, zeros behind them nothing", arguments: samples)
  func members(_ sample: Sample) throws {
    let twice = try readCSV(
      bytes: sample.bytes + sample.bytes + [UInt8](repeating: 0, count: 600),
      options: ["header": .boolean(false)])
    #expect(twice.rows.count == 6)
  }

  @Test("cut off anywhere it is an error", arguments: samples)
  func truncated(_ sample: Sample) {
    for length in 11..<sample.bytes.count {
      let error = #expect(throws: SQLError.self, "\(length)") {
        try readCSV(bytes: Array(sample.bytes[..<length]))
      }
      #expect(error?.state == .dataCorrupted)
      #expect(error?.message.contains("end too early") == true, "\(length)")
    }
  }

  @Test("garbage behind the last member is an error", arguments: samples)
  func trailing(_ sample: Sample) {
    let error = #expect(throws: SQLError.self) {
      try readCSV(bytes: sample.bytes + Array("garbage".utf8))
    }
    #expect(error?.state == .dataCorrupted)
    #expect(error?.message.hasPrefix("t.csv: damaged \(sample.name) data near byte") == true)
  }

  @Test("damaged bytes give rows or an error, never a crash", arguments: samples)
  func damaged(_ sample: Sample) {
    var random = SplitMix(state: 5)
    for index in sample.bytes.indices {
      for _ in 0..<4 {
        var bytes = sample.bytes
        bytes[index] ^= UInt8(random.next() % 255 + 1)
        let whole = Result { try readCSV(bytes: bytes) }
        let pieces = Result { try readCSV(bytes: bytes, chunkSizeBytes: 3) }
        if case .success(let found) = whole, case .success(let again) = pieces {
          #expect("\(found)" == "\(again)")
        }
      }
    }
  }

  @Test("compressed twice is refused with a hint")
  func twice() {
    // A stored block of DEFLATE: gzip's own header within gzip.
    let inner: [UInt8] = [0x1F, 0x8B, 8, 0]
    let crc: [UInt8] = [0xBC, 0xE6, 0x87, 0x0C]
    let bytes: [UInt8] =
      [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 4, 0, 0xFB, 0xFF] + inner + crc + [4, 0, 0, 0]
    let error = #expect(throws: SQLError.self) { try readCSV(bytes: bytes) }
    #expect(error?.message == "t.csv: not CSV but gzip-compressed data")
  }

  @Test("memory is counted, and a limit holds")
  func memory() {
    let context = QueryContext(memory: MemoryAccount(limitBytes: 1 << 20))
    let error = #expect(throws: SQLError.self) {
      _ = try CSVReader().open(
        "t.csv", on: TextDisk(Self.samples[1].bytes), expected: nil, options: FileOptions(),
        context: context)
    }
    #expect(error?.state == .outOfMemory)
    #expect(context.memory.usedBytes == 0)
  }
}
