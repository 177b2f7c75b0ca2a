import Base
import Engine
import Vectors

/// The table that psql draws: names centred over a rule, numbers to the right, `(3 rows)` below.
///
///      id | name
///     ----+-------
///       1 | Alcor
///
/// Widths come from the first rows (`WidthSample`), so that results of any length stream. A cell of
/// several lines continues below, with `+` behind each line but the last.
final class AlignedEncoder: RowEncoder {
  private let names: [String]
  private let style: TableStyle
  private let isRight: [Bool]
  private let cells: [CellColumn]
  private var sample = WidthSample()
  private var widths: [Int] = []
  private var isStarted = false
  private var rowCount = 0

  init(_ columns: [ResultColumn], style: TableStyle) {
    names = columns.map { VisibleText.line($0.name) }
    self.style = style
    isRight = columns.map(\.type.isNumeric)
    cells = columns.map { _ in CellColumn(style: .visible) }
  }

  func header(into out: inout ByteWriter) {}

  func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    rowCount += batch.rowCount
    if isStarted { return try write(batch, into: &out) }
    sample.add(batch)
    if sample.isFull { try start(into: &out) }
  }

  func finish(error: SQLError?, into out: inout ByteWriter) throws(SQLError) {
    if error != nil { return }
    if !isStarted { try start(into: &out) }
    if style.hasFooter, !style.tuplesOnly {
      out.append(TableStyle.footer(rowCount: rowCount))
      out.append(10)
    }
    out.append(10)
  }

  private func start(into out: inout ByteWriter) throws(SQLError) {
    isStarted = true
    let batches = sample.take()
    widths = names.map { VisibleText.width(of: $0) }
    for batch in batches {
      try fill(from: batch)
      for index in cells.indices {
        widths[index] = max(widths[index], cells[index].maximumWidth(nullText: style.nullText))
      }
    }
    if !style.tuplesOnly { writeHeader(into: &out) }
    for batch in batches { try write(batch, into: &out) }
  }

  private func writeHeader(into out: inout ByteWriter) {
    for (index, name) in names.enumerated() {
      let blanks = widths[index] - VisibleText.width(of: name)
      out.append(index == 0 ? " " : "| ")
      out.append(repeating: 32, count: blanks / 2)
      out.append(name)
      out.append(repeating: 32, count: blanks - blanks / 2 + 1)
    }
    if !names.isEmpty { out.append(10) }
    if names.isEmpty { out.append("--") }
    for index in names.indices {
      if index > 0 { out.append("+") }
      out.append(repeating: UInt8(ascii: "-"), count: widths[index] + 2)
    }
    out.append(10)
  }

  private func fill(from batch: Batch) throws(SQLError) {
    for (cell, vector) in zip(cells, batch.columns) { try cell.fill(from: vector) }
  }

  private func write(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    guard !cells.isEmpty else { return }
    try fill(from: batch)
    var rest = cells.map { _ in UnsafeRawBufferPointer(start: nil, count: 0) }
    var nullText = style.nullText
    nullText.withUTF8 { null in
      for row in 0..<batch.rowCount {
        for index in cells.indices {
          let cell = cells[index]
          rest[index] = cell.isNull(row) ? UnsafeRawBufferPointer(null) : cell.bytes(of: row)
        }
        while writeLine(of: &rest, into: &out) {}
      }
    }
  }

  /// Writes the first line of every cell and leaves the others in `rest`; true if there are any.
  private func writeLine(
    of rest: inout [UnsafeRawBufferPointer], into out: inout ByteWriter
  ) -> Bool {
    var hasMore = false
    for index in cells.indices {
      let isLast = index == cells.count - 1
      let text = rest[index]
      let end = cells[index].hasLineFeeds ? text.firstIndex(of: 10) : nil
      let line = UnsafeRawBufferPointer(rebasing: text[..<(end ?? text.count)])
      rest[index] = UnsafeRawBufferPointer(rebasing: text[(end.map { $0 + 1 } ?? text.count)...])
      let blanks = widths[index] - cells[index].width(of: line)
      out.append(index == 0 ? " " : "| ")
      if isRight[index] { out.append(repeating: 32, count: blanks) }
      out.append(line)
      if !isRight[index], !isLast || end != nil { out.append(repeating: 32, count: blanks) }
      if end != nil {
        hasMore = true
        out.append("+")
      } else if !isLast {
        out.append(" ")
      }
    }
    out.append(10)
    return hasMore
  }
}
