import Base
import Engine
import Formats
import Vectors

/// A table that the shell itself makes, as `\d` does, in the format that results have.
struct SmallTable {
  var title: String?
  var columns: [ResultColumn]
  var rows: [[Value]] = []
  /// Lines below, in place of the count of rows.
  var footers: [String]?

  init(_ title: String?, _ names: [String]) {
    self.title = title
    columns = names.map { ResultColumn($0, .text) }
  }

  func write(to shell: Shell) throws(SQLError) {
    let target = shell.resultOutput
    var format = shell.format
    format.table.nullText = ""
    if footers != nil { format.table.hasFooter = false }
    let encoder = try format.encoder(for: columns, toTerminal: target.isTerminal)
    var out = ByteWriter()
    try encoder.header(into: &out)
    for batch in Batch.batches(of: rows, types: columns.map(\.type)) {
      try encoder.append(batch, into: &out)
    }
    try encoder.finish(error: nil, into: &out)
    var text = String(decoding: out.bytes, as: UTF8.self)
    if format.isTable, !format.table.tuplesOnly {
      let extra = (footers ?? []).map { VisibleText.line($0) + "\n" }.joined()
      if format.kind == .aligned {
        text = String(text.dropLast()) + extra + "\n"
        text = centredTitle(over: text) + text
      } else {
        text += extra
      }
    }
    target.write(text)
  }

  private func centredTitle(over text: String) -> String {
    guard let title = title.map(VisibleText.line) else { return "" }
    let width = VisibleText.width(of: String(text.prefix { $0 != "\n" }))
    let blanks = max(0, (width - VisibleText.width(of: title)) / 2)
    return String(repeating: " ", count: blanks) + title + "\n"
  }
}

extension Value {
  /// A text, NULL for none.
  static func optionalText(_ text: String?) -> Value { text.map { .text($0) } ?? .null }
}
