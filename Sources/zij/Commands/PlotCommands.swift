import Base
import CPlatform
import Engine
import Formats
import Sky

enum PlotCommands {
  static let all = [
    BackslashCommand(
      name: "sky", arguments: "[LON LAT | CELL [WEIGHT [ORDER]]]",
      summary: "density on the sky, of positions or of HEALPix cells (nested)", section: .plots,
      run: drawSky),
    BackslashCommand(
      name: "hist", arguments: "COLUMN [BINS]", summary: "histogram of a column", section: .plots,
      run: drawHistogram),
    BackslashCommand(
      name: "plot", arguments: "[X Y [COUNT]] [-y]",
      summary: "density in a plane; -y puts small values of Y at the top, as for magnitudes",
      section: .plots, run: drawPlot),
  ]

  // MARK: Sky

  private static func drawSky(
    _ shell: Shell, _ call: BackslashCall
  ) throws(SQLError) -> Shell.StatementEnd {
    let last = try lastResult(shell)
    let target = shell.resultOutput
    let canvas = Canvas.suited(toTerminal: target.isTerminal)
    let map = SkyMap(
      width: Canvas.width(isTerminal: target.isTerminal),
      style: canvas == .colours ? .colour : .plain)
    let (counts, order) = try count(SkyColumns(last, call), of: last, shell, upTo: map.pointOrder)
    for line in map.lines(cells: counts.sums, order: order) {
      target.write(canvas.line(line) + "\n")
    }
    if counts.skippedCount > 0 {
      target.write("\(Grouped.text(counts.skippedCount)) rows without a position\n")
    }
    return .done
  }

  /// Sums over HEALPix cells, of an order that keeps them few.
  private struct CellSums {
    private(set) var sums: [Int64: Double] = [:]
    private(set) var skippedCount = 0

    mutating func add(_ cell: Int64?, _ weight: Double) {
      guard let cell, weight.isFinite else {
        skippedCount += 1
        return
      }
      sums[cell, default: 0] += weight
    }
  }

  private static func count(
    _ columns: SkyColumns, of last: LastResult, _ shell: Shell, upTo finest: Int
  ) throws(SQLError) -> (CellSums, order: Int) {
    var counts = CellSums()
    switch columns {
    case .positions(let lon, let lat):
      try forEach([lon, lat], of: last, shell) {
        counts.add(HEALPix.index(order: finest, lonDeg: $0[0], latDeg: $0[1]), 1)
      }
      return (counts, finest)
    case .cells(let cell, let weight, let wantedOrder):
      let cellOrder: Int
      if let wantedOrder {
        cellOrder = wantedOrder
      } else {
        cellOrder = try guessOrder(cell, of: last, shell)
      }
      let order = min(finest, cellOrder)
      let limit = Double(HEALPix.cellCount(order: cellOrder))
      try forEach([cell, weight ?? cell], of: last, shell) { row in
        let isCell = row[0] >= 0 && row[0] < limit
        let index = isCell ? Int64(row[0]) >> Int64(2 * (cellOrder - order)) : nil
        counts.add(index, weight == nil ? 1 : row[1])
      }
      return (counts, order)
    }
  }

  /// The order in a name such as `healpix_8`, or the smallest that has all cells.
  private static func guessOrder(
    _ cell: Int, of last: LastResult, _ shell: Shell
  ) throws(SQLError) -> Int {
    let digits = last.columns[cell].name.split { !$0.isNumber }.last.flatMap { Int($0) }
    if let digits, (0...HEALPix.maxOrder).contains(digits) { return digits }
    var largest = 0.0
    try forEach([cell], of: last, shell) { if $0[0] > largest { largest = $0[0] } }
    return (0...HEALPix.maxOrder).first { Double(HEALPix.cellCount(order: $0)) > largest }
      ?? HEALPix.maxOrder
  }

  /// Which columns the map is drawn from.
  private enum SkyColumns {
    case positions(lon: Int, lat: Int)
    case cells(Int, weight: Int?, order: Int?)

    private static let lonNames = [
      "ra", "raj2000", "ra_icrs", "radeg", "ra_deg", "lon", "l", "glon",
    ]
    private static let latNames = [
      "dec", "dej2000", "de_icrs", "dedeg", "dec_deg", "lat", "b", "glat", "decl", "de",
    ]

    init(_ last: LastResult, _ call: BackslashCall) throws(SQLError) {
      if let first = call.argument(0) {
        try self.init(last, first: first, call)
      } else if let lon = Self.find(Self.lonNames, in: last),
        let lat = Self.find(Self.latNames, in: last)
      {
        self = .positions(lon: lon, lat: lat)
      } else if let cell = last.columns.firstIndex(where: Self.isCell) {
        let weight = last.columns.indices.first {
          $0 > cell && last.columns[$0].type.isNumeric
        }
        self = .cells(cell, weight: weight, order: nil)
      } else {
        throw SQLError(
          .undefinedColumn, "the last result has no columns of positions or HEALPix cells",
          hint: "Name them: \\sky ra dec, or \\sky cell weight.")
      }
    }

    private init(_ last: LastResult, first: String, _ call: BackslashCall) throws(SQLError) {
      let index = try numericColumn(first, of: last)
      let second = try call.argument(1).map { (name) throws(SQLError) in
        try numericColumn(name, of: last)
      }
      if let second, call.argument(2) == nil, !Self.isCell(last.columns[index]),
        last.columns[index].type.isFloat
      {
        self = .positions(lon: index, lat: second)
        return
      }
      let order = call.argument(2).map { Int($0) ?? -1 }
      if let order, !(0...HEALPix.maxOrder).contains(order) {
        throw SQLError(.invalidParameterValue, "the order of HEALPix cells is 0 to 29")
      }
      self = .cells(index, weight: second, order: order)
    }

    private static func isCell(_ column: ResultColumn) -> Bool {
      let name = column.name.lowercased()
      return column.type.isInteger
        && ["healpix", "hpx", "hpix", "ipix", "pixel", "cell"].contains { name.contains($0) }
    }

    private static func find(_ names: [String], in last: LastResult) -> Int? {
      for name in names {
        let index = last.columns.firstIndex { $0.name.lowercased() == name && $0.type.isNumeric }
        if let index { return index }
      }
      return nil
    }
  }

  // MARK: Histogram

  private static func drawHistogram(
    _ shell: Shell, _ call: BackslashCall
  ) throws(SQLError) -> Shell.StatementEnd {
    let last = try lastResult(shell)
    let index = try numericColumn(try call.required(0, "a column"), of: last)
    let text = call.argument(1) ?? "20"
    guard let binCount = Int(text), (1...200).contains(binCount) else {
      throw SQLError(.invalidParameterValue, "1 to 200 bins, not \"\(text)\"")
    }
    guard let histogram = try histogram(index, of: last, shell, binCount: binCount) else {
      shell.resultOutput.write("(no values)\n")
      return .done
    }
    let width = Canvas.width(isTerminal: shell.resultOutput.isTerminal)
    let canvas = Canvas.suited(toTerminal: shell.resultOutput.isTerminal)
    for line in histogram.lines(width: width, canvas: canvas) {
      shell.resultOutput.write(line + "\n")
    }
    if histogram.skippedCount > 0 {
      shell.resultOutput.write("\(Grouped.text(histogram.skippedCount)) rows without a value\n")
    }
    return .done
  }

  private static func histogram(
    _ index: Int, of last: LastResult, _ shell: Shell, binCount: Int
  ) throws(SQLError) -> Histogram? {
    if last.isComplete { return Histogram(last.values[index], binCount: binCount) }
    var lower = Double.infinity
    var upper = -Double.infinity
    try forEach([index], of: last, shell) { row in
      guard row[0].isFinite else { return }
      lower = min(lower, row[0])
      upper = max(upper, row[0])
    }
    guard lower <= upper else { return nil }
    var result = Histogram(from: lower, to: upper, binCount: binCount)
    try forEach([index], of: last, shell) { result.add($0[0]) }
    return result
  }

  // MARK: Plane

  private static func drawPlot(
    _ shell: Shell, _ call: BackslashCall
  ) throws(SQLError) -> Shell.StatementEnd {
    let last = try lastResult(shell)
    let columns = try plotColumns(last, call)
    var ranges = [(lower: Double, upper: Double)](repeating: (.infinity, -.infinity), count: 2)
    try forEach(columns, of: last, shell) { row in
      guard row[0].isFinite, row[1].isFinite else { return }
      for slot in 0..<2 {
        ranges[slot] = (min(ranges[slot].lower, row[slot]), max(ranges[slot].upper, row[slot]))
      }
    }
    guard ranges[0].lower <= ranges[0].upper else {
      shell.resultOutput.write("(no values)\n")
      return .done
    }
    let isTerminal = shell.resultOutput.isTerminal
    let width = Canvas.width(isTerminal: isTerminal)
    let plot = DensityPlot(
      x: ranges[0].lower...ranges[0].upper, y: ranges[1].lower...ranges[1].upper, width: width,
      height: max(8, width / 4), reversesY: call.arguments.contains("-y"),
      style: Canvas.suited(toTerminal: isTerminal) == .ascii ? .ascii : .blocks)
    guard var plot else {
      throw SQLError(.numericValueOutOfRange, "the values lie too far apart to draw them")
    }
    try forEach(columns, of: last, shell) { row in
      plot.add(x: row[0], y: row[1], weight: row.count == 3 ? row[2] : 1)
    }
    for line in plot.lines() { shell.resultOutput.write(line + "\n") }
    if plot.skippedCount > 0 {
      shell.resultOutput.write("\(Grouped.text(plot.skippedCount)) rows without a place\n")
    }
    return .done
  }

  /// The columns that are named, or the only two or three numeric ones.
  private static func plotColumns(
    _ last: LastResult, _ call: BackslashCall
  ) throws(SQLError) -> [Int] {
    let names = call.arguments.filter { $0 != "-y" }
    var columns = last.columns.indices.filter { last.columns[$0].type.isNumeric }
    if !names.isEmpty {
      columns = []
      for name in names { columns.append(try numericColumn(name, of: last)) }
    }
    guard columns.count == 2 || columns.count == 3 else {
      throw SQLError(
        .undefinedColumn, "a plot needs two or three numeric columns, not \(columns.count)",
        hint: "Name them: \\plot x y, or \\plot x y count; -y puts small values at the top.")
    }
    return columns
  }

  // MARK: The last result

  private static func lastResult(_ shell: Shell) throws(SQLError) -> LastResult {
    guard let last = shell.lastResult else {
      throw SQLError(.undefinedObject, "there is no result to draw", hint: "Run a query first.")
    }
    return last
  }

  private static func numericColumn(_ name: String, of last: LastResult) throws(SQLError) -> Int {
    let wanted = name.hasPrefix("\"") ? String(name.dropFirst().dropLast()) : name
    let index =
      last.columns.firstIndex { $0.name == wanted }
      ?? last.columns.firstIndex { $0.name.lowercased() == wanted.lowercased() }
    guard let index else {
      throw SQLError(
        .undefinedColumn, "the last result has no column \"\(wanted)\"",
        hint: Suggestion.hint(for: wanted, among: last.columns.map(\.name)))
    }
    guard last.columns[index].type.isNumeric else {
      throw SQLError(.datatypeMismatch, "column is not numeric: \"\(wanted)\"")
    }
    return index
  }

  /// Calls `body` with the values of `columns` for every row; runs the query again when the result
  /// was too long to keep.
  private static func forEach(
    _ columns: [Int], of last: LastResult, _ shell: Shell, _ body: ([Double]) -> Void
  ) throws(SQLError) {
    var row = [Double](repeating: 0, count: columns.count)
    func visit(_ values: [[Double]]) {
      for index in 0..<(values.first?.count ?? 0) {
        for (slot, column) in values.enumerated() { row[slot] = column[index] }
        body(row)
      }
    }
    if last.isComplete { return visit(columns.map { last.values[$0] }) }
    StandardError.write("The result was too long to keep: running the query again.\n")
    zij_clear_interrupts()
    shell.watcher.start()
    defer { shell.watcher.stop() }
    let result = try shell.connection.run(last.sql)
    shell.watcher.follow(result.context)
    guard let stream = result.rows else { return }
    while let batch = try stream.next() {
      visit(
        columns.map { column in
          var values: [Double] = []
          LastResult.append(batch.columns[column], to: &values)
          return values
        })
    }
  }
}
