import Base
import Testing
import Vectors

@testable import ORC

@Suite("ORC, text that comes with a dictionary")
struct DictionaryInputTests {
  private static let texts = ["", "b", "a", "ångström", String(repeating: "long ", count: 300)]

  /// Rows of a few dictionaries, of which every third may be NULL; a new dictionary every 700 rows.
  private static func batches(_ rowCount: Int, hasNulls: Bool, distinct: Int) -> [Batch] {
    stride(from: 0, to: rowCount, by: 700).map { start in
      let rows = min(700, rowCount - start)
      let entries = (0..<distinct).map { Value.text("\($0 + start % 3) \(texts[$0 % texts.count])") }
      let dictionary = Vector.of(entries, type: .text)
      let indices = Buffer(sizeBytes: rows * 4)
      let target = indices.base.bindMemory(to: UInt32.self, capacity: rows)
      let mask = hasNulls ? ValidityMask(count: rows, allValid: true) : nil
      for row in 0..<rows {
        target[row] = UInt32((row * 31 + start) % distinct)
        if row % 3 == 0 { mask?.setNull(row) }
      }
      let vector = Vector(
        type: .text, encoding: .dictionary, count: rows, storage: indices, validity: mask,
        children: [dictionary])
      return Batch(columns: [vector], rowCount: rows)
    }
  }

  private static func bytes(_ batches: [Batch]) throws -> [UInt8] {
    let file = MemoryFile()
    let writer = try ORCWriter(
      file: file, columns: [ORCColumnSchema(name: "s", type: .text)],
      options: ORCWriterOptions(rowIndexStride: 1024, stripeRowLimit: 4096, stripeByteLimit: 60_000))
    for batch in batches { try writer.append(batch) }
    _ = try writer.finish()
    return file.bytes
  }

  @Test("gives the bytes of plain text", arguments: [false, true], [1, 5, 600])
  func sameBytes(hasNulls: Bool, distinct: Int) throws {
    let indexed = Self.batches(9000, hasNulls: hasNulls, distinct: distinct)
    let flat = indexed.map {
      Batch(columns: $0.columns.map { $0.flattened() }, rowCount: $0.rowCount)
    }
    for (a, b) in zip(indexed, flat) { #expect(a.columns[0].plainBytes == b.columns[0].plainBytes) }
    let areEqual = try Self.bytes(indexed) == Self.bytes(flat)
    #expect(areEqual)
    let reader = try ORCReader(file: MemoryFile(try Self.bytes(indexed)))
    let values = try RoundTrip.read(reader, column: 0)
    #expect(values == flat.flatMap { batch in
      (0..<batch.rowCount).map { batch.columns[0].value(at: $0) }
    })
  }
}
