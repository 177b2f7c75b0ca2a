import Base
import Catalog
import Vectors

/// A bright subset of Tycho-2 (Høg et al. 2000) from a star index of Astrometry.net.
///
/// The file is FITS with 14 units; three of them hold the stars, in the same order:
/// `kdtree_range_stars`, seven little-endian Doubles: the smallest and the largest x, y and z, and how
/// many steps there are to one; `kdtree_data_stars`, three little-endian UInt32 a star, the unit
/// vector in such steps above the smallest x, y and z; `MAG_VT`, a big-endian Float a star.
/// The index was thinned to ten of the brightest stars in each of 12·156² cells of the sky.
public struct Tycho2Catalogue: DemoCatalogue {
  private static let vectorBytes = 12
  private static let magnitudeBytes = 4
  private static let rowsPerRead = Batch.capacity * 64

  public init() {}

  public let tableName = "tycho2"
  public let fileName = "index-tycho2-07.littleendian.fits"
  public let publishedRowCount = 1_871_011
  public let order = TableOrder.sky(lon: "ra", lat: "dec")
  public let description =
    "Tycho-2, a bright subset thinned to an even density, without identifiers and motions"
  public let credits = [
    "Tycho-2: Høg et al. 2000, A&A 355, L27; positions and VT of the bright, evenly thinned subset",
    "  in the Astrometry.net index 4107 (Debian package, BSD-2-Clause): neither all stars nor motions.",
  ]

  public let columns = [
    ColumnDefinition(
      "ra", .float64, isNullable: false, unit: "deg", ucd: "pos.eq.ra;meta.main",
      description: "Right ascension, ICRS, from a unit vector in steps of 0.0001 arcsec"),
    ColumnDefinition(
      "dec", .float64, isNullable: false, unit: "deg", ucd: "pos.eq.dec;meta.main",
      description: "Declination, ICRS, from a unit vector in steps of 0.0001 arcsec"),
    ColumnDefinition(
      "vt_mag", .float32, isNullable: false, unit: "mag", ucd: "phot.mag;em.opt.V",
      description: "Magnitude in the Tycho V band"),
  ]

  public func load(
    _ path: String, on disk: any Disk, into append: (Batch) throws(SQLError) -> Void,
    progress: (LoadProgress) throws(SQLError) -> Void
  ) throws(SQLError) {
    let file = try disk.open(path)
    let tables = try FITSTables(of: file, corrupt: { self.corrupt(path, byte: $0, $1) })
    let ranges = try tables.table("kdtree_range_stars", rowBytes: 8, rowCount: 7)
    let vectors = try tables.table(
      "kdtree_data_stars", rowBytes: Self.vectorBytes, rowCount: publishedRowCount)
    let magnitudes = try tables.table(
      "MAG_VT", rowBytes: Self.magnitudeBytes, rowCount: publishedRowCount)
    let scale = try readScale(of: file, at: ranges)
    var row = 0
    while row < publishedRowCount {
      let rowCount = min(Self.rowsPerRead, publishedRowCount - row)
      let places = try file.read(
        at: vectors + row * Self.vectorBytes, count: rowCount * Self.vectorBytes)
      let brightness = try file.read(
        at: magnitudes + row * Self.magnitudeBytes, count: rowCount * Self.magnitudeBytes)
      for start in stride(from: 0, to: rowCount, by: Batch.capacity) {
        let end = min(rowCount, start + Batch.capacity)
        try append(
          decode(
            places[start * Self.vectorBytes..<end * Self.vectorBytes],
            brightness[start * Self.magnitudeBytes..<end * Self.magnitudeBytes],
            scale, rowCount: end - start, firstRow: row + start, path: path))
      }
      row += rowCount
      let bytesRead = row * (Self.vectorBytes + Self.magnitudeBytes)
      let sizeBytes = publishedRowCount * (Self.vectorBytes + Self.magnitudeBytes)
      try progress(LoadProgress(rowsRead: row, bytesRead: bytesRead, sizeBytes: sizeBytes))
    }
  }

  /// How steps become components of unit vectors.
  private struct Scale {
    var least: (Double, Double, Double)
    var stepsPerUnit: Double
  }

  private func readScale(of file: any ReadableFile, at offset: Int) throws(SQLError) -> Scale {
    let region = try file.read(at: offset, count: 56)
    let numbers = (0..<7).map { index in
      let bits = region.base.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
      return Double(bitPattern: UInt64(littleEndian: bits))
    }
    for (index, number) in numbers.enumerated() {
      let isSensible = index == 6 ? number >= 1 && number.isFinite : abs(number) <= 1
      guard isSensible else {
        throw corrupt(
          file.path, byte: offset + index * 8, "a range of unit vectors is not \(number)")
      }
    }
    return Scale(least: (numbers[0], numbers[1], numbers[2]), stepsPerUnit: numbers[6])
  }

  /// `firstRow` counts from 0.
  private func decode(
    _ places: ByteRegion, _ brightness: ByteRegion, _ scale: Scale, rowCount: Int, firstRow: Int,
    path: String
  ) throws(SQLError) -> Batch {
    let lonDeg = Vector(type: .float64, count: rowCount)
    let latDeg = Vector(type: .float64, count: rowCount)
    let magnitude = Vector(type: .float32, count: rowCount)
    for row in 0..<rowCount {
      let place = places.base + row * Self.vectorBytes
      let x = Self.steps(place, at: 0) / scale.stepsPerUnit + scale.least.0
      let y = Self.steps(place, at: 4) / scale.stepsPerUnit + scale.least.1
      let z = Self.steps(place, at: 8) / scale.stepsPerUnit + scale.least.2
      let norm = x * x + y * y + z * z
      guard abs(norm - 1) < 1e-8 else {
        throw corrupt(
          path, row: firstRow + row + 1,
          "columns \"ra\" and \"dec\" are no unit vector: its square is \(norm)")
      }
      (lonDeg.values(as: Double.self)[row], latDeg.values(as: Double.self)[row]) =
        SkyDirection.degrees(x: x, y: y, z: z)
      let bits = (brightness.base + row * Self.magnitudeBytes).loadUnaligned(as: UInt32.self)
      let value = Float(bitPattern: UInt32(bigEndian: bits))
      guard value > -2, value < 20 else {
        throw corrupt(
          path, row: firstRow + row + 1, "column \"vt_mag\" is not a magnitude: \(value)")
      }
      magnitude.values(as: Float.self)[row] = value
    }
    return Batch(columns: [lonDeg, latDeg, magnitude], rowCount: rowCount)
  }

  private static func steps(_ place: UnsafeRawPointer, at offset: Int) -> Double {
    Double(UInt32(littleEndian: place.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
  }
}
