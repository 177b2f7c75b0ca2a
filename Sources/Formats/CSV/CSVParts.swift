import Base
import Glibc
import Vectors

/// Cuts a file into parts that several workers read at the same time.
///
/// Part p has the records that begin in the p-th piece of the file. Where those begin shows only from
/// the front, because a line end may be inside of quotes; so the beginnings are found one after the
/// other, each when a part is opened. Where no quote stands in a piece its last line end is one of a
/// record, which is found much faster than the records are read.
final class CSVParts: Sendable {
  private static let pieceLimit = 1 << 16
  private static let readSizeBytes = 256 << 10

  let file: any ReadableFile
  let count: Int
  private let tokenizer: CSVTokenizer
  private let columnCount: Int
  /// Where lines are counted from.
  private let textStart: Int
  private let pieceSizeBytes: Int
  private let beginnings: Beginnings

  private final class Beginnings: @unchecked Sendable {
    let monitor = Monitor()
    /// Where parts begin, as far as that is known; only under the monitor.
    var known: [Int]

    init(_ first: Int) { known = [first] }
  }

  /// Nil for a file that is better read by one. `textStart` is behind the byte order mark, `start`
  /// behind the header.
  init?(
    _ file: any ReadableFile, from start: Int, textStart: Int, pieceSizeBytes: Int,
    _ tokenizer: CSVTokenizer, columnCount: Int
  ) {
    guard file.sizeBytes >= 2 * pieceSizeBytes, columnCount > 0 else { return nil }
    self.file = file
    self.tokenizer = tokenizer
    self.columnCount = columnCount
    self.textStart = textStart
    let size = max(pieceSizeBytes, file.sizeBytes / Self.pieceLimit + 1)
    self.pieceSizeBytes = size
    count = (file.sizeBytes + size - 1) / size
    beginnings = Beginnings(start)
  }

  /// The bytes of a part's records; empty if none begins in its piece.
  func range(of part: Int, memory: MemoryAccount) throws(SQLError) -> Range<Int> {
    try beginnings.monitor.locked { () throws(SQLError) in
      while beginnings.known.count <= part + 1 {
        let index = beginnings.known.count
        let nominal = index == count ? file.sizeBytes : index * pieceSizeBytes
        let next = try beginning(
          from: beginnings.known[index - 1], atOrBehind: nominal, memory)
        beginnings.known.append(next)
      }
      return beginnings.known[part]..<beginnings.known[part + 1]
    }
  }

  /// Lines before a part. Reads everything there: it is wanted only for messages.
  func lineCount(before part: Int, _ context: QueryContext) throws(SQLError) -> Int {
    let end = try range(of: part, memory: context.memory).lowerBound
    let input = try CSVInput(file, textStart..<end, memory: context.memory)
    var line = 1
    _ = try pass(input, until: .max, line: &line) { () throws(SQLError) in
      try context.checkpoint()
    }
    return line - 1
  }

  /// Where the first record begins at `nominal` or behind it, known that one begins at `start`. The
  /// end of the file if what is before cannot be read: its part then says why.
  private func beginning(
    from start: Int, atOrBehind nominal: Int, _ memory: MemoryAccount
  ) throws(SQLError) -> Int {
    if start >= nominal { return start }
    if nominal >= file.sizeBytes { return file.sizeBytes }
    let record = try lastPlainBeginning(from: start, before: nominal)
    if record == nominal { return record }
    let input = try CSVInput(
      file, record..<file.sizeBytes, windowSizeBytes: Self.readSizeBytes / 4, memory: memory)
    var line = 0
    let passed = try pass(input, until: nominal - record, line: &line) {}
    return passed.map { record + $0 } ?? file.sizeBytes
  }

  /// The last beginning of a record before `end` that is sure without reading records: behind a line
  /// end with no quote between `start` and it.
  private func lastPlainBeginning(from start: Int, before end: Int) throws(SQLError) -> Int {
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.readSizeBytes, alignment: 64)
    defer { bytes.deallocate() }
    var record = start
    var position = start
    while position < end, let base = bytes.baseAddress {
      let room = UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(end - position))
      let count = try file.read(at: position, into: room)
      if count == 0 { break }
      let quote = memchr(base, Int32(CSVQuoting.quote), count)
      let plainCount = quote.map { UnsafeRawPointer($0) - UnsafeRawPointer(base) } ?? count
      if let lineEnd = bytes.prefix(plainCount).lastIndex(of: 10) { record = position + lineEnd + 1 }
      if quote != nil { break }
      position += count
    }
    return record
  }

  /// Passes over records until one begins at `distance` or behind it, and gives the bytes passed;
  /// nil if a record cannot be read.
  private func pass(
    _ input: CSVInput, until distance: Int, line: inout Int,
    _ checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) -> Int? {
    let table = CSVFieldTable(
      columnCount: columnCount, capacity: CSVFieldTable.capacity(columnCount: columnCount))
    var passed = 0
    while passed < distance {
      try checkpoint()
      var offset = 0
      let stop = tokenizer.read(
        input.bytes, from: &offset, line: &line, isLast: input.isAtEndOfFile,
        sizeLimitBytes: distance - passed, into: table)
      input.consume(offset)
      passed += offset
      if case .failed = stop { return nil }
      if stop == .needsMore, passed < distance {
        if input.isAtEndOfFile { return passed }
        try input.refill()
      }
    }
    return passed
  }
}
