import Base
import Engine
import Vectors

@testable import Formats

/// A disk with one file in memory, handed out in pieces of `chunkSizeBytes` as a pipe would.
final class TextDisk: Disk {
  let bytes: [UInt8]
  let chunkSizeBytes: Int

  init(_ bytes: [UInt8], chunkSizeBytes: Int = .max) {
    self.bytes = bytes
    self.chunkSizeBytes = chunkSizeBytes
  }

  func open(_ path: String) throws(SQLError) -> any ReadableFile { TextFile(path, self) }

  private func refuse() -> SQLError { SQLError(.ioError, "not on this disk") }
  func create(_ path: String, replacing: Bool) throws(SQLError) -> any WritableFile {
    throw refuse()
  }
  func append(to path: String, keeping sizeBytes: Int) throws(SQLError) -> any WritableFile {
    throw refuse()
  }
  func rename(_ source: String, to target: String) throws(SQLError) { throw refuse() }
  func remove(_ path: String) throws(SQLError) { throw refuse() }
  func createDirectory(_ path: String) throws(SQLError) { throw refuse() }
  func removeDirectory(_ path: String) throws(SQLError) { throw refuse() }
  func syncDirectory(_ path: String) throws(SQLError) { throw refuse() }
  func list(_ path: String) throws(SQLError) -> [String] { throw refuse() }
  func kind(of path: String) -> FileKind? { .file }
  func isLink(_ path: String) -> Bool { false }
  func lock(_ path: String, exclusive: Bool, holder: String) throws(SQLError) -> any FileLock {
    throw refuse()
  }
}

final class TextFile: ReadableFile {
  let path: String
  private let disk: TextDisk
  init(_ path: String, _ disk: TextDisk) {
    self.path = path
    self.disk = disk
  }

  var sizeBytes: Int { disk.bytes.count }

  func read(at offset: Int, count: Int) throws(SQLError) -> ByteRegion {
    throw SQLError(.ioError, "not on this disk")
  }

  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int {
    let count = min(disk.bytes.count - offset, target.count, disk.chunkSizeBytes)
    guard count > 0 else { return 0 }
    disk.bytes.withUnsafeBytes { bytes in
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
    }
    return count
  }
}

/// What a CSV file holds.
struct CSVContents: Equatable {
  var names: [String]
  var types: [LogicalType]
  var rows: [[Value]]
}

func readCSV(
  _ text: String, options: [String: Value?] = [:], expected: [ResultColumn]? = nil,
  chunkSizeBytes: Int = .max, path: String = "t.csv"
) throws(SQLError) -> CSVContents {
  try readCSV(
    bytes: Array(text.utf8), options: options, expected: expected, chunkSizeBytes: chunkSizeBytes,
    path: path)
}

func readCSV(
  bytes: [UInt8], options: [String: Value?] = [:], expected: [ResultColumn]? = nil,
  chunkSizeBytes: Int = .max, pieceSizeBytes: Int? = nil, path: String = "t.csv"
) throws(SQLError) -> CSVContents {
  let disk = TextDisk(bytes, chunkSizeBytes: chunkSizeBytes)
  let reader = pieceSizeBytes.map { CSVReader(pieceSizeBytes: $0) } ?? CSVReader()
  let scan = try reader.open(
    path, on: disk, expected: expected, options: FileOptions(options), context: QueryContext())
  var rows: [[Value]] = []
  for part in 0..<scan.partCount {
    let generator = try scan.open(
      part: part, columns: Array(scan.columns.indices), context: QueryContext())
    while let batch = try generator.next() {
      for row in 0..<batch.rowCount { rows.append(batch.columns.map { $0.value(at: row) }) }
    }
  }
  return CSVContents(
    names: scan.columns.map(\.name), types: scan.columns.map(\.type), rows: rows)
}

func batch(_ columns: [(LogicalType, [Value])]) -> Batch {
  Batch(
    columns: columns.map { Vector.of($0.1, type: $0.0) }, rowCount: columns.first?.1.count ?? 0)
}

func encode(_ encoder: any RowEncoder, _ batches: [Batch]) throws(SQLError) -> String {
  var out = ByteWriter()
  try encoder.header(into: &out)
  for batch in batches { try encoder.append(batch, into: &out) }
  try encoder.finish(error: nil, into: &out)
  return String(decoding: out.bytes, as: UTF8.self)
}
