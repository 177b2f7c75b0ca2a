import Base
import Formats
import Vectors

/// The structure of a binary table, checked: its columns fill the row, and rows and heap lie in the
/// file.
struct FITSTable: Sendable {
  let place: FITSPlace
  let columns: [FITSColumn]
  let rowCount: Int
  let rowSizeBytes: Int
  /// Data begin here in the file.
  let dataOffset: Int
  /// The heap is `heapStart ..< heapEnd`, counted from `dataOffset`.
  let heapStart: Int
  let heapEnd: Int

  private static let emptyRowLimit = 1 << 20

  init(_ unit: FITSUnit, path: String) throws(SQLError) {
    let place = FITSPlace(path: path, unit: unit.index)
    self.place = place
    rowSizeBytes = unit.axes[0]
    rowCount = unit.axes[1]
    // Rows without bytes cost nothing to claim: 5760 bytes of file could stand for 10^18 of them.
    guard rowSizeBytes > 0 || rowCount <= Self.emptyRowLimit else {
      throw place.damaged("NAXIS2 claims \(rowCount) rows of no bytes")
    }
    dataOffset = unit.dataOffset
    heapEnd = unit.dataSizeBytes
    heapStart = try Self.heapStart(unit, place)
    columns = try Self.columns(unit, place)
  }

  /// THEAP, which lies behind the rows and within PCOUNT.
  private static func heapStart(_ unit: FITSUnit, _ place: FITSPlace) throws(SQLError) -> Int {
    let rowsEnd = unit.dataSizeBytes - unit.parameterCount
    guard let card = unit.header["THEAP"] else { return rowsEnd }
    guard let value = card.value.integer, let start = Int(exactly: value), start >= rowsEnd,
      start <= unit.dataSizeBytes
    else {
      throw place.damaged(
        "THEAP is not within the \(unit.parameterCount) bytes behind the rows, "
          + "\(rowsEnd) to \(unit.dataSizeBytes)")
    }
    return start
  }

  private static func columns(
    _ unit: FITSUnit, _ place: FITSPlace
  ) throws(SQLError) -> [FITSColumn] {
    var columns: [FITSColumn] = []
    var offset = 0
    for number in 1..<unit.fieldCount + 1 {
      let keyword = "TFORM\(number)"
      guard let card = unit.header[keyword], let text = card.value.string else {
        throw place.damaged("\(keyword) is missing")
      }
      guard let form = FITSForm(text) else {
        throw place.damaged(
          "\(keyword) is no form of a binary table: \"\(VisibleText.line(text))\"")
      }
      guard let size = form.sizeBytes, size <= unit.axes[0] - offset else {
        throw place.damaged(
          "\(keyword) \"\(VisibleText.line(text))\" does not fit into a row of \(unit.axes[0]) "
            + "bytes behind the columns before it")
      }
      columns.append(
        try FITSColumn(number, form: form, offset: offset, header: unit.header, place: place))
      offset += size
    }
    guard offset == unit.axes[0] else {
      throw place.damaged("the columns have \(offset) bytes, but NAXIS1 is \(unit.axes[0])")
    }
    return distinctlyNamed(columns)
  }

  /// A name that was there already, in whatever case, gets a number behind it.
  private static func distinctlyNamed(_ columns: [FITSColumn]) -> [FITSColumn] {
    var result = columns
    var used = Set(columns.map { $0.result.name.lowercased() })
    var seen = Set<String>()
    for index in result.indices {
      let name = result[index].result.name
      guard !seen.insert(name.lowercased()).inserted else { continue }
      var number = 2
      while !used.insert("\(name)_\(number)".lowercased()).inserted { number += 1 }
      result[index].result.name = "\(name)_\(number)"
      seen.insert("\(name)_\(number)".lowercased())
    }
    return result
  }

  /// Checks what other readers of the file take from an ASCII table's header.
  static func checkASCII(_ unit: FITSUnit, path: String) throws(SQLError) {
    let place = FITSPlace(path: path, unit: unit.index)
    for number in 1..<unit.fieldCount + 1 {
      guard unit.header.text("TFORM\(number)") != nil else {
        throw place.damaged("TFORM\(number) is missing")
      }
      guard let start = unit.header["TBCOL\(number)"]?.value.integer, start >= 1,
        start <= max(1, unit.axes[0])
      else { throw place.damaged("TBCOL\(number) is not within a row of \(unit.axes[0]) bytes") }
    }
  }
}
