import Base
import Testing

@testable import Functions

@Suite("Selection by rank, and whole numbers")
struct SelectionTests {
  /// Values of a kind: spread out, many equal, with NaN and infinities, of very different sizes.
  private static func values(_ kind: Int, _ count: Int) -> [Double] {
    var state: UInt64 = UInt64(kind * 1000 + count)
    return (0..<count).map { index in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let unit = Double(state >> 11) * 0x1p-53
      switch kind {
      case 0: return unit * 100 - 50
      case 1: return (unit * 4).rounded(.down)
      case 2: return index % 7 == 0 ? .nan : unit
      case 3: return index % 5 == 0 ? .infinity : index % 3 == 0 ? -.infinity : unit
      case 4: return unit < 0.5 ? unit * 1e-300 : unit * 1e300
      case 5: return Double(index)
      case 6: return index == count / 2 ? 1e308 : index == 0 ? -1e308 : unit
      default: return 7
      }
    }
  }

  @Test("gives what sorting gives", arguments: 0..<8)
  func likeSorting(kind: Int) throws {
    for count in [1, 2, 3, 10, 511, 512, 513, 2000, 20_000] {
      let all = Self.values(kind, count)
      let sorted = all.sorted { !($0 >= $1) && $0 == $0 }
      let ranks = Set([0, 1, count / 4, count / 2, count - 2, count - 1])
      for rank in ranks where (0..<count).contains(rank) {
        var copy = all
        let (value, next) = try copy.withUnsafeMutableBufferPointer {
          try Selection.select($0.baseAddress!, count, rank) { () throws(SQLError) in }
        }
        #expect(Self.same(value, sorted[rank]), "kind \(kind), \(count) values, rank \(rank)")
        #expect(Self.same(next, rank + 1 < count ? sorted[rank + 1] : nil))
      }
    }
  }

  private static func same(_ a: Double?, _ b: Double?) -> Bool {
    a == b || (a?.isNaN ?? false) && (b?.isNaN ?? false)
  }

  @Test("rounds as the standard library does")
  func wholeNumbers() {
    var cases: [Double] = [
      0, -0.0, 0.5, -0.5, 1.5, 2.5, 0.49999999999999994, 0x1p51 + 0.5, 0x1p52 - 0.5, 0x1p52, 0x1p53,
      1e300, .infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 4503599627370495.5,
    ]
    cases += Self.values(0, 1000)
    for value in cases + cases.map({ -$0 }) {
      #expect(WholeNumber.nearest(value).bitPattern == value.rounded(.toNearestOrEven).bitPattern)
      #expect(WholeNumber.below(value).bitPattern == value.rounded(.down).bitPattern)
      #expect(WholeNumber.above(value).bitPattern == value.rounded(.up).bitPattern)
    }
    #expect(WholeNumber.below(.nan).isNaN)
  }
}
