import Base

/// What was found of a log when the database was opened.
struct LogEnd: Sendable {
  var identity: LogIdentity
  /// All files from the first needed to the last with blocks.
  var files: [LogFile]
  /// Where the next block of the last file goes.
  var offset: Int
  /// The last block before that; empty if the file has none.
  var lastBlock: Range<Int>
  var nextLSN: UInt64
  /// Bytes of a commit that never finished follow.
  var hasTornTail: Bool
}

struct LogFile: Sendable, Hashable {
  var number: UInt64
  var firstLSN: UInt64
  var sizeBytes: Int
  /// Where the block stands that says that another file follows; nil in the last file.
  var endOffset: Int?
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
        header.firstLSN < LogFormat.endOfNumbers, nextLSN == nil || nextLSN == header.firstLSN
      else { throw Self.damaged(path, 0, "the file's header is wrong") }
      let found = try blocks(of: file, number, header.firstLSN, path, body)
      files.append(
        LogFile(
          number: number, firstLSN: header.firstLSN, sizeBytes: file.count,
          endOffset: found.hasNext ? found.offset : nil))
      nextLSN = found.nextLSN
      guard found.hasNext else {
        try requireNothing(behind: number)
        return LogEnd(
          identity: start.identity, files: files, offset: found.offset,
          lastBlock: found.lastBlock, nextLSN: found.nextLSN,
          hasTornTail: Self.firstNonzero(file, from: found.offset) != nil)
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
    return (try contents(of: path), path)
  }

  /// A whole file, unless it is larger than any that this program writes.
  private func contents(of path: String) throws(SQLError) -> ByteRegion {
    let file = try disk.open(path)
    guard file.sizeBytes <= LogFormat.largestFileBytes else {
      throw Self.damaged(path, 0, "the file has \(file.sizeBytes) bytes")
    }
    return try file.read(at: 0, count: file.sizeBytes)
  }

  /// What the blocks of a file came to.
  private struct Blocks {
    /// Behind the last block with commits.
    var offset = LogFormat.headerBytes
    var lastBlock = LogFormat.headerBytes..<LogFormat.headerBytes
    var nextLSN: UInt64
    /// At `offset` stands a block that says that another file follows.
    var hasNext = false
  }

  private func blocks(
    of file: ByteRegion, _ number: UInt64, _ firstLSN: UInt64, _ path: String,
    _ body: (UInt64, Int, ByteRegion) throws(SQLError) -> Void
  ) throws(SQLError) -> Blocks {
    var found = Blocks(nextLSN: firstLSN)
    while true {
      let (offset, lsn) = (found.offset, found.nextLSN)
      guard let header = header(file, offset, number), header.lsn == lsn,
        header.isSound(file, at: offset)
      else {
        try requireTorn(file, offset, number, lsn, path)
        return found
      }
      if header.kind == LogFormat.end {
        found.hasNext = true
        return found
      }
      let end = offset + header.blockBytes
      guard end <= file.count - LogFormat.headerBytes else {
        throw Self.damaged(path, offset, "the block leaves no room for the file's end")
      }
      do throws(SQLError) {
        try body(lsn, header.commitCount, Self.payload(file, offset, header))
      } catch {
        var named = error
        named.message += ", in block \(lsn) of the write-ahead log at byte \(offset): \"\(path)\""
        throw named
      }
      found.lastBlock = offset..<end
      found.offset = end
      found.nextLSN += 1
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
      let file = try contents(of: path)
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
