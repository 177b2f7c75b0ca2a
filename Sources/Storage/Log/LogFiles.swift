import Base

/// The files of the log as its writer sees them. Used by one thread at a time.
final class LogFiles {
  /// A small database stays small: files grow fourfold from the first to the last of these.
  private static let firstFileBytes = 16 << 10
  private static let largestFileBytes = 16 << 20

  let identity: LogIdentity
  private(set) var nextLSN: UInt64
  private(set) var files: [LogFile]
  private let directory: DatabaseDirectory
  private var file: (any RewritableFile)?
  private var offset: Int
  /// A write failed: what stands behind `offset` is not known, and no block may follow it.
  private var mustRotate = false

  private var folder: String { directory.absolute("wal") }
  private var disk: any Disk { directory.disk }

  /// A new log, whose first block will have the number `firstLSN`. The caller tells the manifest.
  init(new directory: DatabaseDirectory, firstLSN: UInt64) throws(Manifest.Failure) {
    self.directory = directory
    identity = LogIdentity(directory.random)
    nextLSN = firstLSN
    files = []
    offset = 0
    do throws(SQLError) {
      try disk.createDirectory(folder)
    } catch {
      throw Manifest.Failure(error: error, isAmbiguous: false)
    }
    try directory.syncing { () throws(SQLError) in try disk.syncDirectory(directory.path) }
    try open(try makeFile(number: 1, for: 0))
  }

  /// A log that was read, whose end this makes durable before anybody builds on it.
  ///
  /// An earlier process may have ended between writing and syncing, or its sync may have failed: then
  /// the end was read from the system's cache, which can hold it for written, so that a sync alone
  /// would do nothing. Only the last block can be such a one; with it, the block at the end of the file
  /// before, which leads here. Both are written again.
  init(_ directory: DatabaseDirectory, _ end: LogEnd) throws(SQLError) {
    self.directory = directory
    identity = end.identity
    nextLSN = end.nextLSN
    files = end.files
    offset = end.offset
    guard let last = files.last else {
      throw SQLError(.internalError, "a write-ahead log without files")
    }
    let file = try disk.rewrite(path(last.number))
    self.file = file
    if let before = files.dropLast().last, let end = before.endOffset {
      let file = try disk.rewrite(path(before.number))
      try repeatBytes(end..<end + LogFormat.headerBytes, of: file)
      try file.sync()
    }
    try repeatBytes(end.lastBlock, of: file)
    if end.hasTornTail {
      var zeros = ByteWriter()
      zeros.append(repeating: 0, count: last.sizeBytes - offset)
      try file.write(zeros.bytes, at: offset)
    }
    try file.sync()
  }

  /// Writes bytes of a file over themselves.
  private func repeatBytes(_ range: Range<Int>, of file: any RewritableFile) throws(SQLError) {
    if range.isEmpty { return }
    let bytes = try disk.open(file.path).read(at: range.lowerBound, count: range.count)
    try bytes.withBytes { (bytes) throws(SQLError) in
      try file.write(bytes, at: range.lowerBound)
    }
  }

  var sizeBytes: Int { files.reduce(0) { $0 + $1.sizeBytes } }

  func path(_ number: UInt64) -> String { folder + "/" + LogFormat.name(number) }

  // MARK: Blocks

  /// Room in front of a payload for its header.
  static func begin(_ out: inout ByteWriter) {
    out.removeAll()
    out.append(repeating: 0, count: LogFormat.headerBytes)
  }

  /// Writes a block and makes it durable. `out` holds the payload behind room for the header.
  func write(_ out: inout ByteWriter, commitCount: Int) throws(Manifest.Failure) {
    let payloadBytes = out.count - LogFormat.headerBytes
    guard payloadBytes <= LogFormat.largestPayloadBytes else {
      let error = SQLError(.programLimitExceeded, "a commit of \(payloadBytes) bytes for the log")
      throw Manifest.Failure(error: error, isAmbiguous: false)
    }
    out.append(repeating: 0, count: LogFormat.padded(payloadBytes) - payloadBytes)
    if mustRotate || offset + out.count + LogFormat.headerBytes > file?.sizeBytes ?? 0 {
      try rotate(for: out.count)
    }
    finish(&out, kind: LogFormat.commits, payloadBytes, commitCount)
    try write(out.bytes)
    offset += out.count
    nextLSN += 1
  }

  private func finish(
    _ out: inout ByteWriter, kind: UInt16, _ payloadBytes: Int, _ commitCount: Int
  ) {
    let payload = out.base + LogFormat.headerBytes
    let paddedBytes = out.count - LogFormat.headerBytes
    LogWhitening.apply(to: payload, count: paddedBytes, lsn: nextLSN)
    let checksum = CRC32C.checksum(UnsafeRawBufferPointer(start: payload, count: paddedBytes))
    LogBlockHeader(
      kind: kind, payloadBytes: payloadBytes, commitCount: commitCount, lsn: nextLSN,
      identity: identity, fileNumber: files.last?.number ?? 0, payloadChecksum: checksum
    ).write(to: out.base)
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws(Manifest.Failure) {
    guard let file else { return }
    do throws(SQLError) {
      try file.write(bytes, at: offset)
    } catch {
      mustRotate = true
      throw Manifest.Failure(error: error, isAmbiguous: false)
    }
    try directory.syncing { () throws(SQLError) in try file.sync() }
  }

  // MARK: Files

  /// Goes on in a new file with room for a block of `blockBytes`.
  private func rotate(for blockBytes: Int) throws(Manifest.Failure) {
    guard let last = files.last else { return }
    let next = try makeFile(number: last.number + 1, for: blockBytes)
    var out = ByteWriter(capacity: LogFormat.headerBytes)
    Self.begin(&out)
    finish(&out, kind: LogFormat.end, 0, 0)
    try write(out.bytes)
    try open(next)
  }

  private func open(_ next: LogFile) throws(Manifest.Failure) {
    do throws(SQLError) {
      file = try disk.rewrite(path(next.number))
    } catch {
      throw Manifest.Failure(error: error, isAmbiguous: false)
    }
    files.append(next)
    offset = LogFormat.headerBytes
    mustRotate = false
  }

  /// A file of zeros behind a header, durable with its name.
  private func makeFile(
    number: UInt64, for blockBytes: Int
  ) throws(Manifest.Failure) -> LogFile {
    let grown = files.last.map { min($0.sizeBytes * 4, Self.largestFileBytes) }
    let needed = (blockBytes + 2 * LogFormat.headerBytes + 4095) & ~4095
    let size = max(grown ?? Self.firstFileBytes, needed)
    let header = LogFileHeader(
      identity: identity, number: number, sizeBytes: size, firstLSN: nextLSN)
    let temporary = folder + "/_" + LogFormat.name(number)
    do throws(SQLError) {
      try fill(temporary, header)
      try disk.rename(temporary, to: path(number))
    } catch {
      try? disk.remove(temporary)
      throw Manifest.Failure(error: error, isAmbiguous: false)
    }
    try directory.syncing { () throws(SQLError) in try disk.syncDirectory(folder) }
    return LogFile(number: number, firstLSN: nextLSN, sizeBytes: size)
  }

  private func fill(_ path: String, _ header: LogFileHeader) throws(SQLError) {
    let file = try disk.create(path, replacing: true)
    var out = ByteWriter(capacity: 1 << 16)
    header.write(to: &out)
    var written = 0
    while written < header.sizeBytes {
      let here = min(header.sizeBytes - written, 1 << 20)
      out.append(repeating: 0, count: here - out.count)
      try file.write(out.bytes)
      written += here
      out.removeAll()
    }
    try file.sync()
    try file.close()
  }

  /// Removes files that the manifest no longer names. Failing to is no error: the next start does.
  func removeFiles(before number: UInt64) {
    for old in files where old.number < number { try? disk.remove(path(old.number)) }
    files.removeAll { $0.number < number }
  }
}

extension DatabaseDirectory {
  /// Runs a sync; when it fails, nobody knows what the disk holds.
  func syncing(_ body: () throws(SQLError) -> Void) throws(Manifest.Failure) {
    do throws(SQLError) { try body() } catch {
      throw Manifest.Failure(error: error, isAmbiguous: true)
    }
  }

  /// Removes the files of the log that are not in use: all but those in `range`. Others are not ours.
  func sweepLog(keeping range: ClosedRange<UInt64>?) {
    guard disk.kind(of: absolute("wal")) == .directory,
      let names = try? disk.list(absolute("wal"))
    else { return }
    let unused = names.filter { name in
      let isUnpublished = name.hasPrefix("_")
      guard let number = LogFormat.number(ofName: isUnpublished ? String(name.dropFirst()) : name)
      else { return false }
      return isUnpublished || range?.contains(number) != true
    }
    // The state that does not need them must outlive them.
    guard !unused.isEmpty, (try? makeDurable()) != nil else { return }
    for name in unused { try? disk.remove(absolute("wal/" + name)) }
  }
}
