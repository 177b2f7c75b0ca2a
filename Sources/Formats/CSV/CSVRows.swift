import Base
import FunctionKit
import Vectors

/// The records of a CSV file as batches.
final class CSVRows: BatchGenerator {
  private let scan: CSVScan
  private let part: Int
  /// The positions of the fields that are wanted.
  private let wanted: [Int]
  private let input: CSVInput
  private let tokenizer: CSVTokenizer
  private let conversion: CSVConversion
  private let table: CSVFieldTable
  private let context: QueryContext
  private var line = 1
  private var skipsHeader: Bool
  /// What went wrong behind the rows already given.
  private var pendingFailure: CSVFailure?
  private let reservation: MemoryReservation

  init(
    _ input: CSVInput, of scan: CSVScan, part: Int, columns: [Int], context: QueryContext
  ) throws(SQLError) {
    self.input = input
    self.scan = scan
    self.part = part
    wanted = columns
    tokenizer = CSVTokenizer(delimiter: scan.delimiter)
    conversion = CSVConversion(
      nullText: scan.options.nullText, keepsNaN: scan.options.keepsNaN)
    let capacity = CSVFieldTable.capacity(columnCount: scan.columns.count)
    table = CSVFieldTable(columnCount: scan.columns.count, capacity: capacity)
    reservation = MemoryReservation(context.memory)
    self.context = context
    skipsHeader = scan.hasHeader && !scan.isInParts
    try reservation.grow(by: scan.columns.count * capacity * MemoryLayout<CSVField>.stride)
  }

  static let encodingHint = "If it is Latin-1, convert it: iconv -f LATIN1 -t UTF-8."

  func next() throws(SQLError) -> Batch? {
    if scan.columns.isEmpty { return nil }
    if skipsHeader {
      skipsHeader = false
      let header = CSVFieldTable(columnCount: scan.columns.count, capacity: 1)
      if try !fill(header) { return nil }
    }
    guard try fill(table) else { return nil }
    if let fraction = input.fractionRead { scan.show(fractionRead: fraction) }
    return try convert()
  }

  /// Fills `table` with at least one record; false at the end of the file.
  private func fill(_ table: CSVFieldTable) throws(SQLError) -> Bool {
    try context.checkpoint()
    if let failure = pendingFailure { throw error(failure) }
    // Short windows would make short batches: get more before less than a quarter is left.
    if !input.isAtEndOfFile, input.bytes.count < CSVInput.blockSizeBytes / 4 { try input.refill() }
    while true {
      var offset = 0
      let stop = tokenizer.read(
        input.bytes, from: &offset, line: &line, isLast: input.isAtEndOfFile,
        sizeLimitBytes: Batch.byteBudget, into: table)
      if case .failed(let failure) = stop {
        if table.rowCount == 0 { throw error(failure) }
        pendingFailure = failure
      }
      // The fields stay readable: consuming moves nothing before the next refill.
      input.consume(offset)
      if table.rowCount > 0 { return true }
      try context.checkpoint()
      if stop == .needsMore {
        if input.isAtEndOfFile { return false }
        try input.refill()
      }
    }
  }

  private func error(_ failure: CSVFailure) -> SQLError {
    var failure = failure
    failure.line += scan.lineCount(before: part, context)
    return failure.error(in: input.path)
  }

  private func convert() throws(SQLError) -> Batch {
    var vectors: [Vector] = []
    vectors.reserveCapacity(wanted.count)
    var firstFailure: (row: Int, column: Int)?
    for index in wanted {
      switch conversion.convert(table, column: index, to: scan.columns[index].type) {
      case .vector(let vector): vectors.append(vector)
      case .failed(let row):
        if row < firstFailure?.row ?? .max { firstFailure = (row, index) }
      }
    }
    if let firstFailure { throw conversionError(firstFailure.row, firstFailure.column) }
    return Batch(columns: vectors, rowCount: table.rowCount)
  }

  private func conversionError(_ row: Int, _ column: Int) -> SQLError {
    let type = scan.columns[column].type
    let name = scan.columns[column].name
    let line = table.lines[row] + scan.lineCount(before: part, context)
    let place = "\(input.path), line \(line), column \"\(name)\""
    if type == .text {
      return SQLError(
        .badCopyFileFormat, "\(place): text is not UTF-8", hint: Self.encodingHint)
    }
    let bytes = table.text(row, column)
    let value = VisibleText.line(String(decoding: bytes.prefix(60), as: UTF8.self))
    return SQLError(
      .badCopyFileFormat,
      "\(place): not of type \(type): \"\(value)\(bytes.count > 60 ? "…" : "")\"",
      hint: scan.isGuessed[column]
        ? "Types were guessed from a sample of the rows: (sample => 'all') looks at every row "
          + "before, and COPY takes the types of a table."
        : bytes.isEmpty ? "An empty field in quotes is an empty text, not NULL." : nil)
  }
}
