import Base

/// Where the binary tables of a FITS file are: just enough of the format for a file that is known.
/// A header is cards of 80 bytes in blocks of 2880; a unit's data fill up their last block.
struct FITSTables {
  private struct Table {
    let name: String
    let rowBytes: Int
    let rowCount: Int
    let offset: Int
    let headerOffset: Int
  }

  private static let blockBytes = 2880
  private static let cardBytes = 80
  private static let unitLimit = 64
  private static let headerBlockLimit = 64

  private var tables: [Table] = []
  private let sizeBytes: Int
  private let corrupt: (Int, String) -> SQLError

  /// `corrupt` makes the error for a byte and what is wrong there.
  init(of file: any ReadableFile, corrupt: @escaping (Int, String) -> SQLError) throws(SQLError) {
    self.corrupt = corrupt
    sizeBytes = file.sizeBytes
    var offset = 0
    for index in 0..<Self.unitLimit {
      guard offset < sizeBytes else { break }
      let headerOffset = offset
      let cards = try Self.header(of: file, at: &offset, isFirst: index == 0, corrupt: corrupt)
      let axisCount = cards.numbers["NAXIS"] ?? 0
      let rowBytes = axisCount == 2 ? cards.numbers["NAXIS1"] ?? 0 : 0
      let rowCount = axisCount == 2 ? cards.numbers["NAXIS2"] ?? 0 : 0
      let (dataBytes, isTooLarge) = rowBytes.multipliedReportingOverflow(by: rowCount)
      guard rowBytes >= 0, rowCount >= 0, !isTooLarge, dataBytes <= sizeBytes - offset else {
        throw corrupt(headerOffset, "a table of \(rowCount) rows does not fit into the file")
      }
      tables.append(
        Table(
          name: cards.columnName, rowBytes: rowBytes, rowCount: rowCount, offset: offset,
          headerOffset: headerOffset))
      offset += (dataBytes + Self.blockBytes - 1) / Self.blockBytes * Self.blockBytes
    }
  }

  /// The first byte of the data of the table with that first column; it has to have this shape.
  func table(_ name: String, rowBytes: Int, rowCount: Int) throws(SQLError) -> Int {
    guard let table = tables.first(where: { $0.name == name }) else {
      throw corrupt(sizeBytes, "table \"\(name)\" expected")
    }
    guard table.rowBytes == rowBytes, table.rowCount == rowCount else {
      throw corrupt(
        table.headerOffset,
        "table \"\(name)\" of \(rowCount) rows of \(rowBytes) bytes expected: "
          + "\(table.rowCount) of \(table.rowBytes)")
    }
    return table.offset
  }

  private struct Cards {
    var numbers: [String: Int] = [:]
    var columnName = ""
  }

  private static func header(
    of file: any ReadableFile, at offset: inout Int, isFirst: Bool,
    corrupt: (Int, String) -> SQLError
  ) throws(SQLError) -> Cards {
    var cards = Cards()
    for blockIndex in 0..<headerBlockLimit {
      guard file.sizeBytes - offset >= blockBytes else {
        throw corrupt(file.sizeBytes, "a FITS header is cut short")
      }
      let block = try file.read(at: offset, count: blockBytes)
      for start in stride(from: 0, to: blockBytes, by: cardBytes) {
        let card = Array(block[start..<start + cardBytes].bytes)
        let keyword = text(card[..<8])
        if blockIndex == 0, start == 0, keyword != (isFirst ? "SIMPLE" : "XTENSION") {
          throw corrupt(offset, "a FITS header expected")
        }
        if keyword == "END" {
          offset += blockBytes
          return cards
        }
        if ["NAXIS", "NAXIS1", "NAXIS2"].contains(keyword) {
          cards.numbers[keyword] = Int(text(card[10..<30]))
        } else if keyword == "TTYPE1" {
          cards.columnName = text(card[11...].prefix { $0 != UInt8(ascii: "'") })
        }
      }
      offset += blockBytes
    }
    throw corrupt(offset, "a FITS header does not end")
  }

  /// Without blanks at its ends.
  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    let blank = UInt8(ascii: " ")
    let start = bytes.firstIndex { $0 != blank } ?? bytes.endIndex
    let end = bytes.lastIndex { $0 != blank } ?? bytes.startIndex
    return start <= end && start < bytes.endIndex
      ? String(decoding: bytes[start...end], as: UTF8.self) : ""
  }
}
