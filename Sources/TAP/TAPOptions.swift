/// How a TAP service behaves.
public struct TAPOptions: Sendable {
  /// The path of the service, without a slash at its end.
  public var root = "/tap"
  /// How clients reach the root, "https://archive.example/tap"; nil: by the name that they used.
  public var publicURL: String?
  /// No answer has more rows, whatever MAXREC says; nil: no limit.
  public var rowLimit: Int?
  /// A synchronous query ends after so long; 0: never.
  public var syncSeconds = 3600
  /// Synchronous queries at one time; more are told to come back later.
  public var syncLimit = 500
  /// How long a job may run; its client may ask for less. 0: for ever.
  public var jobSeconds = 86_400
  /// How long a job is kept after it was made.
  public var retentionSeconds = 7 * 86_400
  /// Jobs that run at one time; others wait in their order.
  public var runningJobLimit = 4
  /// Jobs kept at one time.
  public var jobLimit = 10_000
  /// Names and values of the parameters of one job, and of all together.
  public var jobParameterBytes = 4 << 20
  public var allJobParameterBytes = 256 << 20
  /// Results of all jobs together, on disk.
  public var resultBytes = 64 << 30
  /// Memory of one query.
  public var queryMemoryBytes = 4 << 30
  /// Whether everybody may list the jobs of all, and so read and end them; otherwise who made a job has
  /// its address, and the list is empty.
  public var listsJobs = false
  /// Where results of jobs are kept, a folder that exists; nil: in the database, or in /tmp.
  public var jobsDirectory: String?

  public init() {}

  /// The longest limit of time that a session takes.
  static let longestSeconds = Int(Int32.max) / 1000

  /// A limit of time as a session's setting.
  static func timeout(seconds: Int) -> String { "\(max(0, min(seconds, longestSeconds)))s" }
}
