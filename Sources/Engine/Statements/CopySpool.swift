import Base

/// Rows for `COPY … FROM STDIN` that arrive piece by piece: kept in a temporary file until the last has
/// come, so that a slow sender holds no thread and memory stays small. The file goes with the object.
public final class CopySpool {
  private let disk: any Disk
  private let path: String
  private var file: (any WritableFile)?

  /// Makes the file in the database's own folder for such, or in /tmp for one in memory.
  public init(for database: Database) throws(SQLError) {
    disk = database.disk
    let folder =
      switch database.location {
      case .memory: "/tmp"
      case .directory(let path): path + "/temp"
      }
    path = "\(folder)/zij-copy-\(SystemRandom().uuidText())"
    file = try disk.create(path, replacing: false)
  }

  deinit {
    try? file?.close()
    try? disk.remove(path)
  }

  /// How the rows are to be read; nil: as the statement says.
  public var options: FileOptions?

  public func append(_ bytes: UnsafeRawBufferPointer) throws(SQLError) {
    if bytes.count > 0 { try file?.write(bytes) }
  }

  public var sizeBytes: Int { file?.sizeBytes ?? 0 }

  /// Closes the file and says where it is.
  func finish() throws(SQLError) -> String {
    try file?.close()
    file = nil
    return path
  }
}
