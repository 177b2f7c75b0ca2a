import Base
import ORC
import Vectors

/// Row groups of 8192 rows from files in memory, and stripes to them. Bytes are those of the
/// decoded values.
enum ORCCases {
  static var all: [KernelCase] {
    columns.map { decode($0, .none) } + columns.suffix(4).map { decode($0, .lz4) }
      + columns.map(encode)
  }

  private static let groupRows = 8192
  private static let groupCount = 8

  private struct Column {
    let name: String
    let make: (SampleColumns) -> Vector
  }

  private static var columns: [Column] {
    [
      Column(name: "double") { $0.doubles() },
      Column(name: "double with NULLs") { $0.withNulls($0.doubles(), oneIn: 10) },
      Column(name: "int64, ascending") { $0.identifiers() },
      Column(name: "int64, 40 bits") { $0.integers(below: 1 << 40) },
      Column(name: "int32, 20 bits") { $0.shortIntegers(below: 1 << 20) },
      Column(name: "double, 5 digits") { $0.magnitudes() },
      Column(name: "int32, 0 to 9") { $0.shortIntegers(below: 10) },
      Column(name: "text, 50 words") { $0.words(distinctCount: 50) },
      Column(name: "text, all different") { $0.words(distinctCount: 1 << 40) },
    ]
  }

  private static func write(
    _ vectors: [Vector], _ options: ORCWriterOptions
  ) throws(SQLError) -> MemoryFile {
    let file = MemoryFile()
    let writer = try ORCWriter(
      file: file, columns: [ORCColumnSchema(name: "x", type: vectors[0].type)], options: options)
    for vector in vectors {
      for start in stride(from: 0, to: vector.count, by: Batch.capacity) {
        let part = vector.slice(from: start, count: Batch.capacity)
        try writer.append(Batch(columns: [part], rowCount: Batch.capacity))
      }
    }
    _ = try writer.finish()
    return file
  }

  private static func vectors(_ column: Column) -> [Vector] {
    (0..<groupCount).map {
      column.make(SampleColumns(rowCount: groupRows, seed: UInt64($0) + 1))
    }
  }

  private static func decode(_ column: Column, _ compression: ORCCompression) -> KernelCase {
    let suffix = compression == .none ? "" : ", \(compression.name)"
    return KernelCase("orc: decode \(column.name)\(suffix)") {
      let file = try write(vectors(column), ORCWriterOptions(compression: compression))
      let reader = try ORCReader(file: file.sealed())
      let first = try reader.readRowGroup(stripe: 0, group: 0, columns: [0])
      var group = 0
      return .init(groupRows, sizeBytes: first[0].sizeBytes) {
        _ = try reader.readRowGroup(stripe: 0, group: group, columns: [0])
        group = (group + 1) % groupCount
      }
    }
  }

  private static func encode(_ column: Column) -> KernelCase {
    KernelCase("orc: encode \(column.name)") {
      let vectors = vectors(column)
      let sizeBytes = vectors.reduce(0) { $0 + $1.sizeBytes }
      return .init(groupRows * groupCount, sizeBytes: sizeBytes) {
        _ = try write(vectors, ORCWriterOptions())
      }
    }
  }
}
