import Base
import Engine
import FunctionKit
import Synchronization
import Vectors

/// An open CSV file. It has one part: whether a line end ends a record shows only from the front.
final class CSVScan: FileScan {
  let columns: [ResultColumn]
  /// Whether the types come from a sample and not from a table, column by column.
  let isGuessed: [Bool]
  let delimiter: UInt8
  let hasHeader: Bool
  let options: CSVOptions
  private let path: String
  private let disk: any Disk
  /// What the sniffer has looked at; it goes to the first who reads. A pipe has no other.
  private let sniffed: Mutex<CSVInput?>
  private let progress = Atomic<Double>(0)

  init(
    _ input: sending CSVInput, _ sniffer: CSVSniffer, on disk: any Disk, options: CSVOptions
  ) {
    columns = sniffer.columns
    isGuessed = sniffer.isGuessed
    delimiter = sniffer.delimiter
    hasHeader = sniffer.hasHeader
    path = input.path
    self.disk = disk
    self.options = options
    sniffed = Mutex(input)
  }

  var rowCount: Int? { nil }
  var partCount: Int { 1 }
  var fractionRead: Double? { progress.load(ordering: .relaxed) }

  func open(
    part: Int, columns: [Int], context: QueryContext
  ) throws(SQLError) -> any BatchGenerator {
    if let input = takeSniffed() {
      return try CSVRows(input, of: self, columns: columns, context: context)
    }
    let input = try CSVInput.beginning(path, on: disk, memory: context.memory)
    return try CSVRows(input, of: self, columns: columns, context: context)
  }

  private func takeSniffed() -> CSVInput? {
    sniffed.withLock { input in
      let taken = input
      input = nil
      return taken
    }
  }

  func show(fractionRead: Double) { progress.store(fractionRead, ordering: .relaxed) }
}
