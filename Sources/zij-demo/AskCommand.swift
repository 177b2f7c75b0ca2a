import Base
import DemoCatalogues
import Engine
import Formats
import Vectors

/// Asks the questions one after the other, each with its SQL, answer, rows and time.
struct AskCommand {
  let databasePath: String
  /// Characters in a line of the map.
  let mapWidth: Int
  private let clock = SystemClock()

  init(databasePath: String, mapWidth: Int) {
    self.databasePath = databasePath
    self.mapWidth = mapWidth
  }

  func run() throws(SQLError) {
    let database = try DemoCommand.open(databasePath, isReadOnly: true)
    defer { database.close() }
    let session = database.makeSession()
    for (index, question) in Question.all.enumerated() {
      Terminal.say("\nQuestion \(index + 1): \(question.text)\n")
      for line in question.sql.split(separator: "\n", omittingEmptySubsequences: false) {
        Terminal.say("  " + line)
      }
      if let command = question.answer.command { Terminal.say("  " + command) }
      Terminal.say()
      try answer(question, in: session)
    }
    Terminal.say("\nData")
    for catalogue in DemoCatalogues.all {
      for line in catalogue.credits { Terminal.say("  " + line) }
    }
  }

  private func answer(_ question: Question, in session: Session) throws(SQLError) {
    let startNS = clock.monotonicNS()
    let result = try session.run(question.sql)
    guard let stream = result.stream else { return }
    var batches: [Batch] = []
    while let batch = try stream.next() { batches.append(batch) }
    let elapsedNS = clock.monotonicNS() - startNS
    switch question.answer {
    case .table: try showTable(batches, columns: stream.columns)
    case .skyMap(let order): showMap(batches, order: order)
    case .densityPlot: showPlot(batches)
    }
    let rowCount = batches.reduce(0) { $0 + $1.rowCount }
    Terminal.say(
      "(\(Shown.count(rowCount)) \(rowCount == 1 ? "row" : "rows"), "
        + "\(Shown.duration(nanoseconds: elapsedNS)))")
    if let note = question.note { Terminal.say(note) }
    for warning in result.context.warnings.all {
      Terminal.say("Warning: \(warning.reason): \(Shown.count(warning.rows)) rows")
    }
  }

  private func showTable(_ batches: [Batch], columns: [ResultColumn]) throws(SQLError) {
    var style = TableStyle()
    style.hasFooter = false
    let encoder = style.encoder(for: columns)
    var out = ByteWriter()
    try encoder.header(into: &out)
    for batch in batches { try encoder.append(batch, into: &out) }
    try encoder.finish(error: nil, into: &out)
    // The encoder ends with an empty line, as psql does; the count of rows comes first here.
    if out.bytes.suffix(2).elementsEqual([10, 10]) { out.truncate(to: out.count - 1) }
    Terminal.write(out.bytes, to: 1)
  }

  private func showPlot(_ batches: [Batch]) {
    var places: [(x: Double, y: Double, weight: Double)] = []
    for batch in batches where batch.columns.count == 3 {
      for row in 0..<batch.rowCount {
        guard let x = Self.number(batch.columns[0].value(at: row)), x.isFinite,
          let y = Self.number(batch.columns[1].value(at: row)), y.isFinite,
          let weight = Self.number(batch.columns[2].value(at: row))
        else { continue }
        places.append((x, y, weight))
      }
    }
    guard let left = places.map(\.x).min(), let right = places.map(\.x).max(),
      let least = places.map(\.y).min(), let most = places.map(\.y).max(),
      var plot = DensityPlot(
        x: left...right, y: least...most, width: mapWidth, height: mapWidth / 3, reversesY: true,
        style: Terminal.isUTF8 ? .blocks : .ascii)
    else { return }
    for place in places { plot.add(x: place.x, y: place.y, weight: place.weight) }
    for line in plot.lines() { Terminal.say(line) }
  }

  private static func number(_ value: Value) -> Double? {
    switch value {
    case .float64(let number): number
    case .float32(let number): Double(number)
    case .integer(let number): Double(number)
    default: nil
    }
  }

  private func showMap(_ batches: [Batch], order: Int) {
    var cells: [Int64: Double] = [:]
    for batch in batches where batch.columns.count == 2 {
      for row in 0..<batch.rowCount {
        guard case .integer(let cell) = batch.columns[0].value(at: row),
          case .integer(let count) = batch.columns[1].value(at: row)
        else { continue }
        cells[cell] = Double(count)
      }
    }
    let map = SkyMap(width: mapWidth, style: Terminal.hasColours ? .colour : .plain)
    for line in map.lines(cells: cells, order: order) { Terminal.say(line) }
  }
}
