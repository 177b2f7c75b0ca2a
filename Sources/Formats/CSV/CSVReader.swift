import Base
import Engine
import Vectors

/// Reads comma-separated values (RFC 4180) and, by its ending, tab-separated ones.
///
/// Options: `header` (true, false or 'auto', the default), `delimiter`, `null`. Without a table to
/// fill, names come from the header and types from the first rows.
public struct CSVReader: FileReader {
  public let names = ["csv", "tsv"]
  public let endings = ["csv", "tsv", "tab"]

  public init() {}

  public func open(
    _ path: String, on disk: any Disk, expected: [ResultColumn]?, options: FileOptions,
    context: QueryContext
  ) throws(SQLError) -> any FileScan {
    var defaults = CSVOptions()
    let lowerPath = path.lowercased()
    if options.values["format"] == .some(.text("tsv")) || lowerPath.hasSuffix(".tsv")
      || lowerPath.hasSuffix(".tab")
    {
      defaults.delimiter = 9
    }
    let settings = try defaults.applying(options)
    for column in expected ?? [] where !CSVConversion.canRead(column.type) {
      throw SQLError(
        .featureNotSupported,
        "column \"\(column.name)\" cannot be read from CSV: its type is \(column.type)")
    }
    let input = try CSVInput(path, on: disk, memory: context.memory)
    try input.refill()
    try Self.refuseOtherFormats(input)
    if input.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { input.consume(3) }
    let sniffer = try CSVSniffer(input, from: 0, options: settings, expected: expected)
    return CSVScan(input, sniffer, options: settings, isGuessed: expected == nil, context: context)
  }

  /// Says what a file is whose first bytes give it away.
  private static func refuseOtherFormats(_ input: CSVInput) throws(SQLError) {
    for (start, name) in signatures where input.bytes.starts(with: start) {
      throw SQLError(.badCopyFileFormat, "\(input.path): not CSV but \(name)")
    }
    if input.bytes.prefix(4096).contains(0) {
      throw SQLError(.badCopyFileFormat, "\(input.path): not CSV but a binary file")
    }
  }

  private static let signatures: [(start: [UInt8], name: String)] = [
    ([0x1F, 0x8B], "gzip-compressed data"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd-compressed data"),
    (Array("BZh".utf8), "bzip2-compressed data"), ([0xFF, 0xFE], "UTF-16 text"),
    ([0xFE, 0xFF], "UTF-16 text"), (Array("ORC".utf8) + [8], "an ORC file"),
    (Array("PAR1".utf8), "a Parquet file"), (Array("SIMPLE  =".utf8), "a FITS file"),
    (Array("<?xml".utf8), "an XML file"), (Array("PK".utf8) + [3, 4], "a zip archive"),
  ]
}

/// The records of an open CSV file as batches.
final class CSVScan: FileScan {
  let columns: [ResultColumn]
  private let input: CSVInput
  private let tokenizer: CSVTokenizer
  private let conversion: CSVConversion
  private let table: CSVFieldTable
  private let context: QueryContext
  /// Whether the types come from the first rows and not from a table.
  private let isGuessed: Bool
  private var line = 1
  private var skipsHeader: Bool
  /// What went wrong behind the rows already given.
  private var pendingFailure: CSVFailure?

  init(
    _ input: CSVInput, _ sniffer: CSVSniffer, options: CSVOptions, isGuessed: Bool,
    context: QueryContext
  ) {
    self.input = input
    columns = sniffer.columns
    tokenizer = CSVTokenizer(delimiter: options.delimiter)
    conversion = CSVConversion(nullText: options.nullText)
    table = CSVFieldTable(columnCount: sniffer.columns.count, capacity: Batch.capacity)
    self.context = context
    self.isGuessed = isGuessed
    skipsHeader = sniffer.hasHeader
  }

  var fractionRead: Double? { input.fractionRead }

  func next() throws(SQLError) -> Batch? {
    if columns.isEmpty { return nil }
    if skipsHeader {
      skipsHeader = false
      let header = CSVFieldTable(columnCount: columns.count, capacity: 1)
      if try !fill(header) { return nil }
    }
    guard try fill(table) else { return nil }
    return try convert()
  }

  /// Fills `table` with at least one record; false at the end of the file.
  private func fill(_ table: CSVFieldTable) throws(SQLError) -> Bool {
    try context.checkpoint()
    if let failure = pendingFailure { throw failure.error(in: input.path) }
    // Short windows would make short batches: get more before less than a quarter is left.
    if !input.isAtEndOfFile, input.bytes.count < CSVInput.blockSizeBytes / 4 { try input.refill() }
    while true {
      var offset = 0
      let stop = tokenizer.read(
        input.bytes, from: &offset, line: &line, isLast: input.isAtEndOfFile,
        sizeLimitBytes: Batch.byteBudget, into: table)
      if case .failed(let failure) = stop {
        if table.rowCount == 0 { throw failure.error(in: input.path) }
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

  private func convert() throws(SQLError) -> Batch {
    var vectors: [Vector] = []
    vectors.reserveCapacity(columns.count)
    var firstFailure: (row: Int, column: Int)?
    for (index, column) in columns.enumerated() {
      switch conversion.convert(table, column: index, to: column.type) {
      case .vector(let vector): vectors.append(vector)
      case .failed(let row):
        if row < firstFailure?.row ?? .max { firstFailure = (row, index) }
      }
    }
    if let firstFailure { throw conversionError(firstFailure.row, firstFailure.column) }
    return Batch(columns: vectors, rowCount: table.rowCount)
  }

  private func conversionError(_ row: Int, _ column: Int) -> SQLError {
    let type = columns[column].type
    let place = "\(input.path), line \(table.lines[row]), column \"\(columns[column].name)\""
    if type == .text {
      return SQLError(.badCopyFileFormat, "\(place): text is not UTF-8")
    }
    let bytes = table.text(row, column)
    let value = VisibleText.line(String(decoding: bytes.prefix(60), as: UTF8.self))
    return SQLError(
      .badCopyFileFormat,
      "\(place): not of type \(type): \"\(value)\(bytes.count > 60 ? "…" : "")\"",
      hint: isGuessed
        ? "Types were guessed from the first rows: create the table with the types you want and "
          + "fill it with COPY."
        : bytes.isEmpty ? "An empty field in quotes is an empty text, not NULL." : nil)
  }
}
