import Base

/// Rows for `COPY … FROM STDIN` that arrive piece by piece: kept in a temporary file until the last has
/// come, so that a slow sender holds no thread and memory stays small. The file goes with the object.
public final class CopySpool {
  private let disk: any Disk
  private let path: String
  private var file: (any WritableFile)?
  private let limitBytes: Int

  /// Makes the file in the database's own folder for such, or in /tmp for one in memory. What comes
  /// for a database in memory must fit into it in the end: many times as much text is refused.
  public init(for database: Database) throws(SQLError) {
    disk = database.disk
    let folder: String
    switch database.location {
    case .memory:
      folder = "/tmp"
      let (limit, overflow) = database.memory.limit.multipliedReportingOverflow(by: 16)
      limitBytes = overflow ? .max : limit
    case .directory(let path):
      folder = path + "/temp"
      limitBytes = .max
    }
    path = "\(folder)/zij-copy-\(SystemRandom().uuidText())"
    file = try disk.createPrivate(path)
  }

  deinit {
    try? file?.close()
    try? disk.remove(path)
  }

  /// How the rows are to be read; nil: as the statement says.
  public var options: FileOptions?

  public func append(_ bytes: UnsafeRawBufferPointer) throws(SQLError) {
    guard bytes.count > 0 else { return }
    guard bytes.count <= limitBytes - sizeBytes else {
      throw SQLError(
        .programLimitExceeded, "rows for a table in memory are longer than \(limitBytes) bytes",
        hint: "Send fewer rows at a time.")
    }
    try file?.write(bytes)
  }

  public var sizeBytes: Int { file?.sizeBytes ?? 0 }

  /// Closes the file and says where it is.
  func finish() throws(SQLError) -> String {
    try file?.close()
    file = nil
    return path
  }
}
