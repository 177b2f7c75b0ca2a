import Base
import Sky
import Vectors

/// Finds where the rows of each group of a table lie on the sky while they pass by.
struct SkyGroups {
  private let sky: SkyColumns
  private let groupRows: Int
  private var builder = SkyZonesBuilder()
  private var rowsInGroup = 0

  init(_ sky: SkyColumns, groupRows: Int) {
    self.sky = sky
    self.groupRows = groupRows
  }

  mutating func append(_ batch: Batch) {
    var done = 0
    while done < batch.rowCount {
      let here = min(batch.rowCount - done, groupRows - rowsInGroup)
      let part = batch.projected(to: [sky.cell, sky.lon, sky.lat]).slice(from: done, count: here)
      builder.append(
        cells: part.columns[0], Positions(lon: part.columns[1], lat: part.columns[2]))
      done += here
      rowsInGroup += here
      if rowsInGroup == groupRows { endGroup() }
    }
  }

  private mutating func endGroup() {
    builder.endGroup()
    rowsInGroup = 0
  }

  mutating func finish() -> [GroupZone] {
    if rowsInGroup > 0 { endGroup() }
    return builder.zones
  }
}

/// Finds where the rows of each group lie on the sky; the caller says where groups end.
struct SkyZonesBuilder {
  private(set) var zones: [GroupZone] = []
  private var cells: [Int64] = []
  private var points: [UnitVector] = []
  private var outsideCount = 0

  /// Rows of the group in the making: their order-29 cells (NULL for an invalid position) and
  /// their positions in degrees.
  mutating func append(cells cellVector: Vector, _ positions: Positions) {
    let vector = cellVector.flattened()
    let values = vector.values(as: Int64.self)
    for row in 0..<vector.count {
      if !vector.isNull(row) { cells.append(values[row]) }
      let lonDeg = positions.lonDeg[row]
      let latDeg = positions.latDeg[row]
      if lonDeg.isFinite, abs(latDeg) <= 90 {
        points.append(UnitVector(lonDeg: lonDeg, latDeg: latDeg))
      } else {
        outsideCount += positions.isKnown(row) ? 1 : 0
      }
    }
  }

  mutating func endGroup() {
    var zone = GroupZone(
      cells: HEALPixRange(lower: 0, upper: 0), cap: BoundingCap(holding: points), occupancy: 0,
      outsideCount: outsideCount)
    if let lowest = cells.min(), let highest = cells.max() {
      zone.cells = nil
      zone.occupancy = nil
      let range = HEALPixRange(lower: lowest, upper: highest &+ 1)
      // Cells from elsewhere may be no cells at all; then nothing is known.
      if let occupancy = Occupancy(enclosing: range) {
        zone.cells = range
        zone.occupancy = cells.reduce(0) { $0 | occupancy.bit(of: $1) }
      }
    }
    zones.append(zone)
    cells.removeAll(keepingCapacity: true)
    points.removeAll(keepingCapacity: true)
    outsideCount = 0
  }
}

/// Positions in degrees as plain numbers; NULL is NaN.
struct Positions {
  let lonDeg: UnsafePointer<Double>
  let latDeg: UnsafePointer<Double>
  private let owners: (Vector, Vector)
  private let validity: ValidityMask?

  init(lon: Vector, lat: Vector) {
    let (lon, lat) = (lon.flattened(), lat.flattened())
    validity = ValidityMask.and(lon.validity, lat.validity, count: lon.count)
    owners = (Self.doubles(lon), Self.doubles(lat))
    lonDeg = UnsafePointer(owners.0.values(as: Double.self))
    latDeg = UnsafePointer(owners.1.values(as: Double.self))
  }

  /// Are both coordinates there, be they a place or not?
  func isKnown(_ row: Int) -> Bool { validity?.isValid(row) ?? true }

  /// Types that positions may have.
  static func supports(_ type: LogicalType) -> Bool { type.isFloat }

  private static func doubles(_ vector: Vector) -> Vector {
    let flat = vector.flattened()
    if flat.physical == .float64, flat.nullCount == 0 { return flat }
    let result = Vector(type: .float64, count: flat.count)
    let out = result.values(as: Double.self)
    if flat.physical == .float64 {
      out.update(from: flat.values(as: Double.self), count: flat.count)
    } else {
      let values = flat.values(as: Float.self)
      for row in 0..<flat.count { out[row] = Double(values[row]) }
    }
    if let validity = flat.validity {
      for row in 0..<flat.count where !validity.isValid(row) { out[row] = .nan }
    }
    return result
  }
}
