import Base
import Execution
import FunctionKit
import Plans
import Vectors

/// Files in COPY and FROM: finds the format by name or by the end of the file's name.
struct FileAccess {
  let database: Database

  func reader(format: String?, path: String) throws(SQLError) -> any FileReader {
    let readers = database.options.readers
    if let format {
      if let found = readers.first(where: { $0.names.contains(format.lowercased()) }) {
        return found
      }
      throw unknown(format, readers.flatMap(\.names))
    }
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    if let found = readers.first(where: { $0.endings.contains(ending) }) { return found }
    if let csv = readers.first(where: { $0.names.contains("csv") }) { return csv }
    throw unknown(ending, readers.flatMap(\.names))
  }

  func writer(format: String?, path: String) throws(SQLError) -> any FileWriter {
    let writers = database.options.writers
    if let format {
      if let found = writers.first(where: { $0.names.contains(format.lowercased()) }) {
        return found
      }
      throw unknown(format, writers.flatMap(\.names))
    }
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    if let found = writers.first(where: { $0.endings.contains(ending) }) { return found }
    if let csv = writers.first(where: { $0.names.contains("csv") }) { return csv }
    throw unknown(ending, writers.flatMap(\.names))
  }

  private func unknown(_ format: String, _ names: [String]) -> SQLError {
    SQLError(
      .featureNotSupported, "file format is not known: \"\(format)\"",
      hint: names.isEmpty ? "No formats are registered." : "Known are \(names.joined(separator: ", ")).")
  }

  func columns(of source: FileSource) throws(SQLError) -> [PlanColumn] {
    try open(source, context: QueryContext()).columns.map(PlanColumn.init)
  }

  /// `expected` as for `FileReader`.
  func open(
    _ source: FileSource, expected: [ResultColumn]? = nil, context: QueryContext
  ) throws(SQLError) -> any FileScan {
    try reader(format: source.format, path: source.path).open(
      source.path, on: database.disk, expected: expected, options: FileOptions(source.options),
      context: context)
  }

  /// Opens a file that a plan reads.
  func parts(_ read: PhysicalFile, context: QueryContext) throws(SQLError) -> FileParts {
    try Self.parts(of: open(read.source, context: context), read, context: context)
  }

  static func parts(
    of scan: any FileScan, _ read: PhysicalFile, context: QueryContext
  ) throws(SQLError) -> FileParts {
    let known = scan.columns
    for (position, type) in zip(read.columns, read.types) {
      guard known.indices.contains(position), known[position].type == type else {
        throw SQLError(
          .dataCorrupted, "file has changed while it was read: \"\(read.source.path)\"",
          hint: "Ask again when nobody writes it.")
      }
    }
    return FileParts(
      count: scan.partCount, fractionRead: { scan.fractionRead },
      open: { (part) throws(SQLError) in
        try scan.open(part: part, columns: read.columns, context: context)
      })
  }
}
