import Testing

@testable import Formats

@Suite("Density plot")
struct DensityPlotTests {
  static func corners(reversesY: Bool, style: DensityPlot.Style) throws -> [String] {
    var plot = try #require(
      DensityPlot(
        x: 0...10, y: 1...3, width: 40, height: 8, reversesY: reversesY, style: style))
    plot.add(x: 0, y: 1, weight: 5)
    plot.add(x: 10, y: 3)
    return plot.lines()
  }

  @Test("draws y upwards, and downwards for magnitudes")
  func direction() throws {
    let up = try Self.corners(reversesY: false, style: .ascii)
    #expect(up.count == 10)
    #expect(up[0].hasSuffix(".") && up[0].count == 40)
    #expect(up[7].hasSuffix("@") && up[7].count == 12)
    let down = try Self.corners(reversesY: true, style: .ascii)
    #expect(down[0].hasSuffix("@") && down[7].hasSuffix("."))
  }

  @Test("stays within ASCII when asked to")
  func ascii() throws {
    let plain = try Self.corners(reversesY: false, style: .ascii)
    let isPlain = plain.joined().utf8.allSatisfy { $0 < 128 }
    #expect(isPlain)
    let blocks = try Self.corners(reversesY: false, style: .blocks)
    #expect(blocks[7].hasSuffix("█"))
  }

  @Test("labels round numbers")
  func ticks() throws {
    let axis = try #require(PlotAxis(-0.5...2.5, cellCount: 60))
    #expect(axis.ticks(atMost: 6).map(axis.label) == ["-0.5", "0", "0.5", "1", "1.5", "2", "2.5"])
    let thirds = try #require(PlotAxis(0...0.35, cellCount: 60))
    #expect(thirds.ticks(atMost: 4).map(thirds.label) == ["0", "0.1", "0.2", "0.3"])
  }

  @Test("survives any range and any width", arguments: [-1, 0, 24, 72, 1 << 40])
  func bounds(width: Int) {
    let ranges: [ClosedRange<Double>] = [
      0...0, 1e300...1e300, -1e308...1e308, 0...(.infinity), 0...5e-324, 1...1.0000000000000002,
      -5...1e18,
    ]
    for range in ranges {
      guard var plot = DensityPlot(x: range, y: range, width: width, height: width) else {
        continue
      }
      plot.add(x: range.lowerBound, y: range.upperBound)
      for line in plot.lines() { #expect(line.count <= 512) }
    }
  }

  @Test("counts what it cannot draw")
  func skipped() throws {
    var plot = try #require(DensityPlot(x: 0...1, y: 0...1))
    for value in [Double.nan, .infinity, -1, 2] { plot.add(x: value, y: 0) }
    for weight in [Double.nan, .infinity, 0, -1] { plot.add(x: 0, y: 0, weight: weight) }
    #expect(plot.skippedCount == 8)
  }
}
