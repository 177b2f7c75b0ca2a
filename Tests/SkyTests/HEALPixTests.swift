import Sky
import Testing

@Suite("HEALPix cells")
struct HEALPixTests {
  struct Vector: Sendable, CustomTestStringConvertible {
    let name: String
    let order: Int
    let lon: Double
    let lat: Double
    let index: Int64?
    var testDescription: String { name }

    init(_ name: String, _ order: Int, _ lon: Double, _ lat: Double, _ index: Int64?) {
      (self.name, self.order, self.lon, self.lat, self.index) = (name, order, lon, lat, index)
    }
  }

  static let vectors = [
    Vector("IVOA UDF catalogue, order 0", 0, 1, 1, 4),
    Vector("IVOA UDF catalogue, order 17", 17, 1, 1, 81_609_757_711),
    Vector("IVOA UDF catalogue, across zero", 17, 359, -1, 73_009_064_944),
    Vector("north pole", 29, 0, 90, 288_230_376_151_711_743),
    Vector("south pole", 29, 0, -90, 2_305_843_009_213_693_952),
    Vector("longitude 361", 17, 361, 1, 81_609_757_711),
    Vector("longitude -719", 17, -719, 1, 81_609_757_711),
    Vector("longitude -1", 17, -1, -1, 73_009_064_944),
    Vector("tiny negative longitude", 0, -1e-300, 0, 4),
    Vector("NaN longitude", 3, .nan, 0, nil),
    Vector("NaN latitude", 3, 0, .nan, nil),
    Vector("infinite longitude", 3, .infinity, 0, nil),
    Vector("infinite latitude", 3, 0, -.infinity, nil),
    Vector("latitude above 90", 3, 0, 90.00000000000001, nil),
    Vector("negative order", -1, 0, 0, nil),
    Vector("order 30", 30, 0, 0, nil),
  ]

  @Test("finds the cell of a position", arguments: vectors)
  func known(_ vector: Vector) {
    #expect(
      HEALPix.index(order: vector.order, lonDeg: vector.lon, latDeg: vector.lat) == vector.index)
  }

  @Test("every cell holds its own centre, completely to order 4 and in samples below")
  func roundTrip() {
    for order in 0...29 {
      let count = HEALPix.cellCount(order: order)
      let step = max(1, count / 3001)
      for index in stride(from: 0, to: count, by: Int(step)) {
        guard let center = HEALPix.center(order: order, index: Int64(index)) else {
          Issue.record("no centre at order \(order), index \(index)")
          return
        }
        let found = HEALPix.index(order: order, lonDeg: center.lonDeg, latDeg: center.latDeg)
        #expect(found == Int64(index), "order \(order)")
      }
    }
    #expect(HEALPix.center(order: 2, index: 192) == nil)
    #expect(HEALPix.center(order: 2, index: -1) == nil)
    #expect(HEALPix.center(order: 30, index: 0) == nil)
  }

  @Test("neighbourhood is mutual, and has a gap at each of 24 corners", arguments: [1, 2, 3])
  func neighbours(order: Int) {
    var gaps = 0
    for index in 0..<HEALPix.cellCount(order: order) {
      let around = HEALPix.neighbours(order: order, index: index)
      #expect(around.count == 8)
      gaps += around.count { $0 < 0 }
      #expect(Set(around.filter { $0 >= 0 }).count == around.count { $0 >= 0 })
      for other in around where other >= 0 {
        #expect(HEALPix.neighbours(order: order, index: other).contains(index))
      }
    }
    #expect(gaps == 24)
    #expect(HEALPix.neighbours(order: order, index: -1).isEmpty)
  }
}
