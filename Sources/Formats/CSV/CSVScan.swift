import Base
import Engine
import FunctionKit
import Synchronization
import Vectors

/// An open CSV file. A long one has parts; pipes and compressed files have one.
final class CSVScan: FileScan {
  let columns: [ResultColumn]
  /// Whether the types come from a sample and not from a table, column by column.
  let isGuessed: [Bool]
  let delimiter: UInt8
  /// Whether the text begins with names; parts begin behind them.
  let hasHeader: Bool
  let options: CSVOptions
  private let path: String
  private let disk: any Disk
  /// What the sniffer has looked at; it goes to the first who reads. A pipe has no other.
  private let sniffed: Mutex<CSVInput?>
  private let progress = Atomic<Double>(0)
  private let parts: CSVParts?

  init(
    _ input: sending CSVInput, _ sniffer: CSVSniffer, on disk: any Disk, options: CSVOptions,
    pieceSizeBytes: Int
  ) {
    columns = sniffer.columns
    isGuessed = sniffer.isGuessed
    delimiter = sniffer.delimiter
    hasHeader = sniffer.hasHeader
    path = input.path
    self.disk = disk
    self.options = options
    parts = input.plainFile.flatMap {
      CSVParts(
        $0, from: input.startOffset + sniffer.headerSizeBytes, textStart: input.startOffset,
        pieceSizeBytes: pieceSizeBytes,
        CSVTokenizer(delimiter: sniffer.delimiter), columnCount: sniffer.columns.count)
    }
    sniffed = Mutex(parts == nil ? input : nil)
  }

  var rowCount: Int? { nil }
  var partCount: Int { parts?.count ?? 1 }
  var isInParts: Bool { parts != nil }
  var fractionRead: Double? { progress.load(ordering: .relaxed) }

  func open(
    part: Int, columns: [Int], context: QueryContext
  ) throws(SQLError) -> any BatchGenerator {
    let input: CSVInput
    if let parts {
      let range = try parts.range(of: part, memory: context.memory)
      input = try CSVInput(parts.file, range, memory: context.memory)
    } else {
      input = try beginning(context)
    }
    return try CSVRows(input, of: self, part: part, columns: columns, context: context)
  }

  /// Lines before a part, for messages; 0 if they cannot be counted any more.
  func lineCount(before part: Int, _ context: QueryContext) -> Int {
    (try? parts?.lineCount(before: part, context)) ?? 0
  }

  private func beginning(_ context: QueryContext) throws(SQLError) -> CSVInput {
    let first = sniffed.withLock { input in
      let taken = input
      input = nil
      return taken
    }
    if let first { return first }
    return try CSVInput.beginning(path, on: disk, memory: context.memory)
  }

  func show(fractionRead: Double) { progress.store(fractionRead, ordering: .relaxed) }
}
