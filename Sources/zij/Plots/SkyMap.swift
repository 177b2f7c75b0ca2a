import Glibc
import Sky

/// Sums over the HEALPix cells of the whole sky, and their picture: Mollweide's projection, which
/// keeps areas, with longitude 0 in the middle and rising to the left, as the sky is seen.
struct SkyMap {
  let order: Int
  private(set) var cells: [Double]
  private(set) var total = 0.0
  /// Rows without a place on the sky.
  private(set) var skippedCount = 0

  /// Cells of `order`, 0…8: few enough to keep as an array.
  init(order: Int) {
    self.order = order
    cells = [Double](repeating: 0, count: Int(HEALPix.cellCount(order: order)))
  }

  /// The order whose cells are about as large as a character of a map `width` columns wide.
  static func order(forWidth width: Int) -> Int { width >= 100 ? 5 : 4 }

  mutating func add(lonDeg: Double, latDeg: Double, weight: Double) {
    add(HEALPix.index(order: order, lonDeg: lonDeg, latDeg: latDeg), weight)
  }

  /// Adds to a cell of an order not below the map's.
  mutating func add(cell: Double, ofOrder cellOrder: Int, weight: Double) {
    guard cell >= 0, cell < Double(HEALPix.cellCount(order: cellOrder)) else { return add(nil, weight) }
    add(Int64(cell) >> Int64(2 * (cellOrder - order)), weight)
  }

  private mutating func add(_ cell: Int64?, _ weight: Double) {
    guard let cell, weight.isFinite else {
      skippedCount += 1
      return
    }
    cells[Int(cell)] += weight
    total += weight
  }

  // MARK: Picture

  /// Square degrees of a cell.
  private var cellArea: Double { 129_600 / Double.pi / Double(cells.count) }

  func lines(width: Int, canvas: Canvas) -> [String] {
    let scale = Scale(cells)
    let rowCount = max(8, width / 4)
    let picture = (0..<rowCount).map { row in
      (0..<width).map { column in
        let x = (Double(column) + 0.5) / Double(width) * 2 - 1
        func level(_ half: Double) -> Double? {
          value(x: x, y: 1 - (Double(row) + half) / Double(rowCount) * 2).map(scale.level)
        }
        return canvas.cell(level(0.25), level(0.75))
      }.joined()
    }
    return picture + [legend(scale)]
  }

  /// The cell's sum at a point of the ellipse, x and y in -1…1; nil outside.
  private func value(x: Double, y: Double) -> Double? {
    guard x * x + y * y < 1 else { return nil }
    let theta = asin(y)
    let lat = asin((2 * theta + sin(2 * theta)) / .pi)
    let lon = -.pi * x / cos(theta)
    guard abs(lon) <= .pi,
      let cell = HEALPix.index(order: order, lonDeg: lon * 180 / .pi, latDeg: lat * 180 / .pi)
    else { return nil }
    return cells[Int(cell)]
  }

  private func legend(_ scale: Scale) -> String {
    let low = Self.short(0)
    let high = Self.short(scale.maximum / cellArea)
    return "\(low) to \(high) per square degree\(scale.isLogarithmic ? ", logarithmic" : ""); "
      + "longitude 0 in the middle, rising to the left"
  }

  private static func short(_ value: Double) -> String {
    if value >= 100 { return Grouped.text(Int(min(value, 1e15).rounded())) }
    let hundredths = Int((value * 100).rounded())
    if hundredths % 100 == 0 { return String(hundredths / 100) }
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// From sums to 0…1: linear, or logarithmic where the fullest cell is far above the typical one.
  struct Scale {
    let maximum: Double
    let isLogarithmic: Bool

    init(_ cells: [Double]) {
      let filled = cells.filter { $0 > 0 }.sorted()
      maximum = filled.last ?? 0
      isLogarithmic = !filled.isEmpty && maximum > 20 * filled[filled.count / 2]
    }

    func level(_ value: Double) -> Double {
      guard maximum > 0, value > 0 else { return 0 }
      return isLogarithmic ? log1p(value) / log1p(maximum) : value / maximum
    }
  }
}
