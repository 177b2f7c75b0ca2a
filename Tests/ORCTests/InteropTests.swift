import Base
import Glibc
import Testing
import Vectors

@testable import ORC

/// Exchanges files with pyarrow and pyorc; `Tests/Interop/orc_roundtrip.py` runs both halves.
@Suite("ORC exchange with other implementations")
struct InteropTests {
  private static func folder(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// Set ZIJ_ORC_OUT to a folder: every type is written there, with its values as JSON lines.
  @Test("writes files for others to read", arguments: Samples.types.indices)
  func out(_ index: Int) throws {
    guard let folder = Self.folder("ZIJ_ORC_OUT") else { return }
    let type = Samples.types[index]
    let columns = Samples.Nulls.allCases.map {
      (type, Samples.values(type, 5000, $0, seed: UInt64(index + 1)))
    }
    let variants: [(String, ORCWriterOptions)] = [
      ("none", .init()), ("stride", .init(rowIndexStride: 1000, stripeRowLimit: 3000)),
      ("lz4", .init(compression: .lz4, rowIndexStride: 1024, stripeRowLimit: 2048)),
      ("small", .init(compression: .lz4, rowIndexStride: 700, blockSizeBytes: 1000)),
    ]
    for (name, options) in variants {
      let file = try RoundTrip.write(columns, options: options)
      try Self.save(file.bytes, folder + "/t\(index)-\(name).orc")
    }
    var text = ""
    for row in 0..<5000 { text += Self.line(columns.map { Self.json($0.1[row]) }) + "\n" }
    try Self.save(Array(text.utf8), folder + "/t\(index).jsonl")
  }

  /// Set ZIJ_ORC_IN to a folder of `name.orc` and `name.jsonl`.
  @Test("reads files that others wrote")
  func `in`() throws {
    guard let folder = Self.folder("ZIJ_ORC_IN") else { return }
    let names = Fixtures.names(in: folder).filter { $0.hasSuffix(".orc") }
    #expect(!names.isEmpty)
    for name in names {
      guard let bytes = Fixtures.bytes(folder + "/" + name),
        let lines = Fixtures.bytes(folder + "/" + name.dropLast(4) + ".jsonl")
      else { continue }
      let expected = String(decoding: lines, as: UTF8.self).split(separator: "\n").map(String.init)
      let reader = try FixtureTests.reader(MemoryFile(path: name, bytes))
      let columns = try reader.columns.indices.map { try RoundTrip.read(reader, column: $0) }
      #expect(reader.rowCount == expected.count, "\(name)")
      for row in 0..<min(reader.rowCount, expected.count) {
        let found = Self.line(columns.map { Self.json($0[row]) })
        guard found != expected[row] else { continue }
        Issue.record("\(name) row \(row): \(found) instead of \(expected[row])")
        break
      }
    }
  }

  private static func save(_ bytes: [UInt8], _ path: String) throws {
    let file = try #require(fopen(path, "wb"))
    defer { fclose(file) }
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }

  private static func line(_ parts: [String]) -> String {
    "[" + parts.joined(separator: ", ") + "]"
  }

  /// Floats as their bits, decimals as digits and scale, structures as arrays: nothing is rounded.
  private static func json(_ value: Value) -> String {
    switch value {
    case .null: return "null"
    case .boolean(let v): return v ? "true" : "false"
    case .integer(let v): return "\(v)"
    case .float32(let v): return v.isNaN ? "\"nan\"" : "\(v.bitPattern)"
    case .float64(let v): return v.isNaN ? "\"nan\"" : "\(v.bitPattern)"
    case .decimal(let digits, let scale): return "\"\(digits)e-\(scale)\""
    case .text(let v): return "\"\(v)\""
    case .binary(let v): return line(v.map { "\($0)" })
    case .date(let v): return "\(v)"
    case .timestamp(let v): return "\(v)"
    case .list(let v), .structure(let v): return line(v.map { json($0) })
    }
  }
}
