import Base
import Testing
import Vectors

@testable import ORC

/// Files that are cut, flipped or lied in: an error or values, never a crash.
@Suite("ORC damage")
struct DamageTests {
  /// Reads whatever can be read; true if nothing was wrong.
  private static func survives(_ bytes: [UInt8]) -> Bool {
    do throws(SQLError) {
      let reader = try ORCReader(
        file: MemoryFile(bytes), options: ORCReaderOptions { Fixtures.timeZone($0) })
      for stripe in reader.stripes.indices.prefix(4) {
        for column in reader.columns.indices {
          _ = try reader.rowGroupStatistics(stripe: stripe, column: column)
          _ = try reader.stripeStatistics(stripe: stripe, column: column)
          for group in reader.rowGroups(ofStripe: stripe).indices.prefix(3) {
            let vector = try reader.readRowGroup(
              stripe: stripe, group: group, columns: [column])[0]
            if vector.count > 0 {
              _ = vector.value(at: 0)
              _ = vector.value(at: vector.count - 1)
            }
          }
        }
      }
      return true
    } catch {
      return false
    }
  }

  private static func sample(_ compression: ORCCompression, rowCount: Int = 90) throws -> [UInt8] {
    let columns = Samples.types.enumerated().map {
      ($1, Samples.values($1, rowCount, $0 % 2 == 0 ? .some : .none, seed: UInt64($0 + 1)))
    }
    let options = ORCWriterOptions(
      compression: compression, rowIndexStride: 40, stripeRowLimit: 80)
    return try RoundTrip.write(columns, options: options).bytes
  }

  private static let small = [
    "TestOrcFile.test1.orc", "orc_no_format.orc", "bad_bloom_filter_1.6.0.orc",
    "TestOrcFile.testStringAndBinaryStatistics.orc", "TestOrcFile.testTimestamp.orc",
  ]

  private static func originals() throws -> [[UInt8]] {
    try [sample(.none), sample(.lz4)] + small.compactMap { Fixtures.file($0)?.bytes }
  }

  @Test("refuses files cut anywhere")
  func cut() throws {
    for bytes in try Self.originals() {
      #expect(Self.survives(bytes))
      for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 150)) {
        #expect(!Self.survives(Array(bytes[..<length])), "\(length) of \(bytes.count)")
      }
    }
  }

  @Test("survives changed bytes", arguments: 0..<8)
  func mutations(_ seed: Int) throws {
    var lottery = Lottery(UInt64(seed + 100))
    var refused = 0
    for bytes in try Self.originals() {
      for _ in 0..<40 {
        var changed = bytes
        for _ in 0...lottery.below(4) {
          // Half of the changes hit the tail, where the directories are.
          let at =
            lottery.below(2) == 0
            ? lottery.below(changed.count)
            : changed.count - 1 - lottery.below(min(changed.count, 400))
          switch lottery.below(3) {
          case 0: changed[at] ^= 1 << UInt8(lottery.below(8))
          case 1: changed[at] = UInt8(truncatingIfNeeded: lottery.next())
          default: changed[at] = [0, 0xFF, 0x7F, 0x80][lottery.below(4)]
          }
        }
        if !Self.survives(changed) { refused += 1 }
      }
    }
    #expect(refused > 0)
  }

  @Test("survives changed values behind intact directories", arguments: 0..<4)
  func streams(_ seed: Int) throws {
    var lottery = Lottery(UInt64(seed + 900))
    for compression in [ORCCompression.none, .lz4] {
      let bytes = try Self.sample(compression)
      let stripes = try ORCReader(file: MemoryFile(bytes)).stripes
      for _ in 0..<60 {
        var changed = bytes
        let stripe = stripes[lottery.below(stripes.count)]
        for _ in 0...lottery.below(12) {
          let at = stripe.offset + lottery.below(stripe.indexSizeBytes + stripe.dataSizeBytes)
          changed[at] = UInt8(truncatingIfNeeded: lottery.next())
        }
        _ = Self.survives(changed)
      }
    }
  }

  @Test("names file, stripe, column, stream and byte")
  func message() throws {
    let file = try RoundTrip.write([(.text, Samples.values(.text, 50, .none))])
    let reader = try ORCReader(file: file)
    let stripe = reader.stripes[0]
    var bytes = file.bytes
    for at in stripe.offset + stripe.indexSizeBytes..<stripe.offset + stripe.indexSizeBytes + 4 {
      bytes[at] = 0xFF
    }
    let damaged = try ORCReader(file: MemoryFile(path: "stars.orc", bytes))
    #expect {
      try damaged.readRowGroup(stripe: 0, group: 0, columns: [0])
    } throws: {
      let text = "\($0)"
      return ["XX001", "stars.orc", "stripe 0", "column c0", "stream", "byte"].allSatisfy {
        text.contains($0)
      }
    }
  }

  @Test("refuses types nested too deeply and cycles of types")
  func nesting() {
    var nodes = (0..<200).map { id in
      var node = TypeNode(.list)
      node.subtypes = [id + 1]
      return node
    }
    nodes.append(TypeNode(.int))
    #expect { try TypeTree.build(nodes) } throws: { "\($0)".contains("deeper than 64") }
    nodes[3].subtypes = [2]
    #expect { try TypeTree.build(nodes) } throws: { "\($0)".contains("subtype 2") }
  }

  @Test("refuses an encrypted file by name")
  func encrypted() throws {
    var variants = ProtobufWriter()
    variants.append(3, bytes: [])
    var footer = ProtobufWriter()
    footer.append(4, message: TypeNode(.structure).encoded())
    footer.append(10, message: variants)
    var postScript = PostScript()
    let content = footer.array()
    postScript.footerSizeBytes = content.count
    postScript.version = [0, 12]
    let last = postScript.encoded().array()
    let file = MemoryFile(path: "secret.orc", content + last + [UInt8(last.count)])
    #expect { try ORCReader(file: file) } throws: {
      "\($0)".contains("encrypted") && "\($0)".contains("secret.orc")
    }
  }
}
