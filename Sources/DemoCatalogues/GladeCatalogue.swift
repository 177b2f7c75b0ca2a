import Base
import Catalog
import Vectors

/// Galaxies of GLADE nearer than 230 Mpc with stellar masses: the Mangrove catalogue.
///
/// The file is CSV without quotes, a header and eight fields a line. Names are written as Python
/// shows bytes, `b'PGC1466850'`, and `b'None'` where there is none; an empty field is NULL.
public struct GladeCatalogue: DemoCatalogue {
  private static let header =
    "HyperLEDA_name,2MASS_name,ra,dec,lum_dist,dist_err,stellarmass,ang_dist"
  private static let readBytes = 1 << 20
  private static let lineLimitBytes = 4096

  public init() {}

  public let tableName = "glade"
  public let fileName = "mangrove_filtered.csv"
  public let publishedRowCount = 295_341
  public let order = TableOrder.sky(lon: "ra", lat: "dec")
  public let description = "Galaxies of GLADE nearer than 230 Mpc with stellar masses (Mangrove)"
  public let credits = [
    "GLADE: Dálya et al. 2018, MNRAS 479, 2374; Mangrove: Ducoin et al. 2020, MNRAS 492, 4768;",
    "  the file is part of fink-filters (Apache-2.0).",
  ]

  public let columns = [
    ColumnDefinition(
      "hyperleda_name", .text, ucd: "meta.id;meta.main", description: "Name in HyperLEDA"),
    ColumnDefinition("twomass_name", .text, ucd: "meta.id", description: "Name in 2MASS"),
    ColumnDefinition(
      "ra", .float64, isNullable: false, unit: "deg", ucd: "pos.eq.ra;meta.main",
      description: "Right ascension, J2000"),
    ColumnDefinition(
      "dec", .float64, isNullable: false, unit: "deg", ucd: "pos.eq.dec;meta.main",
      description: "Declination, J2000"),
    ColumnDefinition(
      "lum_dist", .float64, isNullable: false, unit: "Mpc", ucd: "pos.distance",
      description: "Luminosity distance"),
    ColumnDefinition(
      "dist_err", .float64, unit: "Mpc", ucd: "stat.error;pos.distance",
      description: "Error of the luminosity distance"),
    ColumnDefinition(
      "stellarmass", .float64, unit: "log(solMass)", ucd: "phys.mass",
      description: "Decimal logarithm of the stellar mass in solar masses"),
    ColumnDefinition(
      "ang_dist", .float64, isNullable: false, unit: "Mpc", ucd: "pos.distance",
      description: "Angular-diameter distance"),
  ]

  public func load(
    _ path: String, on disk: any Disk, into append: (Batch) throws(SQLError) -> Void,
    progress: (LoadProgress) throws(SQLError) -> Void
  ) throws(SQLError) {
    let file = try disk.open(path)
    var builders = newBuilders()
    var offset = 0
    // The header is line 0.
    var row = -1
    while offset < file.sizeBytes {
      let block = try file.read(at: offset, count: min(Self.readBytes, file.sizeBytes - offset))
      let bytes = UnsafeRawBufferPointer(start: block.base, count: block.count)
      var start = 0
      while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        if row < 0 { try checkHeader(line, path) } else {
          try add(line, to: builders, row: row + 1, path: path)
        }
        row += 1
        start = end + 1
        if row > 0, row % Batch.capacity == 0 {
          try append(batch(of: builders))
          builders = newBuilders()
        }
      }
      guard start > 0 else {
        throw corrupt(path, row: row + 1, "the line does not end, at byte \(offset)")
      }
      offset += start
      try progress(
        LoadProgress(rowsRead: max(0, row), bytesRead: offset, sizeBytes: file.sizeBytes))
    }
    guard row == publishedRowCount else {
      throw corrupt(
        path, byte: offset, "\(publishedRowCount) rows expected: \(max(0, row))")
    }
    if builders[0].count > 0 { try append(batch(of: builders)) }
    withExtendedLifetime(file) {}
  }

  private func newBuilders() -> [VectorBuilder] { columns.map { VectorBuilder(type: $0.type) } }

  private func batch(of builders: [VectorBuilder]) -> Batch {
    let rowCount = builders[0].count
    return Batch(columns: builders.map { $0.finish() }, rowCount: rowCount)
  }

  private func checkHeader(_ line: UnsafeRawBufferPointer, _ path: String) throws(SQLError) {
    guard line.elementsEqual(Self.header.utf8) else {
      throw corrupt(path, byte: 0, "the header expected is \"\(Self.header)\"")
    }
  }

  private func add(
    _ line: UnsafeRawBufferPointer, to builders: [VectorBuilder], row: Int, path: String
  ) throws(SQLError) {
    guard line.count <= Self.lineLimitBytes, row <= publishedRowCount else {
      throw corrupt(path, row: row, "not a line of this file: \(line.count) bytes")
    }
    let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard fields.count == columns.count else {
      throw corrupt(path, row: row, "\(columns.count) fields expected: \(fields.count)")
    }
    for (column, field) in fields.enumerated() {
      let text = UnsafeRawBufferPointer(rebasing: field)
      if column < 2 {
        try addName(text, column, to: builders[column], row: row, path: path)
      } else {
        try addNumber(text, column, to: builders[column], row: row, path: path)
      }
    }
  }

  private func addName(
    _ text: UnsafeRawBufferPointer, _ column: Int, to builder: VectorBuilder, row: Int,
    path: String
  ) throws(SQLError) {
    guard text.count > 3, text.starts(with: "b'".utf8), text.last == UInt8(ascii: "'"),
      text.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "\\") })
    else {
      throw corrupt(
        path, row: row,
        "column \"\(columns[column].name)\" is not a name: \"\(FixedPoint.shown(text))\"")
    }
    let name = UnsafeRawBufferPointer(rebasing: text[2..<text.count - 1])
    if name.elementsEqual("None".utf8) { return builder.appendNull() }
    _ = builder.append(bytes: name)
  }

  private func addNumber(
    _ text: UnsafeRawBufferPointer, _ column: Int, to builder: VectorBuilder, row: Int,
    path: String
  ) throws(SQLError) {
    let definition = columns[column]
    if text.isEmpty, definition.isNullable { return builder.appendNull() }
    let number = try? NumberText.parseDouble(text)
    guard let number, Self.range(of: definition.name).contains(number) else {
      throw corrupt(
        path, row: row,
        "column \"\(definition.name)\" is not a number in its range: \"\(FixedPoint.shown(text))\"")
    }
    builder.append(fixed: number)
  }

  private static func range(of column: String) -> ClosedRange<Double> {
    switch column {
    case "ra": 0...360
    case "dec": -90...90
    case "stellarmass": -1...20
    default: 0...1000
    }
  }
}
