import Base
import Testing
import Vectors

@testable import ORC

@Suite("ORC files of other writers")
struct FixtureTests {
  static let expected = Fixtures.names(in: Fixtures.folder + "/expected").map {
    String($0.dropLast(".jsn.gz".count))
  }
  static let all = Fixtures.names(in: Fixtures.folder).filter { $0.hasSuffix(".orc") }
  /// What we do not read, with a part of the reason.
  static let refused = [
    "TestVectorOrcFile.testLzo.orc": "lzo", "zero.orc": "empty", "decimal64_v2.orc": "1.9999",
    "corrupt/missing_blob_stream_in_string_dict.orc": "DICTIONARY_DATA",
    "corrupt/missing_length_stream_in_string_dict.orc": "column",
    "corrupt/negative_dict_entry_lengths.orc": "length",
  ]

  private static var isOptimized: Bool {
    #if DEBUG
      false
    #else
      true
    #endif
  }

  static func reader(_ file: MemoryFile) throws(SQLError) -> ORCReader {
    try ORCReader(file: file, options: ORCReaderOptions { Fixtures.timeZone($0) })
  }

  @Test("refuses wall-clock times of a zone that it does not know")
  func unknownZone() throws {
    guard let file = Fixtures.file("TestOrcFile.testDate1900.orc") else { return }
    let reader = try ORCReader(file: file)
    let error = #expect(throws: SQLError.self) {
      try reader.readRowGroup(stripe: 0, group: 0, columns: [0])
    }
    #expect(error?.state == .featureNotSupported)
    #expect(error?.message.contains("America/Los_Angeles") == true || error?.message.contains("US/Pacific") == true)
  }

  @Test("says what the suite expects, row by row", arguments: expected)
  func rows(_ name: String) throws {
    guard Self.refused[name + ".orc"] == nil else { return }
    guard let file = Fixtures.file(name + ".orc"),
      let lines = Fixtures.gunzippedLines(Fixtures.folder + "/expected/" + name + ".jsn.gz")
    else { return }
    let reader = try Self.reader(file)
    #expect(reader.rowCount == lines.count)
    var row = 0
    var wrong = 0
    for stripe in reader.stripes.indices {
      for group in reader.rowGroups(ofStripe: stripe).indices {
        let vectors = try reader.readRowGroup(
          stripe: stripe, group: group, columns: Array(reader.columns.indices))
        for at in 0..<(vectors.first?.count ?? 0) {
          // Reading JSON is slow in debug builds: there the long files are sampled.
          defer { row += 1 }
          guard Self.isOptimized || row < 4000 || row % 16 == 0 else { continue }
          if !Self.row(reader, vectors, at, says: lines[row]) {
            wrong += 1
            if wrong < 4 {
              Issue.record("\(row): \(vectors.map { $0.value(at: at) }) \(lines[row])")
            }
          }
        }
      }
    }
    #expect(row == lines.count)
    #expect(wrong == 0)
  }

  private static func row(
    _ reader: ORCReader, _ vectors: [Vector], _ at: Int, says line: String
  ) -> Bool {
    guard let json = JSON(line) else { return false }
    if case .object(let members) = json, members.map(\.0) == reader.columns.map(\.name) {
      return zip(members, vectors).allSatisfy { $0.1.says($1.value(at: at), $1.type) }
    }
    return json.says(vectors[0].value(at: at), vectors[0].type)
  }

  @Test("reads every file of the suite, in any order of row groups", arguments: all)
  func everything(_ name: String) throws {
    guard let file = Fixtures.file(name) else { return }
    guard Self.refused[name] == nil else { return }
    let reader = try Self.reader(file)
    for column in reader.columns.indices {
      _ = try reader.fileStatistics(column: column)
      for stripe in reader.stripes.indices.reversed() {
        let groups = reader.rowGroups(ofStripe: stripe)
        _ = try reader.stripeStatistics(stripe: stripe, column: column)
        _ = try reader.rowGroupStatistics(stripe: stripe, column: column)
        for group in groups.indices.reversed() {
          let vector = try reader.readRowGroup(stripe: stripe, group: group, columns: [column])[0]
          #expect(vector.count == groups[group].count)
        }
      }
    }
  }

  @Test("reads neighbouring row groups in one go as it reads each alone", arguments: all)
  func neighbours(_ name: String) throws {
    guard let file = Fixtures.file(name), Self.refused[name] == nil else { return }
    let reader = try Self.reader(file)
    let columns = Array(reader.columns.indices)
    for stripe in reader.stripes.indices {
      let count = reader.rowGroups(ofStripe: stripe).count
      for first in 0..<min(2, count) {
        let groups = try ORCReader.Groups(
          reader, stripe: stripe, groups: first..<count, columns: columns)
        for group in first..<count {
          let together = try #require(try groups.next())
          let alone = try reader.readRowGroup(stripe: stripe, group: group, columns: columns)
          #expect(Self.sample(together) == Self.sample(alone), "stripe \(stripe), group \(group)")
        }
        #expect(try groups.next() == nil)
      }
    }
  }

  /// Some rows as text, the first and the last among them.
  private static func sample(_ vectors: [Vector]) -> [String] {
    vectors.map { vector in
      let rows = Array(stride(from: 0, to: vector.count, by: 211)) + [vector.count - 1]
      return rows.map { "\(vector.value(at: $0))" }.joined(separator: ",")
    }
  }

  @Test("refuses what it cannot read, and says why", arguments: refused.keys.sorted())
  func refusals(_ name: String) {
    guard let file = Fixtures.file(name) else { return }
    #expect(throws: SQLError.self) {
      do {
        let reader = try Self.reader(file)
        for column in reader.columns.indices { _ = try RoundTrip.read(reader, column: column) }
      } catch let error as SQLError {
        #expect(error.message.contains(Self.refused[name] ?? "?"), "\(error)")
        #expect(error.message.contains(name), "\(error)")
        throw error
      }
    }
  }
}
