import Synchronization

/// The contents of a simulated file, as seen and as durable.
struct SimFile: Sendable {
  private(set) var contents: [UInt8] = []
  private(set) var durable: [UInt8] = []
  /// Bytes before this offset are alike in both, or lost for good by a failed sync.
  private(set) var dirtyFrom = 0

  static let sectorBytes = 512

  init() {}

  init(contents: [UInt8], durable: [UInt8], dirtyFrom: Int) {
    self.contents = contents
    self.durable = durable
    self.dirtyFrom = dirtyFrom
  }

  mutating func append(_ bytes: some Collection<UInt8>) { contents += bytes }

  /// Writes over bytes that are there.
  mutating func overwrite(_ bytes: some Collection<UInt8>, at offset: Int) {
    contents.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    dirtyFrom = min(dirtyFrom, offset)
  }

  mutating func truncate(to count: Int) {
    contents.removeSubrange(count...)
    dirtyFrom = min(dirtyFrom, count)
  }

  mutating func sync() {
    durable = kept(upTo: dirtyFrom)
    durable += contents[dirtyFrom...]
    dirtyFrom = contents.count
  }

  /// The kernel takes the pages for written although the device has refused them.
  mutating func failSync() { dirtyFrom = contents.count }

  /// What is left when all unsynced writes are lost.
  var synced: SimFile { SimFile(contents: durable, durable: durable, dirtyFrom: durable.count) }

  /// What is left when each unsynced sector is lost or kept by chance.
  ///
  /// The length may be the old one, the new one, or one between; a lost sector behind the old end
  /// reads as zeros.
  func torn(_ random: SeededRandom) -> SimFile {
    if dirtyFrom == contents.count, durable.count == contents.count { return synced }
    let shorter = min(durable.count, contents.count)
    let longer = max(durable.count, contents.count)
    let count =
      switch random.next(below: 3) {
      case 0: durable.count
      case 1: contents.count
      default: shorter + random.next(below: longer - shorter + 1)
      }
    var result = [UInt8](repeating: 0, count: count)
    for start in stride(from: 0, to: count, by: Self.sectorBytes) {
      let isNew = random.nextBool()
      for index in start..<min(start + Self.sectorBytes, count) {
        if index >= dirtyFrom, isNew, index < contents.count {
          result[index] = contents[index]
        } else if index < durable.count {
          result[index] = durable[index]
        }
      }
    }
    return SimFile(contents: result, durable: result, dirtyFrom: count)
  }

  /// The durable bytes up to `count`; lost ones are zeros.
  private func kept(upTo count: Int) -> [UInt8] {
    var bytes = Array(durable.prefix(count))
    if bytes.count < count { bytes += [UInt8](repeating: 0, count: count - bytes.count) }
    return bytes
  }
}

final class SimReadableFile: ReadableFile {
  let path: String
  let sizeBytes: Int
  private let disk: SimDisk
  private let id: Int

  init(_ path: String, _ disk: SimDisk, _ id: Int, sizeBytes: Int) {
    self.path = path
    self.sizeBytes = sizeBytes
    self.disk = disk
    self.id = id
  }

  func read(at offset: Int, count: Int) throws(SQLError) -> ByteRegion {
    let buffer = try disk.state.withLock { state throws(SQLError) in
      try state.requireRunning(path)
      let contents = state.files[id].contents
      guard offset >= 0, count >= 0, offset <= contents.count, count <= contents.count - offset
      else {
        throw ShortFile.error(path, offset: offset, count: count, sizeBytes: contents.count)
      }
      let buffer = Buffer(sizeBytes: count)
      contents.withUnsafeBytes { bytes in
        guard let start = bytes.baseAddress else { return }
        buffer.base.copyMemory(from: start + offset, byteCount: count)
      }
      return buffer
    }
    return ByteRegion(buffer: buffer, count: count)
  }

  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int {
    let available = max(0, sizeBytes - max(0, offset))
    let region = try read(at: max(0, min(offset, sizeBytes)), count: min(available, target.count))
    region.withBytes { target.copyMemory(from: $0) }
    return region.count
  }
}

final class SimWritableFile: WritableFile {
  let path: String
  private let disk: SimDisk
  private let id: Int
  private let hasEnded = Atomic<Bool>(false)

  init(_ path: String, _ disk: SimDisk, _ id: Int) {
    self.path = path
    self.disk = disk
    self.id = id
  }

  var sizeBytes: Int { disk.state.withLock { $0.files[id].contents.count } }

  func write(_ bytes: UnsafeRawBufferPointer) throws(SQLError) {
    try requireUsable()
    let half = bytes.prefix(bytes.count / 2)
    try ending { () throws(SQLError) in
      try disk.operate("write file", path, onFault: { $0.files[id].append(half) }) {
        state throws(SQLError) in
        let free = max(0, state.capacityBytes - state.usedBytes)
        state.files[id].append(bytes.prefix(free))
        if bytes.count > free {
          throw SimDisk.error(.diskFull, "write file", "no space left on device", path)
        }
      }
    }
  }

  func sync() throws(SQLError) {
    try requireUsable()
    try ending { () throws(SQLError) in
      try disk.operate("sync file", path, onFault: { $0.files[id].failSync() }) {
        state throws(SQLError) in state.files[id].sync()
      }
    }
  }

  func close() throws(SQLError) { hasEnded.store(true, ordering: .relaxed) }

  private func ending(_ body: () throws(SQLError) -> Void) throws(SQLError) {
    do throws(SQLError) {
      try body()
    } catch {
      hasEnded.store(true, ordering: .relaxed)
      throw error
    }
  }

  private func requireUsable() throws(SQLError) {
    if hasEnded.load(ordering: .relaxed) {
      throw SQLError(
        .ioError, "cannot write file: it is closed or an earlier write failed: \"\(path)\"")
    }
  }
}

final class SimRewritableFile: RewritableFile {
  let path: String
  let sizeBytes: Int
  private let disk: SimDisk
  private let id: Int
  private let hasFailed = Atomic<Bool>(false)

  init(_ path: String, _ disk: SimDisk, _ id: Int, sizeBytes: Int) {
    self.path = path
    self.sizeBytes = sizeBytes
    self.disk = disk
    self.id = id
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SQLError) {
    precondition(offset >= 0 && bytes.count <= sizeBytes - offset)
    try requireUsable()
    let half = bytes.prefix(bytes.count / 2)
    try disk.operate("write file", path, onFault: { $0.files[id].overwrite(half, at: offset) }) {
      state throws(SQLError) in state.files[id].overwrite(bytes, at: offset)
    }
  }

  func sync() throws(SQLError) {
    try requireUsable()
    do throws(SQLError) {
      try disk.operate("sync file", path, onFault: { $0.files[id].failSync() }) {
        state throws(SQLError) in state.files[id].sync()
      }
    } catch {
      hasFailed.store(true, ordering: .relaxed)
      throw error
    }
  }

  private func requireUsable() throws(SQLError) {
    if hasFailed.load(ordering: .relaxed) {
      throw SQLError(.ioError, "cannot write file: an earlier sync failed: \"\(path)\"")
    }
  }
}

extension SimDisk {
  public func rewrite(_ path: String) throws(SQLError) -> any RewritableFile {
    let name = SimPath.normal(path)
    let (id, sizeBytes) = try state.withLock { state throws(SQLError) in
      try state.requireRunning(path)
      let id = try state.requireFile(name, path)
      return (id, state.files[id].contents.count)
    }
    return SimRewritableFile(path, self, id, sizeBytes: sizeBytes)
  }
}

final class SimLock: FileLock {
  private let disk: SimDisk
  private let token: Int

  init(_ disk: SimDisk, _ token: Int) {
    self.disk = disk
    self.token = token
  }

  deinit { release() }

  func release() { disk.state.withLock { $0.locks[token] = nil } }
}
