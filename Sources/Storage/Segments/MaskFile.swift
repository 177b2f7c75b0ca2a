import Base

/// The file that keeps a segment's deleted rows: `ZIJH`, format version (32 bits), rows (64), hidden
/// rows (64), then the mask's words. Written once; its checksum is in the manifest.
enum MaskFile {
  private static let magic = Array("ZIJH".utf8)
  private static let version: UInt32 = 1
  private static let headerBytes = 24

  static func sizeBytes(rowCount: Int) -> Int { headerBytes + (rowCount + 63) / 64 * 8 }

  static func encode(_ mask: RowMask, rowCount: Int) -> ByteRegion {
    let wordCount = (rowCount + 63) / 64
    var out = ByteWriter(capacity: headerBytes + wordCount * 8)
    out.append(magic)
    out.appendLittleEndian(version)
    out.appendLittleEndian(UInt64(rowCount))
    out.appendLittleEndian(UInt64(mask.hiddenCount))
    for index in 0..<wordCount {
      out.appendLittleEndian(index < mask.hidden.count ? mask.hidden[index] : 0)
    }
    return out.region()
  }

  static func decode(
    _ file: ByteRegion, _ stored: StoredMask, rowCount: Int, path: String
  ) throws(SQLError) -> RowMask {
    let wordCount = (rowCount + 63) / 64
    guard file.count == sizeBytes(rowCount: rowCount), CRC32C.checksum(file) == stored.checksum else {
      throw damaged(path)
    }
    var reader = ByteReader(file)
    let found = try reader.read(4)
    let version = try reader.readLittleEndian(UInt32.self)
    guard found.bytes == magic else { throw damaged(path) }
    if version > Self.version { throw TooNew.error("mask format \(version)") }
    let rows = try reader.readLittleEndian(UInt64.self)
    let hiddenCount = try reader.readLittleEndian(UInt64.self)
    var words: [UInt64] = []
    words.reserveCapacity(wordCount)
    for _ in 0..<wordCount { words.append(try reader.readLittleEndian(UInt64.self)) }
    let mask = RowMask(hidden: words)
    guard rows == UInt64(rowCount), hiddenCount == UInt64(mask.hiddenCount),
      mask.hiddenCount == stored.hiddenCount, mask.rows.last ?? 0 < max(1, rowCount)
    else { throw damaged(path) }
    return mask
  }

  static func damaged(_ path: String) -> SQLError {
    SQLError(
      .dataCorrupted, "file of deleted rows is damaged: \"\(path)\"",
      hint: "Restore the file from a copy.")
  }
}

extension DatabaseDirectory {
  /// Writes which rows of a segment are gone to a new file, durable with its name. It belongs to the
  /// segment once a commit says so.
  public func writeMask(
    _ mask: RowMask, of segment: StoredSegment, tableID: String
  ) throws(SQLError) -> StoredMask {
    let path = try newSegmentPath(tableID: tableID)
    let temporary = absolute(SegmentPath.mask(of: path.temporary))
    let final = SegmentPath.mask(of: path.final)
    let bytes = MaskFile.encode(mask, rowCount: segment.rowCount)
    do throws(SQLError) {
      let file = try disk.create(temporary, replacing: false)
      try bytes.withBytes { (bytes) throws(SQLError) in try file.write(bytes) }
      try file.sync()
      try file.close()
      try disk.rename(temporary, to: absolute(final))
    } catch {
      try? disk.remove(temporary)
      throw error
    }
    do throws(SQLError) { try disk.syncDirectory(absolute(path.folder)) } catch {
      throw refused(Manifest.Failure(error: error, isAmbiguous: true))
    }
    return StoredMask(
      path: final, hiddenCount: mask.hiddenCount, checksum: CRC32C.checksum(bytes))
  }

  /// The rows of a segment that the manifest says are gone, or nil.
  public func readMask(of segment: StoredSegment) throws(SQLError) -> RowMask? {
    guard let stored = segment.mask else { return nil }
    let path = absolute(stored.path)
    let file = try disk.open(path)
    guard file.sizeBytes == MaskFile.sizeBytes(rowCount: segment.rowCount) else {
      throw MaskFile.damaged(path)
    }
    let region = try file.read(at: 0, count: file.sizeBytes)
    return try MaskFile.decode(region, stored, rowCount: segment.rowCount, path: path)
  }

  /// Removes mask files that no commit names.
  public func discard(_ masks: [StoredMask]) {
    for mask in masks where disk.kind(of: absolute(mask.path)) != nil {
      try? disk.remove(absolute(mask.path))
    }
  }
}
