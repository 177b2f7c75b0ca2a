import Base

/// A manifest file as read: the state after its last whole record.
struct ManifestLog {
  let state: DatabaseState
  let lastHash: UInt64
  let recordCount: Int
  /// Bytes of the whole records.
  let sizeBytes: Int
  let firstRecordBytes: Int
  /// Bytes of a commit that never finished follow.
  let hasTornTail: Bool

  /// Reads all records of `log`, the contents of the file `path`.
  ///
  /// A record that a crash cut short at the end was never acknowledged and is passed over. Any
  /// other damage is an error that names the byte: nothing committed is dropped silently.
  init(_ log: ByteRegion, path: String) throws(SQLError) {
    var offset = 0
    var count = 0
    var firstBytes = 0
    var hash: UInt64 = 0
    var state = DatabaseState()
    while offset < log.count {
      guard let header = ManifestRecord.Header(log, at: offset),
        ManifestRecord.isSound(log, at: offset, header)
      else {
        try Self.requireTorn(log, at: offset, path, after: count > 0 ? state.version : nil)
        break
      }
      let next = try Self.read(log, offset, header, path)
      try Self.follow(next, &state, hash, isFirst: count == 0, offset, path)
      let end = offset + header.recordBytes
      hash = ManifestRecord.hash(log[offset..<end])
      if count == 0 { firstBytes = end }
      count += 1
      offset = end
    }
    if count == 0 { throw Self.damaged(path, 0, "the file holds no record") }
    self.state = state
    lastHash = hash
    recordCount = count
    sizeBytes = offset
    firstRecordBytes = firstBytes
    hasTornTail = offset < log.count
  }

  private static func read(
    _ log: ByteRegion, _ offset: Int, _ header: ManifestRecord.Header, _ path: String
  ) throws(SQLError) -> ManifestRecord {
    do throws(SQLError) {
      return try ManifestRecord(log, at: offset, header)
    } catch {
      var named = error
      named.message += ", in manifest record at byte \(offset): \"\(path)\""
      throw named
    }
  }

  private static func follow(
    _ record: ManifestRecord, _ state: inout DatabaseState, _ hash: UInt64, isFirst: Bool,
    _ offset: Int, _ path: String
  ) throws(SQLError) {
    switch record.contents {
    case .full(let tables, let start):
      guard isFirst else { throw damaged(path, offset, "a full state amid changes") }
      state = DatabaseState(version: record.version, tables: tables, log: start)
    case .delta(let changes):
      guard !isFirst else { throw damaged(path, offset, "changes without a state") }
      guard record.previousHash == hash, record.version == state.version &+ 1 else {
        throw damaged(path, offset, "record does not follow the one before")
      }
      do throws(SQLError) {
        try state.replay(changes)
      } catch {
        throw damaged(path, offset, error.message)
      }
    }
  }

  static func damaged(_ path: String, _ offset: Int, _ what: String) -> SQLError {
    SQLError(
      .dataCorrupted, "manifest is damaged at byte \(offset): \(what): \"\(path)\"",
      hint: "Restore the file from a copy; the data files are not touched.")
  }
}

// MARK: - The end of the log

extension ManifestLog {
  /// Returns if the bytes from `offset` are a commit that a crash cut short; throws if they are
  /// damage.
  ///
  /// Files are only ever appended to and are not appended to again after a crash, so a write that
  /// did not arrive leaves the file short, or sectors of zeros behind the last record.
  private static func requireTorn(
    _ log: ByteRegion, at offset: Int, _ path: String, after version: UInt64?
  ) throws(SQLError) {
    // The first record was made durable before the file got its name.
    guard let version else { throw damaged(path, offset, "the first record is unreadable") }
    if let sound = firstSound(log, after: offset, version) {
      throw damaged(path, offset, "an unreadable record before a good one at byte \(sound)")
    }
    if offset + ManifestRecord.headerBytes > log.count { return }
    var end = log.count
    if let header = ManifestRecord.Header(log, at: offset) {
      if header.recordBytes > log.count - offset { return }
      end = offset + header.recordBytes
    }
    if hasLostSector(log, offset..<end) { return }
    throw damaged(path, offset, "the record is complete but its checksum is wrong")
  }

  /// True if the part of some 512-byte sector that lies in `range` is all zeros.
  private static func hasLostSector(_ log: ByteRegion, _ range: Range<Int>) -> Bool {
    log.withBytes { bytes in
      var start = range.lowerBound
      while start < range.upperBound {
        let end = min(start / 512 * 512 + 512, range.upperBound)
        if bytes[start..<end].allSatisfy({ $0 == 0 }) { return true }
        start = end
      }
      return false
    }
  }

  /// Where the next sound record of a later version begins.
  private static func firstSound(
    _ log: ByteRegion, after offset: Int, _ version: UInt64
  ) -> Int? {
    var next = offset + 1
    while next <= log.count - ManifestRecord.headerBytes {
      guard let start = log.withBytes({ $0[next...].firstIndex(of: ManifestRecord.firstByte) })
      else { return nil }
      next = start
      if let header = ManifestRecord.Header(log, at: next), header.version > version,
        ManifestRecord.isSound(log, at: next, header)
      {
        return next
      }
      next += 1
    }
    return nil
  }
}
