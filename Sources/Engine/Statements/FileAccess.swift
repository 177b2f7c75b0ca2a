import Base
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

  func columns(of path: String) throws(SQLError) -> [PlanColumn] {
    let scan = try reader(format: nil, path: path).open(
      path, on: database.disk, expected: nil, options: FileOptions(), context: QueryContext())
    return scan.columns.map {
      PlanColumn(
        $0.name, $0.type, unit: $0.unit, ucd: $0.ucd, utype: $0.utype,
        description: $0.description)
    }
  }

  func open(
    _ path: String, format: String?, context: QueryContext
  ) throws(SQLError) -> any BatchGenerator {
    try reader(format: format, path: path).open(
      path, on: database.disk, expected: nil, options: FileOptions(), context: context)
  }
}
