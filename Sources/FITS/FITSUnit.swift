import Base
import Formats

/// One HDU (header and data unit) of a file, its structure checked against the file's size.
struct FITSUnit: Sendable {
  enum Kind: Sendable, Equatable {
    case image, asciiTable, binaryTable
    /// An extension of another kind.
    case other(String)
  }

  let index: Int
  let kind: Kind
  let header: FITSHeader
  /// NAXISn.
  let axes: [Int]
  /// PCOUNT; for a table the bytes behind its rows.
  let parameterCount: Int
  /// TFIELDS of a table.
  let fieldCount: Int
  /// Where data begin in the file, and how long they are without padding.
  let dataOffset: Int
  let dataSizeBytes: Int

  /// The next HDU begins here, or the file ends.
  var endOffset: Int {
    let block = FITSHeader.blockSizeBytes
    return dataOffset + (dataSizeBytes + block - 1) / block * block
  }

  var name: String? { header.text("EXTNAME") }

  /// Images and tables that are kept compressed in a binary table.
  var isCompressed: Bool { header.isTrue("ZIMAGE") || header.isTrue("ZTABLE") }

  /// Reads and checks the HDU that begins at `offset`.
  ///
  /// The mandatory keywords must be the first ones and in the order of FITS 4.0, section 4.4.1.
  init(
    _ file: any ReadableFile, index: Int, at offset: Int, context: QueryContext
  ) throws(SQLError) {
    let place = FITSPlace(path: file.path, unit: index)
    header = try FITSHeader(file, at: offset, place: place, context: context)
    self.index = index
    var mandatory = FITSMandatoryCards(header, place)
    kind = index == 0 ? try mandatory.primary() : try mandatory.extensionKind()
    let bitsPerValue = try mandatory.bitsPerValue()
    axes = try mandatory.axes()
    var groupCount = 1
    if index == 0 {
      let isGroups = header.isTrue("GROUPS")
      parameterCount = isGroups ? try mandatory.anywhere("PCOUNT") : 0
      groupCount = isGroups ? try mandatory.anywhere("GCOUNT") : 1
    } else {
      parameterCount = try mandatory.count("PCOUNT")
      groupCount = try mandatory.count("GCOUNT")
    }
    let isTable = kind == .binaryTable || kind == .asciiTable
    fieldCount = isTable ? try mandatory.count("TFIELDS") : 0
    if isTable {
      guard bitsPerValue == 8, axes.count == 2, groupCount == 1, fieldCount <= 999 else {
        throw place.damaged(
          "a table has BITPIX 8, NAXIS 2, GCOUNT 1 and up to 999 columns, not BITPIX "
            + "\(bitsPerValue), NAXIS \(axes.count), GCOUNT \(groupCount), TFIELDS \(fieldCount)")
      }
    }
    dataOffset = offset + header.sizeBytes
    let size = Self.dataSize(
      axes, bitsPerValue: bitsPerValue, parameters: parameterCount, groups: groupCount,
      isGroups: index == 0 && header.isTrue("GROUPS"))
    guard let size, size <= file.sizeBytes - dataOffset else {
      throw place.damaged(
        "NAXIS and PCOUNT promise "
          + "\(size.map { "\($0) bytes" } ?? "more bytes than a file can have") of data from byte "
          + "\(dataOffset), but the file has \(file.sizeBytes) in all",
        hint: FITSPlace.truncationHint)
    }
    dataSizeBytes = size
    guard endOffset <= file.sizeBytes else {
      throw place.damaged(
        "the last block of 2880 bytes is cut off", hint: FITSPlace.truncationHint)
    }
  }

  /// |BITPIX| / 8 · GCOUNT · (PCOUNT + Π NAXISn); nil if that overflows.
  private static func dataSize(
    _ axes: [Int], bitsPerValue: Int, parameters: Int, groups: Int, isGroups: Bool
  ) -> Int? {
    guard !axes.isEmpty else { return 0 }
    // Random groups have NAXIS1 = 0, which does not count.
    var values = 1
    for axis in isGroups ? axes.dropFirst() : axes[...] {
      let (product, overflow) = values.multipliedReportingOverflow(by: axis)
      if overflow { return nil }
      values = product
    }
    let (sum, sumOverflow) = values.addingReportingOverflow(parameters)
    let (all, allOverflow) = sum.multipliedReportingOverflow(by: groups)
    let (bytes, overflow) = all.multipliedReportingOverflow(by: abs(bitsPerValue) / 8)
    // Room to add a header and to round up.
    return sumOverflow || allOverflow || overflow || bytes > Int.max / 4 ? nil : bytes
  }
}

/// The keywords that say how long an HDU is, taken one after the other from its first cards.
struct FITSMandatoryCards {
  private let header: FITSHeader
  private let place: FITSPlace
  private var next = 0

  init(_ header: FITSHeader, _ place: FITSPlace) {
    self.header = header
    self.place = place
  }

  private mutating func take(_ keyword: String) throws(SQLError) -> FITSCard.Content {
    guard next < header.cards.count, header.cards[next].keyword == keyword else {
      let there = next < header.cards.count ? header.cards[next].keyword : "END"
      throw place.damaged(
        "line \(next + 1) of the header must be \(keyword), not \"\(VisibleText.line(there))\"")
    }
    next += 1
    return header.cards[next - 1].value
  }

  mutating func primary() throws(SQLError) -> FITSUnit.Kind {
    guard try take("SIMPLE") == .logical(true) else {
      throw place.damaged("SIMPLE is not T: the file does not conform to FITS")
    }
    return .image
  }

  mutating func extensionKind() throws(SQLError) -> FITSUnit.Kind {
    guard let name = try take("XTENSION").string else {
      throw place.damaged("XTENSION is not a text")
    }
    switch name {
    case "BINTABLE", "A3DTABLE", "3DTABLE": return .binaryTable
    case "TABLE": return .asciiTable
    case "IMAGE": return .image
    default: return .other(name)
    }
  }

  mutating func bitsPerValue() throws(SQLError) -> Int {
    guard let bits = try take("BITPIX").integer, [8, 16, 32, 64, -32, -64].contains(bits) else {
      throw place.damaged("BITPIX is none of 8, 16, 32, 64, -32 and -64")
    }
    return Int(bits)
  }

  mutating func axes() throws(SQLError) -> [Int] {
    let count = try count("NAXIS")
    guard count <= 999 else { throw place.damaged("NAXIS is \(count), more than 999") }
    var result: [Int] = []
    for axis in 0..<count { result.append(try self.count("NAXIS\(axis + 1)")) }
    return result
  }

  /// The next card's value, a number from 0.
  mutating func count(_ keyword: String) throws(SQLError) -> Int {
    try checked(keyword, try take(keyword))
  }

  /// The same for a card at any place.
  func anywhere(_ keyword: String) throws(SQLError) -> Int {
    try checked(keyword, header[keyword]?.value ?? .none)
  }

  private func checked(_ keyword: String, _ value: FITSCard.Content) throws(SQLError) -> Int {
    guard let number = value.integer, let count = Int(exactly: number), count >= 0 else {
      throw place.damaged("\(keyword) is not a whole number from 0")
    }
    return count
  }
}
