import Testing

@testable import Formats

@Suite("Sky map")
struct SkyMapTests {
  typealias Place = (lonDeg: Double, latDeg: Double, weight: Double)

  /// Every cell of an order with the same weight.
  private static func uniform(order: Int) -> [Int64: Double] {
    let cellCount = Int64(12) << Int64(2 * order)
    return Dictionary(uniqueKeysWithValues: (0..<cellCount).map { ($0, 1.0) })
  }

  /// Line and column of the only inked character.
  private static func inked(_ lines: [String]) -> [(line: Int, column: Int)] {
    lines.dropLast().enumerated().flatMap { index, line in
      line.enumerated().filter { $0.element != " " && $0.element != "·" }.map { (index, $0.offset) }
    }
  }

  @Test("has a quarter as many lines as columns, and a legend", arguments: [16, 72, 200, 512])
  func size(width: Int) {
    for style in [SkyMap.Style.plain, .colour] {
      let lines = SkyMap(width: width, style: style).lines(cells: Self.uniform(order: 2), order: 2)
      #expect(lines.count == width / 4 + 1)
    }
  }

  @Test("keeps absurd widths within bounds", arguments: [(-5, 16), (0, 16), (1 << 40, 512)])
  func bounds(asked: Int, given: Int) {
    #expect(SkyMap(width: asked).width == given)
  }

  @Test("fills the ellipse with one ink when the sky is even")
  func even() {
    let lines = SkyMap(width: 64).lines(cells: Self.uniform(order: 3), order: 3).dropLast()
    let used = Set(lines.joined()).subtracting([" "])
    #expect(used.count == 1)
    let filled = lines.joined().count { $0 != " " }
    // π/4 of the rectangle.
    #expect(abs(Double(filled) / Double(64 * 16) - Double.pi / 4) < 0.03)
  }

  @Test("shows an empty sky as an empty ellipse")
  func empty() {
    let lines = SkyMap(width: 32).lines(cells: [:], order: 4)
    #expect(Self.inked(lines).isEmpty)
    #expect(lines[4].contains("·"))
  }

  @Test("puts east to the left and north up, with the middle where it was asked for")
  func orientation() {
    // Cells are a little larger than characters, so the middle of what is inked counts.
    func centre(_ place: Place, middle: Double = 0) -> (line: Double, column: Double) {
      let map = SkyMap(width: 80, centreLonDeg: middle)
      let inked = Self.inked(map.lines(points: [place]))
      let count = Double(inked.count)
      return (
        inked.reduce(0.0) { $0 + Double($1.line) } / count,
        inked.reduce(0.0) { $0 + Double($1.column) } / count
      )
    }
    #expect(abs(centre((0.1, 0.1, 1)).column - 39.5) < 2)
    #expect(abs(centre((0.1, 0.1, 1)).line - 9.5) < 2)
    #expect(abs(centre((90, 0, 1)).column - 19.5) < 2)
    #expect(abs(centre((270, 0, 1)).column - 59.5) < 2)
    #expect(abs(centre((90, 0, 1), middle: 90).column - 39.5) < 2)
    #expect(centre((0, 80, 1)).line < 3)
    #expect(centre((0, -80, 1)).line > 16)
  }

  @Test("leaves out what is not on the sky or has no weight")
  func refused() {
    let points: [Place] = [
      (.nan, 0, 1), (0, 91, 1), (0, .infinity, 1), (0, 0, 0), (0, 0, -1), (0, 0, .nan),
      (0, 0, .infinity),
    ]
    #expect(Self.inked(SkyMap().lines(points: points)).isEmpty)
    #expect(Self.inked(SkyMap().lines(cells: [-1: 5, 1 << 40: 5], order: 2)).isEmpty)
    #expect(SkyMap().lines(cells: [:], order: 30) == [])
    #expect(SkyMap().lines(cells: [:], order: -1) == [])
  }

  @Test("gives denser cells more ink")
  func ramp() {
    let ink = Array(" .:-=+*%#@")
    var steps: [Int] = []
    for weight in [1.0, 10, 100] {
      var cells = Self.uniform(order: 0)
      cells[4] = weight
      // Cell 4 of order 0 holds the point (0, 0).
      let line = Array(SkyMap(width: 40).lines(cells: cells, order: 0)[5])
      steps.append(ink.firstIndex(of: line[20]) ?? -1)
    }
    #expect(steps[1] == 9 && steps[2] == 9)
  }

  @Test("ends each coloured line with the colours reset")
  func colours() {
    for line in SkyMap(width: 48, style: .colour).lines(cells: Self.uniform(order: 1), order: 1)
      .dropLast()
    {
      #expect(line.hasSuffix("\u{1B}[0m"))
      #expect(line.contains("▀") || line.contains("▄"))
    }
  }
}
