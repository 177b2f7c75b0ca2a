/// Everything a simulated disk knows: what processes see, and what would survive.
struct SimState: Sendable {
  enum Node: Hashable, Sendable {
    case directory
    case file(Int)
  }

  struct Crash: Sendable {
    var operation: Int
    var mode: SimDisk.CrashMode
  }

  struct HeldLock: Sendable {
    var path: String
    var isExclusive: Bool
    var holder: String
  }

  /// Contents by file number; numbers stay when names change.
  var files: [SimFile] = []
  var entries: [String: Node] = [:]
  var durableEntries: [String: Node] = [:]
  /// Changes of names that no `syncDirectory` has covered yet, oldest first; those of one element
  /// happen together.
  var pendingChanges: [[SimChange]] = []
  var capacityBytes: Int
  var operationCount = 0
  var crash: Crash?
  var hasCrashed = false
  var faults: [Int: SimDisk.Fault] = [:]
  var locks: [Int: HeldLock] = [:]
  var lastLock = 0

  init(capacityBytes: Int) { self.capacityBytes = capacityBytes }

  mutating func addFile(_ file: SimFile) -> Int {
    files.append(file)
    return files.count - 1
  }

  func file(_ name: String) -> Int? {
    if case .file(let id) = entries[name] { id } else { nil }
  }

  var usedBytes: Int {
    entries.values.reduce(0) { sum, node in
      if case .file(let id) = node { sum + files[id].contents.count } else { sum }
    }
  }

  /// The names directly in a directory, sorted.
  func names(in directory: String) -> [String] {
    let prefix = directory.isEmpty ? "" : directory + "/"
    var names: [String] = []
    for path in entries.keys where path.hasPrefix(prefix) {
      let name = path.dropFirst(prefix.count)
      if !name.contains("/") { names.append(String(name)) }
    }
    return names.sorted()
  }
}

/// A path that names a new node, or none any more.
struct SimChange: Sendable {
  let path: String
  let node: SimState.Node?

  init(_ path: String, _ node: SimState.Node?) {
    self.path = path
    self.node = node
  }
}

// MARK: - Names

extension SimState {
  mutating func change(_ changes: [SimChange]) {
    for change in changes { entries[change.path] = change.node }
    pendingChanges.append(changes)
  }

  /// A change counts as one of the directory of its first path: a rename's target.
  private static func directory(of changes: [SimChange]) -> String {
    changes.first.map { SimPath.parent(of: $0.path) } ?? ""
  }

  mutating func syncNames(in directory: String) {
    for changes in pendingChanges where Self.directory(of: changes) == directory {
      for change in changes { durableEntries[change.path] = change.node }
    }
    pendingChanges.removeAll { Self.directory(of: $0) == directory }
  }

  func requireRunning(_ path: String) throws(SQLError) {
    if hasCrashed { throw SimDisk.error(.ioError, "reach disk", "the disk has crashed", path) }
  }

  func requireFile(_ name: String, _ path: String) throws(SQLError) -> Int {
    switch entries[name] {
    case .file(let id): return id
    case .directory: throw SimDisk.error(.ioError, "open file", "is a directory", path)
    case nil:
      throw SimDisk.error(.undefinedFile, "open file", "no such file or directory", path)
    }
  }

  func requireDirectory(_ name: String, _ path: String) throws(SQLError) {
    if name.isEmpty || entries[name] == .directory { return }
    if entries[name] == nil {
      throw SimDisk.error(.undefinedFile, "open directory", "no such file or directory", path)
    }
    throw SimDisk.error(.ioError, "open directory", "not a directory", path)
  }

  func requireParent(of name: String, _ path: String) throws(SQLError) {
    try requireDirectory(SimPath.parent(of: name), path)
  }
}

// MARK: - Crashes

extension SimState {
  func afterCrash(_ mode: SimDisk.CrashMode, _ random: SeededRandom) -> SimState {
    var after = SimState(capacityBytes: capacityBytes)
    after.files = files
    after.durableEntries = durableEntries
    if mode == .keepAll {
      after.entries = entries
      after.pendingChanges = pendingChanges
      return after
    }
    if mode == .tearRandomly {
      for changes in pendingChanges where random.nextBool() {
        for change in changes { after.durableEntries[change.path] = change.node }
      }
    }
    after.dropOrphans()
    for index in after.files.indices {
      after.files[index] = mode == .loseUnsynced ? files[index].synced : files[index].torn(random)
    }
    after.entries = after.durableEntries
    return after
  }

  /// A name goes with its directory.
  private mutating func dropOrphans() {
    durableEntries = durableEntries.filter { path, _ in
      SimPath.parents(of: path).allSatisfy { durableEntries[$0] == .directory }
    }
  }
}

/// Paths as the simulated disk keeps them: no leading, trailing or double slashes, no dots.
enum SimPath {
  static func normal(_ path: String) -> String {
    path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }

  static func parent(of name: String) -> String {
    guard let slash = name.lastIndex(of: "/") else { return "" }
    return String(name[..<slash])
  }

  /// All directories above, without the root.
  static func parents(of name: String) -> [String] {
    var all: [String] = []
    var next = parent(of: name)
    while !next.isEmpty {
      all.append(next)
      next = parent(of: next)
    }
    return all
  }
}
