import Base

/// Where a database lives.
public enum DatabaseLocation: Hashable, Sendable {
  case memory
  /// A directory, by convention named `name.zij`.
  case directory(String)
}

public struct DatabaseOptions: Sendable {
  /// Nil: PosixDisk.
  public var disk: (any Disk)?
  public var isReadOnly = false
  /// Create the directory if it is missing.
  public var createIfMissing = true
  public var workerCount: Int?
  /// False: batch queries keep their cores until a morsel ends. For measuring what preemption costs.
  public var isPreemptive = true
  /// Limit of all queries together; nil: three quarters of the machine's memory.
  public var memoryLimitBytes: Int?
  /// Decoded columns kept for the next query; nil: 256 MiB, or a sixth of the limit if that is less.
  /// They give way when queries need the memory.
  public var cacheBytes: Int?
  /// Memory of rows that are in the log but not in segments yet, beyond which they are brought there;
  /// nil: 64 MiB, or a sixteenth of the limit if that is less.
  public var tailLimitBytes: Int?
  /// A statement that adds more rows than this, or more than 1 MiB, writes segments at once.
  public var logRows = 10_000
  /// Shown to others who find the database locked; nil: the name of the running program.
  public var programName: String?
  /// Where identifiers of files come from; nil: the system.
  public var random: (any RandomSource)?
  public var readers: [any FileReader] = []
  public var writers: [any FileWriter] = []
  /// The format of COPY without FORMAT between a table and a stream.
  public var streamFormat = "csv"
  /// Whether statements may name files in FROM and COPY. Servers say no: whoever may ask a question
  /// could read every file that the server can.
  public var allowsFiles = true

  public init() {}
}
