import Base
import Engine
import Vectors

/// Values with a separator between them and no padding: psql's `\a`, made for other programs.
final class UnalignedEncoder: RowEncoder {
  private let names: [String]
  private let style: TableStyle
  private let cells: [CellColumn]
  private let separator: [UInt8]
  private let recordSeparator: [UInt8]
  private let nullText: [UInt8]
  private var rowCount = 0
  private var isFirstRecord = true

  init(_ columns: [ResultColumn], style: TableStyle) {
    names = columns.map(\.name)
    self.style = style
    separator = Array(style.fieldSeparator.utf8)
    recordSeparator = Array(style.recordSeparator.utf8)
    nullText = Array(style.nullText.utf8)
    cells = columns.map { _ in CellColumn(style: style.escapesControls ? .visible : .plain) }
  }

  func header(into out: inout ByteWriter) {
    guard !style.tuplesOnly, !style.isExpanded else { return }
    startRecord(into: &out)
    for (index, name) in names.enumerated() {
      if index > 0 { out.append(separator) }
      out.append(style.escapesControls ? VisibleText.line(name) : name)
    }
  }

  func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    for (cell, vector) in zip(cells, batch.columns) { try cell.fill(from: vector) }
    for row in 0..<batch.rowCount {
      if style.isExpanded { writeExpanded(row, into: &out) } else { writeLine(row, into: &out) }
    }
    rowCount += batch.rowCount
  }

  func finish(error: SQLError?, into out: inout ByteWriter) {
    if error == nil, style.hasFooter, !style.tuplesOnly, !style.isExpanded {
      startRecord(into: &out)
      out.append(TableStyle.footer(rowCount: rowCount))
    }
    if !isFirstRecord { out.append(10) }
  }

  private func startRecord(into out: inout ByteWriter) {
    if !isFirstRecord { out.append(recordSeparator) }
    isFirstRecord = false
  }

  private func writeLine(_ row: Int, into out: inout ByteWriter) {
    startRecord(into: &out)
    for (index, cell) in cells.enumerated() {
      if index > 0 { out.append(separator) }
      writeValue(cell, row, into: &out)
    }
  }

  private func writeExpanded(_ row: Int, into out: inout ByteWriter) {
    if !isFirstRecord { out.append(recordSeparator) }
    for (name, cell) in zip(names, cells) {
      startRecord(into: &out)
      out.append(style.escapesControls ? VisibleText.line(name) : name)
      out.append(separator)
      writeValue(cell, row, into: &out)
    }
  }

  private func writeValue(_ cell: CellColumn, _ row: Int, into out: inout ByteWriter) {
    if cell.isNull(row) {
      out.append(nullText)
    } else {
      out.append(cell.bytes(of: row))
    }
  }
}
