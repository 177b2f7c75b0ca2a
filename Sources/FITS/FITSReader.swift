import Base
import Engine
import Formats
import FunctionKit
import Synchronization
import Vectors

/// Reads binary tables of FITS files.
///
/// Options: `hdu`, a number (0 is the primary HDU) or an EXTNAME, else the first binary table;
/// `columns`, the columns to offer; `nan 'keep'`, for NaN in place of NULL.
public struct FITSReader: FileReader {
  public let names = ["fits"]
  public let endings = ["fits", "fit", "fts"]

  public init() {}

  public func check(_ options: FileOptions) throws(SQLError) { _ = try FITSOptions(options) }

  public func open(
    _ path: String, on disk: any Disk, expected: [ResultColumn]?, options: FileOptions,
    context: QueryContext
  ) throws(SQLError) -> any FileScan {
    let options = try FITSOptions(options)
    let file = try disk.open(path)
    let table = try FITSFile.table(in: file, at: options.unit, context: context)
    let chosen = try Self.choose(table, options, expected)
    return try FITSScan(file, table, chosen, keepsNaN: options.keepsNaN)
  }

  /// The columns that the file offers. Complex numbers are refused, unless nobody wants them.
  private static func choose(
    _ table: FITSTable, _ options: FITSOptions, _ expected: [ResultColumn]?
  ) throws(SQLError) -> [FITSColumn] {
    var chosen = table.columns
    if let names = options.columns {
      let known = table.columns.map(\.result.name)
      let positions = try ChosenColumns.positions(of: names, among: known) {
        state, what, hint in
        table.place.error(state, what, hint: hint)
      }
      chosen = positions.map { table.columns[$0] }
    } else if let expected {
      let wanted = Set(expected.map { $0.name.lowercased() })
      chosen = chosen.filter {
        !$0.form.element.isComplex || wanted.contains($0.result.name.lowercased())
      }
    }
    if let complex = chosen.first(where: { $0.form.element.isComplex }) {
      throw table.place.error(
        .featureNotSupported,
        "column \"\(complex.result.name)\" has complex numbers (TFORM "
          + "\(complex.form.element.letter)), which have no type here",
        hint: "Leave it out: name the others in columns => (…).")
    }
    return chosen
  }
}

/// An open table. Its parts are ranges of rows.
final class FITSScan: FileScan {
  let columns: [ResultColumn]
  let table: FITSTable
  let handles: FITSHandles
  let keepsNaN: Bool
  private let chosen: [FITSColumn]
  private let rowsPerPart: Int
  private let rowsRead = Atomic<Int>(0)

  init(
    _ file: any ReadableFile, _ table: FITSTable, _ chosen: [FITSColumn], keepsNaN: Bool
  ) throws(SQLError) {
    self.table = table
    self.chosen = chosen
    self.keepsNaN = keepsNaN
    columns = chosen.map(\.result)
    handles = try FITSHandles(file, table)
    // Some 16 MiB, so that opening the file again for a part costs nothing in comparison.
    let batches = max(1, (16 << 20) / max(1, table.rowSizeBytes) / Batch.capacity)
    rowsPerPart = min(batches, 1024) * Batch.capacity
  }

  var rowCount: Int? { table.rowCount }
  var partCount: Int {
    max(1, table.rowCount / rowsPerPart + (table.rowCount % rowsPerPart == 0 ? 0 : 1))
  }
  var fractionRead: Double? {
    table.rowCount == 0 ? nil : Double(rowsRead.load(ordering: .relaxed)) / Double(table.rowCount)
  }

  func open(
    part: Int, columns: [Int], context: QueryContext
  ) throws(SQLError) -> any BatchGenerator {
    let start = part * rowsPerPart
    let end = start + min(rowsPerPart, table.rowCount - start)
    return try FITSPart(self, rows: start..<end, columns.map { chosen[$0] }, context: context)
  }

  func addRead(_ rowCount: Int) { rowsRead.wrappingAdd(rowCount, ordering: .relaxed) }
}
