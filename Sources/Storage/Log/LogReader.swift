import Base

/// What was found of a log when the database was opened.
struct LogEnd: Sendable {
  var identity: LogIdentity
  /// All files from the first needed to the last with blocks.
  var files: [LogFile]
  /// Where the next block of the last file goes.
  var offset: Int
  var nextLSN: UInt64
  /// Bytes of a commit that never finished follow.
  var hasTornTail: Bool
}

struct LogFile: Sendable, Hashable {
  var number: UInt64
  var firstLSN: UInt64
  var sizeBytes: Int
}

/// Reads a log from its first needed file to its end.
///
/// The end is the first block that is not sound, in the last file. It may be one that a crash has
/// cut short, which nobody was told was durable; any other damage is an error that names the byte.
struct LogReader {
  let folder: String
  let disk: any Disk
  let start: LogStart

  /// Calls `body` with the payload of every block.
  func read(
    _ body: (_ lsn: UInt64, _ commitCount: Int, _ payload: ByteRegion) throws(SQLError) -> Void
  ) throws(SQLError) -> LogEnd {
    var files: [LogFile] = []
    var number = start.firstFile
    var nextLSN: UInt64?
    while true {
      let (file, path) = try open(number)
      guard let header = try LogFileHeader(file), header.identity == start.identity,
        header.number == number, header.sizeBytes == file.count,
        nextLSN == nil || nextLSN == header.firstLSN
      else { throw Self.damaged(path, 0, "the file's header is wrong") }
      files.append(
        LogFile(number: number, firstLSN: header.firstLSN, sizeBytes: file.count))
      var lsn = header.firstLSN
      let (offset, hasNext) = try blocks(of: file, number, &lsn, path, body)
      nextLSN = lsn
      guard hasNext else {
        try requireNothing(behind: number)
        return LogEnd(
          identity: start.identity, files: files, offset: offset, nextLSN: lsn,
          hasTornTail: Self.firstNonzero(file, from: offset) != nil)
      }
      number += 1
    }
  }

  private func open(_ number: UInt64) throws(SQLError) -> (ByteRegion, String) {
    let path = folder + "/" + LogFormat.name(number)
    guard disk.kind(of: path) == .file else {
      throw SQLError(
        .dataCorrupted, "file of the write-ahead log is missing: \"\(path)\"",
        hint: "Restore the file from a copy; commits are in it that are nowhere else.")
    }
    let file = try disk.open(path)
    return (try file.read(at: 0, count: file.sizeBytes), path)
  }

  /// The offset behind the last block, and whether another file follows.
  private func blocks(
    of file: ByteRegion, _ number: UInt64, _ lsn: inout UInt64, _ path: String,
    _ body: (UInt64, Int, ByteRegion) throws(SQLError) -> Void
  ) throws(SQLError) -> (offset: Int, hasNext: Bool) {
    var offset = LogFormat.headerBytes
    while true {
      guard let header = header(file, offset, number), header.lsn == lsn,
        header.isSound(file, at: offset)
      else {
        try requireTorn(file, offset, number, lsn, path)
        return (offset, false)
      }
      if header.kind == LogFormat.end { return (offset, true) }
      do throws(SQLError) {
        try body(lsn, header.commitCount, Self.payload(file, offset, header))
      } catch {
        var named = error
        named.message += ", in block \(lsn) of the write-ahead log at byte \(offset): \"\(path)\""
        throw named
      }
      lsn += 1
      offset += header.blockBytes
    }
  }

  private func header(_ file: ByteRegion, _ offset: Int, _ number: UInt64) -> LogBlockHeader? {
    LogBlockHeader(file, at: offset, identity: start.identity, fileNumber: number)
  }

  private static func payload(
    _ file: ByteRegion, _ offset: Int, _ header: LogBlockHeader
  ) -> ByteRegion {
    let count = LogFormat.padded(header.payloadBytes)
    let buffer = Buffer(sizeBytes: count)
    buffer.base.copyMemory(
      from: file.base + offset + LogFormat.headerBytes, byteCount: count)
    LogWhitening.apply(to: buffer.base, count: count, lsn: header.lsn)
    return ByteRegion(buffer: buffer, count: header.payloadBytes)
  }

  // MARK: The end

  /// Returns if a crash can have left the bytes from `offset` on; throws if they are damage.
  private func requireTorn(
    _ file: ByteRegion, _ offset: Int, _ number: UInt64, _ lsn: UInt64, _ path: String
  ) throws(SQLError) {
    for next in stride(
      from: offset + LogFormat.blockAlignment, through: file.count - LogFormat.headerBytes,
      by: LogFormat.blockAlignment)
    {
      if let later = header(file, next, number), later.lsn > lsn, later.isSound(file, at: next) {
        throw Self.damaged(path, offset, "a block is unreadable before a good one at byte \(next)")
      }
    }
    guard let found = Self.firstNonzero(file, from: offset),
      found < offset + LogFormat.headerBytes
    else { return }
    if let header = header(file, offset, number), header.lsn == lsn {
      let end = min(file.count, offset + header.blockBytes)
      for chunk in stride(from: offset, to: end, by: LogFormat.blockAlignment)
      where Self.isZero(file, chunk..<min(end, chunk + LogFormat.blockAlignment)) {
        return
      }
      throw Self.damaged(path, offset, "the block is complete but its checksum is wrong")
    }
    // A write that ended within the header has not come to its checksum.
    let checksumAt = offset + LogFormat.headerBytes - 4
    guard Self.firstNonzero(file, from: checksumAt) == nil else {
      throw Self.damaged(path, offset, "the block's header is unreadable")
    }
  }

  /// A next file may have been made ready; blocks in it, or in later ones, would be lost ones.
  private func requireNothing(behind last: UInt64) throws(SQLError) {
    for name in try disk.list(folder) {
      guard let number = LogFormat.number(ofName: name), number > last else { continue }
      let path = folder + "/" + name
      let source = try disk.open(path)
      let file = try source.read(at: 0, count: source.sizeBytes)
      if let header = header(file, LogFormat.headerBytes, number),
        header.isSound(file, at: LogFormat.headerBytes)
      {
        throw Self.damaged(
          folder + "/" + LogFormat.name(last), 0, "the file has no end, but another one follows it")
      }
    }
  }

  private static func firstNonzero(_ file: ByteRegion, from offset: Int) -> Int? {
    file.withBytes { bytes in
      var next = offset
      while next < bytes.count {
        if next + 8 <= bytes.count, bytes.loadUnaligned(fromByteOffset: next, as: UInt64.self) == 0 {
          next += 8
        } else if bytes[next] != 0 {
          return next
        } else {
          next += 1
        }
      }
      return nil
    }
  }

  private static func isZero(_ file: ByteRegion, _ range: Range<Int>) -> Bool {
    firstNonzero(file[0..<range.upperBound], from: range.lowerBound) == nil
  }

  private static func damaged(_ path: String, _ offset: Int, _ what: String) -> SQLError {
    SQLError(
      .dataCorrupted,
      "write-ahead log is damaged at byte \(offset): \(what): \"\(path)\"",
      hint: "Restore the file from a copy; nothing has been changed.")
  }
}
