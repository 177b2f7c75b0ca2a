import Base
import Engine
import FunctionKit
import Synchronization
import Vectors

/// An open CSV file. It has one part: whether a line end ends a record shows only from the front.
final class CSVScan: FileScan {
  let columns: [ResultColumn]
  let options: CSVOptions
  let hasHeader: Bool
  /// Whether the types come from the first rows and not from a table.
  let isGuessed: Bool
  private let path: String
  private let disk: any Disk
  /// What the sniffer has looked at; it goes to the first who reads. A pipe has no other.
  private let sniffed: Mutex<CSVInput?>
  private let progress = Atomic<Double>(0)

  init(
    _ input: sending CSVInput, _ sniffer: CSVSniffer, on disk: any Disk, options: CSVOptions,
    isGuessed: Bool
  ) {
    columns = sniffer.columns
    hasHeader = sniffer.hasHeader
    path = input.path
    self.disk = disk
    self.options = options
    self.isGuessed = isGuessed
    sniffed = Mutex(input)
  }

  var rowCount: Int? { nil }
  var partCount: Int { 1 }
  var fractionRead: Double? { progress.load(ordering: .relaxed) }

  func open(
    part: Int, columns: [Int], context: QueryContext
  ) throws(SQLError) -> any BatchGenerator {
    if let input = takeSniffed() {
      return CSVRows(input, of: self, columns: columns, context: context)
    }
    let input = try CSVInput.beginning(path, on: disk, memory: context.memory)
    return CSVRows(input, of: self, columns: columns, context: context)
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
