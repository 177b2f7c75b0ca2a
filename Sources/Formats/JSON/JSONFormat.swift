import Base
import Engine
import Vectors

/// Rows as JSON objects whose keys are the column names, in column order: one array of them, or one
/// object a line. Columns of the same name keep it, each key once with a number behind it.
public struct JSONFormat: FileWriter {
  public enum Layout: Sendable { case array, lines }

  private let layout: Layout

  public init(_ layout: Layout) { self.layout = layout }

  public var isBinary: Bool { false }
  public var names: [String] {
    layout == .array ? ["json", "application/json"] : ["jsonl", "ndjson", "application/x-ndjson"]
  }
  public var endings: [String] { layout == .array ? ["json"] : ["jsonl", "ndjson"] }

  public func check(_ options: FileOptions) throws(SQLError) {
    try options.refuseAll(of: "JSON")
  }

  public func begin(
    _ columns: [ResultColumn], options: FileOptions
  ) throws(SQLError) -> any RowEncoder {
    try check(options)
    return JSONEncoder(columns, layout: layout)
  }
}

final class JSONEncoder: RowEncoder {
  private let layout: JSONFormat.Layout
  /// What stands before each value: `{"ra": `, `, "dec": ` and so on.
  private let keys: [[UInt8]]
  private let cells: [CellColumn]
  private var isFirstRow = true

  init(_ columns: [ResultColumn], layout: JSONFormat.Layout) {
    self.layout = layout
    cells = columns.map { _ in CellColumn(style: .json) }
    keys = Self.distinct(columns.map(\.name)).enumerated().map { index, name in
      var text = ByteWriter()
      text.append(index == 0 ? "{" : ",")
      JSONText.append(string: name, into: &text)
      text.append(UInt8(ascii: ":"))
      return Array(text.bytes)
    }
  }

  private static func distinct(_ names: [String]) -> [String] {
    var taken = Set(names)
    var seen: Set<String> = []
    return names.map { name in
      if seen.insert(name).inserted { return name }
      var number = 2
      while !taken.insert("\(name)_\(number)").inserted { number += 1 }
      return "\(name)_\(number)"
    }
  }

  var bytesPerRow: Int { keys.reduce(0) { $0 + $1.count } }

  func header(into out: inout ByteWriter) {
    if layout == .array { out.append("[") }
  }

  func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    for (cell, vector) in zip(cells, batch.columns) { try cell.fill(from: vector) }
    for row in 0..<batch.rowCount {
      if layout == .array { out.append(isFirstRow ? "\n" : ",\n") }
      isFirstRow = false
      if keys.isEmpty { out.append("{") }
      for (key, cell) in zip(keys, cells) {
        out.append(key)
        if cell.isNull(row) {
          out.append("null")
        } else {
          out.append(cell.bytes(of: row))
        }
      }
      out.append(layout == .array ? "}" : "}\n")
    }
  }

  /// Closes the array. After an error it stays open, so that nobody takes the part for the whole.
  func finish(error: SQLError?, into out: inout ByteWriter) {
    guard error == nil, layout == .array else { return }
    out.append(isFirstRow ? "]\n" : "\n]\n")
  }
}
