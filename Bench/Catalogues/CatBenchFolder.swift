import Base
import Zij

/// A folder with a generated catalogue: `gaia`, `xcat` and `det` as ORC files, `params.json`, and the
/// database `zij.zij` that is loaded from them.
struct CatBenchFolder {
  let path: String

  private var databasePath: String { path + "/zij.zij" }

  /// Written last, so that a load that was cut short begins anew.
  private var markPath: String { path + "/zij.loaded" }

  private let disk = PosixDisk()

  init(path: String) { self.path = path }

  var isLoaded: Bool { disk.kind(of: markPath) == .file }

  struct Load {
    let seconds: Double
    let sizeBytes: Int

    var json: JSONValue {
      .object([("seconds", .number((seconds * 1e3).rounded() / 1e3)), ("bytes", .integer(sizeBytes))])
    }
  }

  /// Makes the database from nothing: wall time from opening to the last commit, which is durable.
  func load(threadCount: Int?) throws(SQLError) -> Load {
    if disk.kind(of: markPath) != nil { try disk.remove(markPath) }
    try remove(databasePath)
    let clock = SystemClock()
    let startNS = clock.monotonicNS()
    let database = try open(threadCount: threadCount, isLoading: true)
    let session = database.makeSession()
    for table in CatBenchTable.all {
      try table.load(from: path, session)
    }
    database.close()
    let seconds = Double(clock.monotonicNS() - startNS) / 1e9
    let sizeBytes = try size(of: databasePath)
    try OutputFile.write("", to: markPath)
    return Load(seconds: seconds, sizeBytes: sizeBytes)
  }

  func open(
    threadCount: Int?, isLoading: Bool = false, isPreemptive: Bool = true
  ) throws(SQLError) -> Database {
    var settings = DatabaseOptions()
    settings.programName = "zij-bench"
    settings.workerCount = threadCount
    settings.isPreemptive = isPreemptive
    settings.isReadOnly = !isLoading
    settings.createIfMissing = isLoading
    return try Database.open(.directory(databasePath), options: settings)
  }

  /// What stands for `{name}` in queries: the folder's own values, and `{tmp}`, where exports go.
  func parameters(exportingTo exportPath: String?) throws -> [String: String] {
    let file = try disk.open(path + "/params.json")
    let text = try file.read(at: 0, count: file.sizeBytes)
    var values = try FlatObject(Array(text.bytes)).members
    values["tmp"] = exportPath ?? path
    return values
  }

  private func remove(_ target: String) throws(SQLError) {
    switch disk.kind(of: target) {
    case nil: return
    case .directory where !disk.isLink(target):
      for name in try disk.list(target) { try remove(target + "/" + name) }
      try disk.removeDirectory(target)
    default: try disk.remove(target)
    }
  }

  private func size(of target: String) throws(SQLError) -> Int {
    guard disk.kind(of: target) == .directory else { return try disk.open(target).sizeBytes }
    var total = 0
    for name in try disk.list(target) { total += try size(of: target + "/" + name) }
    return total
  }
}
