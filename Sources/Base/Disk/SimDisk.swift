import Synchronization

/// A disk in memory that forgets, tears and refuses writes, the same way for the same seed.
///
/// Every mutating call is one numbered operation, counted from 1. File contents become durable with
/// `sync`, names with `syncDirectory`; a crash decides what happens to the rest. A failed `sync`
/// loses what it should have written for good, as Linux does: a second one succeeds without it.
/// Names are different: file systems keep them in a journal, and stop altogether if that fails.
public final class SimDisk: Disk {
  /// What becomes of writes and names that were not yet synced when the disk crashes.
  public enum CrashMode: Sendable, CaseIterable {
    /// They are gone: the power failed.
    case loseUnsynced
    /// They are there, still unsynced: only the process died.
    case keepAll
    /// Each 512-byte sector and each name is there or not, by chance.
    case tearRandomly
  }

  public enum Fault: Sendable, CaseIterable {
    case noSpace, inputOutput
  }

  let seed: UInt64
  let state: Mutex<SimState>

  /// An empty disk that holds at most `capacityBytes` of file contents.
  public convenience init(seed: UInt64, capacityBytes: Int = .max) {
    self.init(seed: seed, SimState(capacityBytes: capacityBytes))
  }

  init(seed: UInt64, _ state: consuming SimState) {
    self.seed = seed
    self.state = Mutex(state)
  }

  /// Operations so far, failed ones included.
  public var operationCount: Int { state.withLock { $0.operationCount } }

  /// Bytes of all reachable files.
  public var usedBytes: Int { state.withLock { $0.usedBytes } }

  public var capacityBytes: Int {
    get { state.withLock { $0.capacityBytes } }
    set { state.withLock { $0.capacityBytes = newValue } }
  }

  public var hasCrashed: Bool { state.withLock { $0.hasCrashed } }

  /// Makes operation `operation` and everything after it throw; `reopened` then gives what is left.
  public func crash(after operation: Int, mode: CrashMode) {
    state.withLock { $0.crash = SimState.Crash(operation: operation, mode: mode) }
  }

  /// Makes operation `operation` fail; a write that runs out of space has then written a part.
  public func failOperation(_ operation: Int, _ fault: Fault) {
    state.withLock { $0.faults[operation] = fault }
  }

  /// The disk as the next process finds it: locks are gone, operations count from 1 again.
  ///
  /// Without a crash before, it is as after `.keepAll`, or as `mode` says.
  public func reopened(_ mode: CrashMode? = nil) -> SimDisk {
    let random = SeededRandom(seed: seed &+ UInt64(operationCount) &* 0xD1B5_4A32_D192_ED03)
    let (crashed, before) = state.withLock { ($0.crash, $0) }
    let chosen = mode ?? (before.hasCrashed ? crashed?.mode : nil) ?? .keepAll
    return SimDisk(seed: random.next(), before.afterCrash(chosen, random))
  }

  /// The file's contents as a running process sees them, for tests that damage files.
  public func contents(of path: String) -> [UInt8]? {
    state.withLock { state in state.file(SimPath.normal(path)).map { state.files[$0].contents } }
  }

  /// Puts a durable file there, past all counting.
  public func place(_ bytes: [UInt8], at path: String) {
    state.withLock { state in
      let path = SimPath.normal(path)
      for parent in SimPath.parents(of: path) {
        state.entries[parent] = .directory
        state.durableEntries[parent] = .directory
      }
      let id = state.addFile(SimFile(contents: bytes, durable: bytes, dirtyFrom: bytes.count))
      state.entries[path] = .file(id)
      state.durableEntries[path] = .file(id)
    }
  }
}

// MARK: - Disk

extension SimDisk {
  public func open(_ path: String) throws(SQLError) -> any ReadableFile {
    let name = SimPath.normal(path)
    let (id, sizeBytes) = try state.withLock { state throws(SQLError) in
      try state.requireRunning(path)
      let id = try state.requireFile(name, path)
      return (id, state.files[id].contents.count)
    }
    return SimReadableFile(path, self, id, sizeBytes: sizeBytes)
  }

  public func create(_ path: String, replacing: Bool) throws(SQLError) -> any WritableFile {
    let name = SimPath.normal(path)
    let id = try operate("create file", path) { state throws(SQLError) in
      try state.requireParent(of: name, path)
      switch state.entries[name] {
      case .directory: throw SimDisk.error(.ioError, "create file", "is a directory", path)
      case .file(let id):
        guard replacing else {
          throw SimDisk.error(.duplicateFile, "create file", "file exists", path)
        }
        state.files[id].truncate(to: 0)
        return id
      case nil:
        let id = state.addFile(SimFile())
        state.change([SimChange(name, .file(id))])
        return id
      }
    }
    return SimWritableFile(path, self, id)
  }

  public func append(
    to path: String, keeping sizeBytes: Int
  ) throws(SQLError) -> any WritableFile {
    let name = SimPath.normal(path)
    let id = try operate("open file for appending", path) { state throws(SQLError) in
      let id = try state.requireFile(name, path)
      let count = state.files[id].contents.count
      guard sizeBytes >= 0, sizeBytes <= count else {
        throw SQLError(
          .dataCorrupted, "file has \(count) of \(sizeBytes) expected bytes: \"\(path)\"")
      }
      state.files[id].truncate(to: sizeBytes)
      return id
    }
    return SimWritableFile(path, self, id)
  }

  public func rename(_ source: String, to target: String) throws(SQLError) {
    let from = SimPath.normal(source)
    let to = SimPath.normal(target)
    try operate("rename file", source) { state throws(SQLError) in
      let id = try state.requireFile(from, source)
      try state.requireParent(of: to, target)
      if state.entries[to] == .directory {
        throw SimDisk.error(.ioError, "rename file", "is a directory", target)
      }
      if from != to { state.change([SimChange(to, .file(id)), SimChange(from, nil)]) }
    }
  }

  public func remove(_ path: String) throws(SQLError) {
    let name = SimPath.normal(path)
    try operate("remove file", path) { state throws(SQLError) in
      _ = try state.requireFile(name, path)
      state.change([SimChange(name, nil)])
    }
  }

  public func createDirectory(_ path: String) throws(SQLError) {
    let name = SimPath.normal(path)
    try operate("create directory", path) { state throws(SQLError) in
      try state.requireParent(of: name, path)
      switch state.entries[name] {
      case .directory: return
      case .file: throw SimDisk.error(.duplicateFile, "create directory", "file exists", path)
      case nil: state.change([SimChange(name, .directory)])
      }
    }
  }

  public func removeDirectory(_ path: String) throws(SQLError) {
    let name = SimPath.normal(path)
    try operate("remove directory", path) { state throws(SQLError) in
      try state.requireDirectory(name, path)
      guard state.names(in: name).isEmpty else {
        throw SimDisk.error(.ioError, "remove directory", "directory not empty", path)
      }
      state.change([SimChange(name, nil)])
    }
  }

  public func syncDirectory(_ path: String) throws(SQLError) {
    let name = SimPath.normal(path)
    try operate("sync directory", path) { state throws(SQLError) in
      try state.requireDirectory(name, path)
      state.syncNames(in: name)
    }
  }

  public func list(_ path: String) throws(SQLError) -> [String] {
    let name = SimPath.normal(path)
    return try state.withLock { state throws(SQLError) in
      try state.requireRunning(path)
      try state.requireDirectory(name, path)
      return state.names(in: name)
    }
  }

  public func kind(of path: String) -> FileKind? {
    let name = SimPath.normal(path)
    return state.withLock { state in
      if state.hasCrashed { return nil }
      if name.isEmpty { return .directory }
      return state.entries[name].map { $0 == .directory ? .directory : .file }
    }
  }

  public func isLink(_ path: String) -> Bool { false }

  public func lock(
    _ path: String, exclusive: Bool, holder: String
  ) throws(SQLError) -> any FileLock {
    let name = SimPath.normal(path)
    if kind(of: path) == nil { _ = try create(path, replacing: false) }
    let token = try state.withLock { state throws(SQLError) in
      try state.requireRunning(path)
      let held = state.locks.values.filter { $0.path == name }
      if let owner = held.first(where: { $0.isExclusive }) {
        throw LockText.inUse(path, by: owner.holder)
      }
      if exclusive, !held.isEmpty { throw LockText.inUse(path, by: nil) }
      state.lastLock += 1
      state.locks[state.lastLock] = SimState.HeldLock(
        path: name, isExclusive: exclusive, holder: holder)
      return state.lastLock
    }
    return SimLock(self, token)
  }
}

// MARK: - Faults

extension SimDisk {
  /// Runs one numbered operation: it takes effect, fails as planned, or meets the crash.
  ///
  /// `onFault` is what a failing operation does all the same.
  func operate<Result: Sendable>(
    _ action: String, _ path: String, onFault: (inout SimState) -> Void = { _ in },
    _ body: (inout SimState) throws(SQLError) -> Result
  ) throws(SQLError) -> Result {
    try state.withLock { state throws(SQLError) in
      try state.requireRunning(path)
      state.operationCount += 1
      if let crash = state.crash, state.operationCount >= crash.operation {
        state.hasCrashed = true
        let reachesDisk =
          switch crash.mode {
          case .keepAll: true
          case .loseUnsynced: false
          case .tearRandomly: SeededRandom(seed: seed &+ UInt64(crash.operation)).nextBool()
          }
        // The call may have had its effect although nobody was told; its own refusal is no matter.
        if reachesDisk { _ = try? body(&state) }
        throw SimDisk.error(.ioError, action, "the disk has crashed", path)
      }
      guard let fault = state.faults[state.operationCount] else { return try body(&state) }
      onFault(&state)
      switch fault {
      case .noSpace: throw SimDisk.error(.diskFull, action, "no space left on device", path)
      case .inputOutput: throw SimDisk.error(.ioError, action, "input/output error", path)
      }
    }
  }

  static func error(
    _ state: SQLState, _ action: String, _ reason: String, _ path: String
  ) -> SQLError {
    SQLError(state, "cannot \(action): \(reason): \"\(path)\"")
  }
}
