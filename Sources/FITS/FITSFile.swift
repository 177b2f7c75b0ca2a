import Base
import Formats

/// Finds a table in a FITS file, checking every HDU on the way there.
///
/// The C library sees a file only behind this check: what it then parses has whole blocks, complete
/// headers, sizes that lie in the file, and forms that fill the row.
struct FITSFile {
  private let file: any ReadableFile
  private let context: QueryContext
  /// What was passed on the way, for messages.
  private var passed: [String] = []

  static func table(
    in file: any ReadableFile, at choice: FITSOptions.Unit?, context: QueryContext
  ) throws(SQLError) -> FITSTable {
    try checkBeginning(file)
    var search = FITSFile(file: file, context: context)
    return try search.find(choice)
  }

  private init(file: any ReadableFile, context: QueryContext) {
    self.file = file
    self.context = context
  }

  private static func checkBeginning(_ file: any ReadableFile) throws(SQLError) {
    let place = FITSPlace(path: file.path)
    guard file.sizeBytes > 0 else {
      throw place.error(
        .badCopyFileFormat, "not a FITS file: it is empty or a pipe",
        hint: "FITS is read from files, because its parts are read at their places.")
    }
    let start = try file.read(at: 0, count: min(file.sizeBytes, 9)).bytes
    if let compression = compressions.first(where: { start.starts(with: $0.start) }) {
      throw place.error(
        .badCopyFileFormat, "compressed with \(compression.name)",
        hint: "Unpack it first, with \(compression.name) -d.")
    }
    guard start.elementsEqual(Array("SIMPLE  =".utf8)) else {
      throw place.error(.badCopyFileFormat, "not a FITS file: it does not begin with SIMPLE")
    }
    guard file.sizeBytes % FITSHeader.blockSizeBytes == 0 else {
      throw place.damaged(
        "\(file.sizeBytes) bytes are not a whole number of blocks of 2880 bytes",
        hint: FITSPlace.truncationHint)
    }
  }

  private static let compressions: [(start: [UInt8], name: String)] = [
    ([0x1F, 0x8B], "gzip"), ([0x1F, 0x9D], "gzip"), (Array("BZh".utf8), "bzip2"),
    ([0xFD, 0x37, 0x7A, 0x58], "xz"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
  ]

  private mutating func find(_ choice: FITSOptions.Unit?) throws(SQLError) -> FITSTable {
    var index = 0
    var offset = 0
    while try isUnit(at: offset, index) {
      let unit = try FITSUnit(file, index: index, at: offset, context: context)
      let table = try check(unit)
      note(unit)
      if matches(unit, choice) {
        guard let table, !unit.isCompressed else { throw refusal(unit) }
        return table
      }
      offset = unit.endOffset
      index += 1
    }
    throw missing(choice)
  }

  /// Whether an HDU begins here; what else may follow the last one are special records.
  private func isUnit(at offset: Int, _ index: Int) throws(SQLError) -> Bool {
    if index == 0 { return true }
    guard offset < file.sizeBytes else { return false }
    return try file.read(at: offset, count: 8).bytes.elementsEqual(Array("XTENSION".utf8))
  }

  private func check(_ unit: FITSUnit) throws(SQLError) -> FITSTable? {
    switch unit.kind {
    case .binaryTable: return try FITSTable(unit, path: file.path)
    case .asciiTable: try FITSTable.checkASCII(unit, path: file.path)
    case .image, .other: break
    }
    return nil
  }

  private func matches(_ unit: FITSUnit, _ choice: FITSOptions.Unit?) -> Bool {
    switch choice {
    case nil: unit.kind == .binaryTable && !unit.isCompressed
    case .index(let index): unit.index == index
    case .name(let name): unit.name?.lowercased() == name.lowercased()
    }
  }

  // MARK: Messages

  private static let listLimit = 20

  private mutating func note(_ unit: FITSUnit) {
    guard passed.count <= Self.listLimit else { return }
    let name = unit.name.map { " \"\(VisibleText.line($0))\"" } ?? ""
    passed.append(
      passed.count == Self.listLimit ? "…" : "\(unit.index)\(name): \(Self.description(unit))")
  }

  private static func description(_ unit: FITSUnit) -> String {
    switch unit.kind {
    case .image: return unit.axes.isEmpty ? "no data" : "image"
    case .asciiTable: return "ASCII table"
    case .other(let name): return "extension \"\(VisibleText.line(name))\""
    case .binaryTable:
      if unit.header.isTrue("ZIMAGE") { return "compressed image" }
      if unit.header.isTrue("ZTABLE") { return "compressed table" }
      return "binary table"
    }
  }

  private func refusal(_ unit: FITSUnit) -> SQLError {
    FITSPlace(path: file.path, unit: unit.index).error(
      .featureNotSupported, "not a binary table but: \(Self.description(unit))",
      hint: "Binary tables can be read; of compressed tables and images, and of ASCII tables, "
        + "make one first.")
  }

  private func missing(_ choice: FITSOptions.Unit?) -> SQLError {
    let what: String
    switch choice {
    case nil: what = "the file has no binary table"
    case .index(let index): what = "the file has no HDU \(index)"
    case .name(let name): what = "the file has no HDU \"\(VisibleText.line(name))\""
    }
    return FITSPlace(path: file.path).error(
      .undefinedObject, what, hint: "It has HDU \(passed.joined(separator: ", ")).")
  }
}
