import Sky
import Testing

/// Compares with independent implementations; see `oracle/tables.py`.
@Suite("Oracles")
struct OracleTests {
  private func rows(_ table: String) -> [[Substring]] {
    table.split(separator: "\n").map { $0.split(separator: " ") }
  }

  @Test("cells and neighbours are those of healpy and cdshealpix")
  func cells() throws {
    let rows = rows(OracleTables.cells)
    #expect(rows.count > 200)
    for row in rows {
      let order = try #require(Int(row[0]))
      let lon = try #require(Double(row[1]))
      let lat = try #require(Double(row[2]))
      let numbers = row[3...].compactMap { Int64($0) }
      #expect(HEALPix.index(order: order, lonDeg: lon, latDeg: lat) == numbers[0])
      #expect(HEALPix.neighbours(order: order, index: numbers[0]) == Array(numbers[1...]))
    }
  }

  @Test("separations are those of 50-digit arithmetic")
  func separations() throws {
    let rows = rows(OracleTables.separations)
    #expect(rows.count == 160)
    for row in rows {
      let values = row.compactMap { Double($0) }
      try #require(values.count == 5)
      let found = Separation.degrees(values[0], values[1], values[2], values[3])
      let errorMicroArcsec = abs(found - values[4]) * 3.6e9
      #expect(errorMicroArcsec <= (values[4] < 1 / 3600.0 ? 1e-8 : 2e-4), "\(row)")
    }
  }

  @Test("the column form gives the scalar form's bits", arguments: [0, 7, 18, 29])
  func columns(order: Int) {
    var random = Randomness(seed: 4)
    var positions = awkwardPositions + (0..<3000).map { _ in random.position() }
    positions += [(.nan, 0), (0, .nan), (.infinity, 1), (5, 90.1), (1e20, 12), (-500, 3), (361, 2)]
    // Cell borders: centres and corners of coarser cells.
    for coarse in 0...min(order, 3) {
      for index in 0..<HEALPix.cellCount(order: coarse) {
        positions += HEALPix.corners(order: coarse, index: index)
        positions += [HEALPix.center(order: coarse, index: index)].compactMap { $0 }
      }
    }
    let expected = positions.map {
      HEALPix.index(order: order, lonDeg: $0.lonDeg, latDeg: $0.latDeg) ?? -1
    }
    for count in [0, 1, 63, 64, 65, 1023, 1024, positions.count] {
      var out = [Int64](repeating: -9, count: positions.count)
      let invalid = HEALPix.indices(
        order: order, lonDeg: positions.map(\.lonDeg), latDeg: positions.map(\.latDeg),
        count: count, into: &out)
      #expect(out[..<count] == expected[..<count])
      #expect(invalid == expected[..<count].count { $0 < 0 })
      #expect(out[count...].allSatisfy { $0 == -9 })
    }
    let limit = HEALPix.cellCount(order: order)
    #expect(expected.allSatisfy { $0 < limit })
  }
}
