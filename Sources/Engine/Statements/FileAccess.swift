import Base
import Execution
import FunctionKit
import Parsing
import Plans
import Synchronization
import Vectors

/// Files in COPY and FROM: finds the format by name or by the end of the file's name, and checks
/// the options.
struct FileAccess {
  let database: Database
  /// The file is a stream that the program brings, not one that the statement names.
  var isStream = false

  /// Endings of compressed files, whose format is what stands before: `gaia.csv.gz`.
  private static let compressedEndings: Set<String> = ["gz", "bz2", "zst", "zstd"]

  // MARK: Formats

  /// The format that reads `source`, whose options it knows. `options` say where those are written.
  func reader(
    of source: FileSource, _ options: [FileOption]
  ) throws(SQLError) -> any FileReader {
    try requireAllowed(source)
    let ending = isStream
      ? nil : Self.endings(of: source.path).first { !Self.compressedEndings.contains($0) }
    let readers = database.options.readers
    let found = readers[try index(source.format, ending, readers.map { $0 }, options)]
    try Self.check(options, of: found)
    return found
  }

  func writer(
    of source: FileSource, _ options: [FileOption]
  ) throws(SQLError) -> any FileWriter {
    try requireAllowed(source)
    let ending = Self.endings(of: source.path).first
    if let ending, Self.compressedEndings.contains(ending) {
      throw SQLError(
        .featureNotSupported, "compressed files are read but not written: \"\(source.path)\"",
        hint: "Write the file without .\(ending) and compress it then.")
    }
    let writers = database.options.writers
    let found = writers[try index(source.format, ending, writers.map { $0 }, options)]
    try Self.check(options, of: found)
    return found
  }

  private func requireAllowed(_ source: FileSource) throws(SQLError) {
    guard isStream || database.options.allowsFiles else {
      throw SQLError(
        .insufficientPrivilege, "this server does not open files: \"\(source.path)\"",
        hint: "COPY … FROM STDIN and TO STDOUT bring rows from and to your side.")
    }
  }

  /// What stands behind the points of a file's name, in lower case, the last first.
  private static func endings(of path: String) -> [String] {
    let name = path.split(separator: "/").last ?? ""
    return name.split(separator: ".").dropFirst().reversed().map { $0.lowercased() }
  }

  /// Which format is the one of that name or, without a name, of that ending, or else the standard one.
  private func index(
    _ name: String?, _ ending: String?, _ formats: [any FileFormat], _ options: [FileOption]
  ) throws(SQLError) -> Int {
    if let name {
      let wanted = name.lowercased()
      if let found = formats.firstIndex(where: { $0.names.contains(wanted) }) { return found }
      let place = options.first { $0.name.text.lowercased() == "format" }?.range
      throw Self.unknown(name, formats, at: place)
    }
    if let ending, let found = formats.firstIndex(where: { $0.endings.contains(ending) }) {
      return found
    }
    let standard = isStream ? database.options.streamFormat : "csv"
    if let found = formats.firstIndex(where: { $0.names.contains(standard) }) { return found }
    throw Self.unknown(ending ?? standard, formats, at: nil)
  }

  private static func unknown(
    _ name: String, _ formats: [any FileFormat], at range: SourceRange?
  ) -> SQLError {
    let names = formats.flatMap(\.names)
    return SQLError(
      .featureNotSupported, "file format is not known: \"\(name)\"", at: range,
      hint: names.isEmpty ? "No formats are registered." : "Known are \(names.joined(separator: ", ")).")
  }

  /// Checks one option after the other, so that an error has its place.
  private static func check(
    _ options: [FileOption], of format: any FileFormat
  ) throws(SQLError) {
    for option in options where option.name.text.lowercased() != "format" {
      do throws(SQLError) {
        try format.check(FileOptions([option.name.text.lowercased(): option.value]))
      } catch {
        throw error.at(option.range)
      }
    }
  }

  /// What a format gets: also its name, for formats of several.
  static func options(of source: FileSource) -> FileOptions {
    var options = FileOptions(source.options)
    if let format = source.format { options.values["format"] = .some(.text(format.lowercased())) }
    return options
  }

  // MARK: Reading

  /// `expected` as for `FileReader`.
  func open(
    _ source: FileSource, _ options: [FileOption], expected: [ResultColumn]? = nil,
    context: QueryContext
  ) throws(SQLError) -> any FileScan {
    try reader(of: source, options).open(
      source.path, on: database.disk, expected: expected, options: Self.options(of: source),
      context: context)
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
        read.uses.isEmpty
          ? try scan.open(part: part, columns: read.columns, context: context)
          : try scan.open(part: part, columns: read.columns, uses: read.uses, context: context)
      })
  }
}

/// The files that a statement names: each is opened and looked at once, when the statement is bound,
/// so that also a pipe can be read.
final class StatementFiles: Sendable {
  private let access: FileAccess
  private let scans = Mutex<[FileSource: any FileScan]>([:])

  /// Looking at a file takes memory and time, too: on the statement's limits, and `cancel` ends it.
  private let context: QueryContext
  private let isAllowed: Bool

  init(_ session: Session) {
    access = FileAccess(database: session.database)
    context = session.makeContext()
    isAllowed = session.access == .everything
  }

  func columns(
    of source: FileSource, _ options: [FileOption]
  ) throws(SQLError) -> [PlanColumn] {
    try scan(source, options, context).columns.map(PlanColumn.init)
  }

  /// Opens a file that a plan reads.
  func parts(_ read: PhysicalFile, context: QueryContext) throws(SQLError) -> FileParts {
    try FileAccess.parts(of: scan(read.source, [], context), read, context: context)
  }

  private func scan(
    _ source: FileSource, _ options: [FileOption], _ context: QueryContext
  ) throws(SQLError) -> any FileScan {
    if let known = scans.withLock({ $0[source] }) { return known }
    guard isAllowed else {
      throw SQLError(
        .insufficientPrivilege, "files of the server cannot be read here: \"\(source.path)\"",
        hint: "TAP_SCHEMA.tables lists the tables that can be asked.")
    }
    let opened = try access.open(source, options, context: context)
    scans.withLock { $0[source] = opened }
    return opened
  }
}
