import Glibc
import Sky

/// A density map of the whole sky as lines of text, in Mollweide's equal-area projection with north
/// up and east to the left, as seen from inside. Brightness is logarithmic.
public struct SkyMap: Sendable {
  public enum Style: Sendable {
    /// Characters of growing ink, for files and plain terminals.
    case plain
    /// Two coloured half-blocks a character, for terminals with 256 colours.
    case colour
  }

  /// Characters in a line, 16…512; other values are moved there. Lines are a quarter as many.
  public let width: Int
  public let style: Style
  /// The longitude in the middle, degrees.
  public let centreLonDeg: Double

  public init(width: Int = 72, style: Style = .plain, centreLonDeg: Double = 0) {
    self.width = min(512, max(16, width))
    self.style = style
    self.centreLonDeg = centreLonDeg
  }

  /// Draws weights of HEALPix NESTED cells of one order, 0…29. Cells that do not exist and weights
  /// that are not positive and finite are left out.
  public func lines(cells: [Int64: Double], order: Int) -> [String] {
    guard (0...29).contains(order) else { return [] }
    let cellAreaDeg2 = 4 * Double.pi / Double(HEALPix.cellCount(order: order)) * Self.deg2PerSr
    let kept = cells.filter { $0.value > 0 && $0.value.isFinite }
    return draw(kept, order: order, cellAreaDeg2: cellAreaDeg2)
  }

  /// Draws weighted positions in degrees; those outside the sky are left out.
  public func lines(points: some Sequence<(lonDeg: Double, latDeg: Double, weight: Double)>)
    -> [String]
  {
    var cells: [Int64: Double] = [:]
    let order = pointOrder
    for point in points where point.weight > 0 && point.weight.isFinite {
      guard
        let cell = HEALPix.index(order: order, lonDeg: point.lonDeg, latDeg: point.latDeg)
      else { continue }
      cells[cell, default: 0] += point.weight
    }
    return lines(cells: cells, order: order)
  }

  /// The order whose cells are the nearest above one character in size; right for counting in SQL
  /// before drawing, too.
  public var pointOrder: Int {
    var order = 0
    while order < 9, 58.6 / Double(1 << (order + 1)) > 360 / Double(width) { order += 1 }
    return order
  }

  // MARK: - Pixels

  private static let deg2PerSr = (180 / Double.pi) * (180 / Double.pi)
  /// Each pixel is the mean over so many places in each direction.
  private static let sampleCount = 3

  private var pixelRowCount: Int { style == .colour ? height * 2 : height }
  private var height: Int { width / 4 }

  /// A pixel: outside of the sky's ellipse, or a density per square degree.
  private enum Pixel {
    case outside
    case density(Double)
  }

  private func draw(_ cells: [Int64: Double], order: Int, cellAreaDeg2: Double) -> [String] {
    var pixels: [[Pixel]] = []
    for row in 0..<pixelRowCount {
      pixels.append(
        (0..<width).map { column in
          pixel(column: column, row: row, cells: cells, order: order, cellAreaDeg2: cellAreaDeg2)
        })
    }
    let scale = Scale(
      pixels.joined().compactMap { pixel in
        if case .density(let value) = pixel, value > 0 { value } else { nil }
      })
    let body =
      style == .colour
      ? (0..<height).map { colourLine(top: pixels[2 * $0], bottom: pixels[2 * $0 + 1], scale) }
      : pixels.map { plainLine($0, scale) }
    return body + [legend(scale)]
  }

  private func pixel(
    column: Int, row: Int, cells: [Int64: Double], order: Int, cellAreaDeg2: Double
  ) -> Pixel {
    guard position(column: Double(column) + 0.5, row: Double(row) + 0.5) != nil else {
      return .outside
    }
    var sum = 0.0
    var hits = 0
    for i in 0..<Self.sampleCount {
      for j in 0..<Self.sampleCount {
        let step = 1 / Double(Self.sampleCount)
        let place = position(
          column: Double(column) + (Double(i) + 0.5) * step,
          row: Double(row) + (Double(j) + 0.5) * step)
        guard let place,
          let cell = HEALPix.index(order: order, lonDeg: place.lonDeg, latDeg: place.latDeg)
        else { continue }
        sum += cells[cell] ?? 0
        hits += 1
      }
    }
    return .density(hits == 0 ? 0 : sum / Double(hits) / cellAreaDeg2)
  }

  /// The inverse of the projection; nil outside of the ellipse.
  private func position(column: Double, row: Double) -> (lonDeg: Double, latDeg: Double)? {
    let x = 2 * column / Double(width) - 1
    let y = 1 - 2 * row / Double(pixelRowCount)
    guard x * x + y * y < 1 else { return nil }
    let theta = asin(y)
    let lat = asin((2 * theta + sin(2 * theta)) / Double.pi)
    let lonDeg = centreLonDeg - 180 * x / cos(theta)
    return (lonDeg, lat * 180 / Double.pi)
  }
}

// MARK: - Ink

extension SkyMap {
  /// From few to many: the faintest and the densest shown, per square degree.
  private struct Scale {
    let low: Double
    let high: Double

    /// Between the 2nd and the 99.5th percentile, so that one cluster does not darken the rest.
    init(_ densities: [Double]) {
      let sorted = densities.sorted()
      low = sorted.isEmpty ? 0 : sorted[Int(Double(sorted.count - 1) * 0.02)]
      high = sorted.isEmpty ? 0 : sorted[Int(Double(sorted.count - 1) * 0.995)]
    }

    /// A step of `stepCount`; 0 is for nothing at all.
    func step(_ density: Double, of stepCount: Int) -> Int {
      guard density > 0 else { return 0 }
      guard high > low else { return stepCount - 1 }
      let fraction = log(min(max(density, low), high) / low) / log(high / low)
      return 1 + Int((fraction * Double(stepCount - 2)).rounded())
    }
  }

  private static let ink = Array(" .:-=+*%#@")
  /// From night over violet and orange to white, as numbers of the 256-colour palette.
  private static let colours = [
    16, 17, 18, 54, 55, 91, 127, 162, 198, 204, 209, 215, 221, 229, 231,
  ]

  private func plainLine(_ pixels: [Pixel], _ scale: Scale) -> String {
    let text = String(
      pixels.map { pixel in
        guard case .density(let value) = pixel else { return Character(" ") }
        let step = scale.step(value, of: Self.ink.count)
        // Empty sky keeps a trace, so that the ellipse stays visible.
        return step == 0 ? "·" : Self.ink[step]
      })
    return text.trimmingTrailingBlanks
  }

  private func colourLine(top: [Pixel], bottom: [Pixel], _ scale: Scale) -> String {
    func colour(_ pixel: Pixel) -> Int? {
      guard case .density(let value) = pixel else { return nil }
      return Self.colours[scale.step(value, of: Self.colours.count)]
    }
    var line = ""
    var last: String?
    for column in 0..<width {
      let upper = colour(top[column])
      let lower = colour(bottom[column])
      // The half that lies outside shows the terminal's own background.
      let codes =
        switch (upper, lower) {
        case (nil, nil): "\u{1B}[0m"
        case (let upper?, nil): "\u{1B}[0;38;5;\(upper)m"
        case (nil, let lower?): "\u{1B}[0;38;5;\(lower)m"
        case (let upper?, let lower?): "\u{1B}[38;5;\(upper);48;5;\(lower)m"
        }
      if codes != last { line += codes }
      last = codes
      line += upper == nil ? (lower == nil ? " " : "▄") : "▀"
    }
    return line + "\u{1B}[0m"
  }

  private func legend(_ scale: Scale) -> String {
    let ramp =
      style == .colour
      ? Self.colours.dropFirst().map { "\u{1B}[48;5;\($0)m " }.joined() + "\u{1B}[0m"
      : String(Self.ink.dropFirst())
    let centre = Self.shown(Angle.normalized(centreLonDeg))
    return "\(Self.shown(scale.low)) \(ramp) \(Self.shown(scale.high)) per square degree; "
      + "longitude \(centre)° in the middle, east to the left"
  }

  /// About three digits.
  private static func shown(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    if value == value.rounded() || value >= 100 { return "\(Int(value.rounded()))" }
    let factor: Double = value >= 10 ? 10 : value >= 1 ? 100 : 1e4
    return "\((value * factor).rounded() / factor)"
  }
}

extension String {
  fileprivate var trimmingTrailingBlanks: String {
    guard let last = lastIndex(where: { $0 != " " }) else { return "" }
    return String(self[...last])
  }
}
