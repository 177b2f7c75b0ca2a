import Arrow
import Base
import Engine
import FunctionKit
import Vectors

/// Arrow IPC streams, and files that have one inside. Unit, UCD, utype and description come from the
/// fields' metadata.
public struct ArrowReader: FileReader {
  public let names = ["arrow", "arrows", "feather"]
  public let endings = ["arrows", "arrow", "feather"]

  public init() {}

  public func check(_ options: FileOptions) throws(SQLError) {
    try options.refuseAll(of: "Arrow")
  }

  public func open(
    _ path: String, on disk: any Disk, expected: [ResultColumn]?, options: FileOptions,
    context: QueryContext
  ) throws(SQLError) -> any FileScan {
    try ArrowScan(try disk.open(path), context)
  }
}

/// An open stream, or a file in the format that has a stream inside. Pipes are read once.
final class ArrowScan: FileScan, @unchecked Sendable {
  /// How the format for files begins; two zeros follow.
  private static let fileMark = Array("ARROW1".utf8)

  let columns: [ResultColumn]
  private let file: any ReadableFile
  /// Of a pipe: what has read the schema goes on with the rows.
  private let once = Monitor()
  private var opened: (reader: ArrowStreamReader, input: FileInput)?
  private var current: FileInput?

  init(_ file: any ReadableFile, _ context: QueryContext) throws(SQLError) {
    self.file = file
    let (reader, input) = try Self.reader(of: file, context)
    columns = zip(reader.fields, reader.types).map { field, type in
      ResultColumn(
        field.name, type, unit: field.metadata["zij.unit"], ucd: field.metadata["zij.ucd"],
        utype: field.metadata["zij.utype"], description: field.metadata["zij.description"])
    }
    opened = (reader, input)
  }

  private static func reader(
    of file: any ReadableFile, _ context: QueryContext
  ) throws(SQLError) -> (ArrowStreamReader, FileInput) {
    let input = FileInput(file)
    do throws(SQLError) {
      if try input.peek(6) == fileMark { try skip(8, of: input) }
      return (try ArrowStreamReader(InputBytes(input), account: context.memory), input)
    } catch {
      throw named(error, file)
    }
  }

  private static func skip(_ count: Int, of input: FileInput) throws(SQLError) {
    let skipped = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { skipped.deallocate() }
    var read = 0
    while read < count {
      let more = try input.read(into: UnsafeMutableRawBufferPointer(rebasing: skipped[read...]))
      if more == 0 { return }
      read += more
    }
  }

  static func named(_ error: SQLError, _ file: any ReadableFile) -> SQLError {
    var named = error
    if !named.message.contains(file.path) { named.message += ": \"\(file.path)\"" }
    return named
  }

  var rowCount: Int? { nil }
  var partCount: Int { 1 }
  var fractionRead: Double? { once.locked { current?.fractionRead } }

  func open(
    part: Int, columns: [Int], context: QueryContext
  ) throws(SQLError) -> any BatchGenerator {
    let first = once.locked { () -> (reader: ArrowStreamReader, input: FileInput)? in
      defer { opened = nil }
      return opened
    }
    let (reader, input) = if let first { first } else { try Self.reader(of: file, context) }
    once.locked { current = input }
    return ArrowRows(reader, file, columns, context)
  }
}

private final class InputBytes: ArrowBytes {
  private let input: FileInput

  init(_ input: FileInput) { self.input = input }

  func read(into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int {
    try input.read(into: target)
  }
}

/// The rows of a stream, batch by batch. Memory: what the stream's reader holds.
private final class ArrowRows: BatchGenerator {
  private let reader: ArrowStreamReader
  private let file: any ReadableFile
  private let positions: [Int]
  private let context: QueryContext
  private var vectors: [Vector] = []
  private var rowCount = 0
  private var offset = 0

  init(
    _ reader: ArrowStreamReader, _ file: any ReadableFile, _ columns: [Int], _ context: QueryContext
  ) {
    self.reader = reader
    self.file = file
    positions = columns
    self.context = context
  }

  func next() throws(SQLError) -> Batch? {
    while offset == rowCount {
      try context.checkpoint()
      guard try read() else { return nil }
    }
    let count = min(Batch.capacity, rowCount - offset)
    defer { offset += count }
    return Batch(columns: vectors.map { $0.slice(from: offset, count: count) }, rowCount: count)
  }

  private func read() throws(SQLError) -> Bool {
    vectors = []
    (offset, rowCount) = (0, 0)
    do throws(SQLError) {
      guard let batch = try reader.next(columns: positions) else { return false }
      (vectors, rowCount) = (batch.columns, batch.rowCount)
    } catch {
      throw ArrowScan.named(error, file)
    }
    return true
  }
}
