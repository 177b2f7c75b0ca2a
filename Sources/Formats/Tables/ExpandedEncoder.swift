import Base
import Engine
import Vectors

/// One line a value, a ruled heading a row, as psql's `\x`:
///
///     -[ RECORD 1 ]---
///     id   | 1
///     name | Alcor
final class ExpandedEncoder: RowEncoder {
  private let names: [String]
  private let style: TableStyle
  private let nameWidth: Int
  private let cells: [CellColumn]
  private var sample = WidthSample()
  private var valueWidth = 0
  private var isStarted = false
  private var rowCount = 0

  init(_ columns: [ResultColumn], style: TableStyle) {
    names = columns.map { VisibleText.line($0.name) }
    nameWidth = names.map { VisibleText.width(of: $0) }.max() ?? 0
    self.style = style
    cells = columns.map { _ in CellColumn(style: .visible) }
  }

  func header(into out: inout ByteWriter) {}

  func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    if isStarted { return try write(batch, into: &out) }
    sample.add(batch)
    if sample.isFull { try start(into: &out) }
  }

  func finish(error: SQLError?, into out: inout ByteWriter) throws(SQLError) {
    if error != nil { return }
    if !isStarted { try start(into: &out) }
    if rowCount == 0, style.hasFooter, !style.tuplesOnly {
      out.append(TableStyle.footer(rowCount: 0))
      out.append(10)
    }
    out.append(10)
  }

  private func start(into out: inout ByteWriter) throws(SQLError) {
    isStarted = true
    let batches = sample.take()
    for batch in batches {
      try fill(from: batch)
      for cell in cells {
        valueWidth = max(valueWidth, cell.maximumWidth(nullText: style.nullText))
      }
    }
    for batch in batches { try write(batch, into: &out) }
  }

  private func fill(from batch: Batch) throws(SQLError) {
    for (cell, vector) in zip(cells, batch.columns) { try cell.fill(from: vector) }
  }

  private func write(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    try fill(from: batch)
    var nullText = style.nullText
    nullText.withUTF8 { null in
      for row in 0..<batch.rowCount {
        rowCount += 1
        if !style.tuplesOnly {
          writeRule("-[ RECORD \(rowCount) ]", into: &out)
        } else if rowCount > 1 {
          writeRule("", into: &out)
        }
        for (name, cell) in zip(names, cells) {
          let value = cell.isNull(row) ? UnsafeRawBufferPointer(null) : cell.bytes(of: row)
          writeValue(name, value, of: cell, into: &out)
        }
      }
    }
  }

  /// A rule as wide as the record, beginning with `label`; the crossing shows where there is room.
  private func writeRule(_ label: String, into out: inout ByteWriter) {
    out.append(label)
    let crossing = nameWidth + 1
    let end = nameWidth + 3 + valueWidth
    for column in label.utf8.count..<max(end, label.utf8.count) {
      out.append(UInt8(ascii: column == crossing ? "+" : "-"))
    }
    out.append(10)
  }

  private func writeValue(
    _ name: String, _ value: UnsafeRawBufferPointer, of cell: CellColumn, into out: inout ByteWriter
  ) {
    var rest = value
    var label = name
    while true {
      out.append(label)
      out.append(repeating: 32, count: nameWidth - VisibleText.width(of: label))
      out.append(" | ")
      guard cell.hasLineFeeds, let end = rest.firstIndex(of: 10) else { break }
      let line = UnsafeRawBufferPointer(rebasing: rest[..<end])
      out.append(line)
      out.append(repeating: 32, count: valueWidth - cell.width(of: line))
      out.append("+\n")
      rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
      label = ""
    }
    out.append(rest)
    out.append(10)
  }
}
