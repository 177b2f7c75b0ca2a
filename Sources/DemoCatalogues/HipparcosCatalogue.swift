import Base
import Catalog
import Vectors

/// Hipparcos-2, the new reduction by van Leeuwen (2007; catalogue I/311 of the CDS).
///
/// The file `hip2.dat` is text: every line has 276 characters and a newline, every field a fixed
/// place in it. Positions are ICRS at epoch J1991.25 in radians; `ra` and `dec` are the same in
/// degrees, which makes 43 columns out of 41 fields.
public struct HipparcosCatalogue: DemoCatalogue {
  static let lineBytes = 277
  private static let linesPerRead = 4096

  public init() {}

  public let tableName = "hipparcos"
  public let fileName = "hip2.dat"
  public let publishedRowCount = 117_955
  public let order = TableOrder.sky(lon: "ra", lat: "dec")
  public let description = "Hipparcos, the new reduction (van Leeuwen 2007), epoch J1991.25"
  public let credits = [
    "Hipparcos-2: ESA, F. van Leeuwen 2007, A&A 474, 653 (CDS catalogue I/311), public domain."
  ]

  public let columns =
    HipparcosField.all.map(\.definition) + [
      ColumnDefinition(
        "ra", .float64, isNullable: false, unit: "deg", ucd: "pos.eq.ra;meta.main",
        description: "Right ascension, ICRS at epoch J1991.25: RArad in degrees"),
      ColumnDefinition(
        "dec", .float64, isNullable: false, unit: "deg", ucd: "pos.eq.dec;meta.main",
        description: "Declination, ICRS at epoch J1991.25: DErad in degrees"),
    ]

  public func load(
    _ path: String, on disk: any Disk, into append: (Batch) throws(SQLError) -> Void,
    progress: (LoadProgress) throws(SQLError) -> Void
  ) throws(SQLError) {
    let file = try disk.open(path)
    var row = 0
    while row < publishedRowCount {
      let offset = row * Self.lineBytes
      let wholeLines = max(0, file.sizeBytes - offset) / Self.lineBytes
      let rowCount = min(publishedRowCount - row, Self.linesPerRead, wholeLines)
      guard rowCount > 0 else {
        throw corrupt(
          path, row: row + 1,
          "cut short at byte \(file.sizeBytes): \(publishedRowCount) lines of \(Self.lineBytes) "
            + "bytes expected")
      }
      let block = try file.read(at: offset, count: rowCount * Self.lineBytes)
      for start in stride(from: 0, to: rowCount, by: Batch.capacity) {
        let count = min(Batch.capacity, rowCount - start)
        let lines = block[start * Self.lineBytes..<(start + count) * Self.lineBytes]
        try append(decode(lines, rowCount: count, firstRow: row + start, path: path))
      }
      row += rowCount
      try progress(
        LoadProgress(
          rowsRead: row, bytesRead: row * Self.lineBytes, sizeBytes: file.sizeBytes))
    }
    guard file.sizeBytes == row * Self.lineBytes else {
      throw corrupt(path, byte: row * Self.lineBytes, "the file should end here")
    }
  }

  /// `lines` holds `rowCount` whole lines; `firstRow` counts from 0.
  private func decode(
    _ lines: ByteRegion, rowCount: Int, firstRow: Int, path: String
  ) throws(SQLError) -> Batch {
    for row in 0..<rowCount where lines[(row + 1) * Self.lineBytes - 1] != UInt8(ascii: "\n") {
      throw corrupt(
        path, row: firstRow + row + 1,
        "line does not end at byte \((firstRow + row + 1) * Self.lineBytes - 1)")
    }
    var vectors: [Vector] = []
    for field in HipparcosField.all {
      vectors.append(
        try decode(field, of: lines, rowCount: rowCount, firstRow: firstRow, path: path))
    }
    let lonDeg = Self.degrees(vectors[HipparcosField.lonIndex])
    let latDeg = Self.degrees(vectors[HipparcosField.latIndex])
    try check(lonDeg, within: 0...360, field: "RArad", firstRow: firstRow, path: path)
    try check(latDeg, within: -90...90, field: "DErad", firstRow: firstRow, path: path)
    return Batch(columns: vectors + [lonDeg, latDeg], rowCount: rowCount)
  }

  private func decode(
    _ field: HipparcosField, of lines: ByteRegion, rowCount: Int, firstRow: Int, path: String
  ) throws(SQLError) -> Vector {
    let vector = Vector(type: field.definition.type, count: rowCount)
    let scale = FixedPoint.powersOfTen[field.decimalCount]
    for row in 0..<rowCount {
      let start = lines.base + row * Self.lineBytes + field.offset
      let text = UnsafeRawBufferPointer(start: start, count: field.lengthBytes)
      guard let digits = FixedPoint.digits(of: text, decimalCount: field.decimalCount) else {
        throw corrupt(
          path, row: firstRow + row + 1,
          "column \"\(field.definition.name)\" at byte "
            + "\((firstRow + row) * Self.lineBytes + field.offset) is not a number: "
            + "\"\(FixedPoint.shown(text))\"")
      }
      switch vector.physical {
      case .float64: vector.values(as: Double.self)[row] = Double(digits) / scale
      case .float32: vector.values(as: Float.self)[row] = Float(Double(digits) / scale)
      case .int32: vector.values(as: Int32.self)[row] = Int32(truncatingIfNeeded: digits)
      default: vector.values(as: Int16.self)[row] = Int16(truncatingIfNeeded: digits)
      }
    }
    return vector
  }

  private func check(
    _ vector: Vector, within range: ClosedRange<Double>, field: String, firstRow: Int,
    path: String
  ) throws(SQLError) {
    let values = vector.values(as: Double.self)
    for row in 0..<vector.count where !range.contains(values[row]) {
      throw corrupt(
        path, row: firstRow + row + 1,
        "column \"\(field)\" outside \(range.lowerBound)…\(range.upperBound) degrees: "
          + "\(values[row])")
    }
  }

  private static func degrees(_ radians: Vector) -> Vector {
    let result = Vector(type: .float64, count: radians.count)
    for row in 0..<radians.count {
      result.values(as: Double.self)[row] =
        radians.values(as: Double.self)[row] * (180 / Double.pi)
    }
    return result
  }
}
