import Base
import Engine
import Vectors

/// Rows as TABLEDATA: an element a cell.
final class TableDataRows: VOTableRows {
  private let cells: [CellColumn]
  private let nulls: [StaticString]

  init(_ columns: [ResultColumn]) {
    nulls = columns.map { VOTableNull.cell(of: $0.type) }
    cells = columns.map { _ in CellColumn(style: .votable) }
  }

  func begin(into out: inout ByteWriter) { out.append("<TABLEDATA>\n") }

  func end(into out: inout ByteWriter) { out.append("</TABLEDATA>") }

  func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    for (cell, vector) in zip(cells, batch.columns) { try cell.fill(from: vector) }
    // Room for all of it at once, as for CSV: 9 bytes around each cell, 10 around each row.
    out.reserve(
      cells.reduce(batch.rowCount * 10) { $0 + $1.sizeBytes + batch.rowCount * 9 })
    for row in 0..<batch.rowCount {
      out.append("<TR>")
      for (cell, null) in zip(cells, nulls) {
        out.append("<TD>")
        if cell.isNull(row) {
          out.append(null)
        } else {
          out.append(cell.bytes(of: row))
        }
        out.append("</TD>")
      }
      out.append("</TR>\n")
    }
  }
}
