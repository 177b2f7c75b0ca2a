import Base
import Engine
import Vectors

/// Reads comma-separated values (RFC 4180) and, by its ending, tab-separated ones.
///
/// Also compressed with gzip, bzip2 or zstd, which its first bytes tell. Without a table to fill,
/// names come from the header and types from a sample of the rows.
public struct CSVReader: FileReader {
  public let names = ["csv", "tsv"]
  public let endings = ["csv", "tsv", "tab"]

  /// A file is read in pieces of about this size; large enough that finding where a piece ends and
  /// opening it cost nothing in comparison.
  private let pieceSizeBytes: Int

  public init() { pieceSizeBytes = 4 << 20 }

  package init(pieceSizeBytes: Int) { self.pieceSizeBytes = pieceSizeBytes }

  public func check(_ options: FileOptions) throws(SQLError) {
    _ = try CSVOptions().applying(options, isReading: true)
  }

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
    let settings = try defaults.applying(options, isReading: true)
    for column in expected ?? [] where !CSVConversion.canRead(column.type) {
      throw SQLError(
        .featureNotSupported,
        "column \"\(column.name)\" cannot be read from CSV: its type is \(column.type)")
    }
    let input = try CSVInput.beginning(path, on: disk, memory: context.memory)
    try Self.refuseOtherFormats(input)
    guard let chosen = settings.columns else {
      let sniffer = try CSVSniffer(input, on: disk, settings, fills: expected, context)
      return CSVScan(
        input, sniffer, on: disk, options: settings, pieceSizeBytes: pieceSizeBytes)
    }
    // Who chooses columns has others in the file: those of the table are found by their names.
    let sniffer = try CSVSniffer(
      input, on: disk, settings, fills: nil, known: expected ?? [], context)
    let scan = CSVScan(
      input, sniffer, on: disk, options: settings, pieceSizeBytes: pieceSizeBytes)
    return try ChosenScan(scan, chosen, of: path)
  }

  /// Says what a file is whose first bytes give it away.
  private static func refuseOtherFormats(_ input: CSVInput) throws(SQLError) {
    for (start, name) in signatures where input.bytes.starts(with: start) {
      throw SQLError(
        .badCopyFileFormat, "\(input.path): not CSV but \(name)",
        hint: name.hasSuffix("data")
          ? "gzip, bzip2 and zstd are read, each once: unpack the file first."
          : name.hasPrefix("UTF-16") ? "Convert it: iconv -f UTF-16 -t UTF-8." : nil)
    }
    if input.bytes.prefix(4096).contains(0) {
      throw SQLError(.badCopyFileFormat, "\(input.path): not CSV but a binary file")
    }
  }

  private static let signatures: [(start: [UInt8], name: String)] = [
    ([0x1F, 0x8B], "gzip-compressed data"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd-compressed data"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz-compressed data"),
    ([0x04, 0x22, 0x4D, 0x18], "lz4-compressed data"), ([0x1F, 0x9D], "compress'ed data"),
    ([0xFF, 0xFE], "UTF-16 text"), ([0xFE, 0xFF], "UTF-16 text"),
    (Array("ORC".utf8) + [8], "an ORC file"),
    (Array("PAR1".utf8), "a Parquet file"), (Array("SIMPLE  =".utf8), "a FITS file"),
    (Array("<?xml".utf8), "an XML file"), (Array("PK".utf8) + [3, 4], "a zip archive"),
  ]
}
