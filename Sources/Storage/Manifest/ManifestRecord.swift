import Base

/// One version of the database as bytes in the manifest.
///
/// Layout, little-endian: magic `ZIJM`, format version (16 bits), kind (16), critical flags (32),
/// payload size (32), version (64), hash of the previous record (64), crc32c of these 32 bytes and
/// the payload, crc32c of the 36 bytes before; then the payload as tagged fields; then `MJIZ`.
/// The header has its own checksum so that a damaged size is not taken for a record cut short, and
/// the end mark makes a record's last byte differ from the zeros of a write that never arrived.
struct ManifestRecord: Hashable {
  enum Contents: Hashable {
    /// All tables: the first record of every manifest file.
    case full([StoredTable], log: LogStart? = nil)
    /// What differs from the version before.
    case delta([ManifestChange])
  }

  var version: UInt64
  var previousHash: UInt64
  var contents: Contents
  /// Features that a reader must know to read this record rightly; none are defined yet.
  var criticalFlags: UInt32 = 0

  static let headerBytes = 40
  static let endBytes = 4
  static let largestPayloadBytes: UInt32 = 256 << 20
  static let formatVersion: UInt16 = 1
  static let knownFlags: UInt32 = 0
  private static let magic: UInt32 = 0x4D4A_495A
  static let firstByte = UInt8(ascii: "Z")
  private static let endMark: UInt32 = 0x5A49_4A4D
}

// MARK: - Writing

extension ManifestRecord {
  func encoded() throws(SQLError) -> ByteRegion {
    let payload = payload
    guard let payloadBytes = UInt32(exactly: payload.count), payloadBytes <= Self.largestPayloadBytes
    else {
      throw SQLError(.programLimitExceeded, "a commit of more than 256 MiB of catalogue")
    }
    var writer = ByteWriter(capacity: payload.count + Self.headerBytes + Self.endBytes)
    writer.appendLittleEndian(Self.magic)
    writer.appendLittleEndian(Self.formatVersion)
    writer.appendLittleEndian(kind)
    writer.appendLittleEndian(criticalFlags)
    writer.appendLittleEndian(payloadBytes)
    writer.appendLittleEndian(version)
    writer.appendLittleEndian(previousHash)
    let header = CRC32C.checksum(writer.bytes)
    writer.appendLittleEndian(
      payload.withUnsafeBytes { CRC32C.checksum($0, continuing: header) })
    writer.appendLittleEndian(CRC32C.checksum(writer.bytes))
    writer.append(payload)
    writer.appendLittleEndian(Self.endMark)
    return writer.region()
  }

  private var kind: UInt16 {
    switch contents {
    case .delta: 1
    case .full: 2
    }
  }

  private var payload: [UInt8] {
    var fields = FieldWriter()
    switch contents {
    case .full(let tables, let log):
      for table in tables { fields.put(1, table.encoded, critical: true) }
      // Without it, commits would be missing.
      if let log { fields.put(2, log.encoded, critical: true) }
    case .delta(let changes): for change in changes { change.write(to: &fields) }
    }
    return fields.bytes
  }
}

// MARK: - Reading

extension ManifestRecord {
  /// The fixed part, whose checksum holds.
  struct Header {
    let formatVersion: UInt16
    let kind: UInt16
    let criticalFlags: UInt32
    let payloadBytes: Int
    let version: UInt64
    let previousHash: UInt64
    let checksum: UInt32

    var recordBytes: Int { headerBytes + payloadBytes + endBytes }

    /// Nil if the bytes at `offset` are not a whole and sound header.
    init?(_ log: ByteRegion, at offset: Int) {
      guard offset <= log.count - headerBytes else { return nil }
      let bytes = log[offset..<offset + headerBytes]
      var reader = ByteReader(bytes)
      do throws(SQLError) {
        guard try reader.readLittleEndian(UInt32.self) == magic else { return nil }
        formatVersion = try reader.readLittleEndian(UInt16.self)
        kind = try reader.readLittleEndian(UInt16.self)
        criticalFlags = try reader.readLittleEndian(UInt32.self)
        payloadBytes = Int(try reader.readLittleEndian(UInt32.self))
        version = try reader.readLittleEndian(UInt64.self)
        previousHash = try reader.readLittleEndian(UInt64.self)
        checksum = try reader.readLittleEndian(UInt32.self)
        let whole = try reader.readLittleEndian(UInt32.self)
        guard whole == CRC32C.checksum(bytes[0..<headerBytes - 4]) else { return nil }
      } catch {
        return nil
      }
    }

    /// Refuses what a newer program wrote.
    func requireKnown() throws(SQLError) {
      if formatVersion > ManifestRecord.formatVersion {
        throw TooNew.error("manifest format \(formatVersion)")
      }
      let unknown = criticalFlags & ~knownFlags
      if unknown != 0 { throw TooNew.error("flags 0x\(String(unknown, radix: 16))") }
      if kind != 1, kind != 2 { throw TooNew.error("manifest record kind \(kind)") }
    }
  }

  /// True if the payload at `offset` is all there and its checksum holds.
  static func isSound(_ log: ByteRegion, at offset: Int, _ header: Header) -> Bool {
    guard header.recordBytes <= log.count - offset else { return false }
    let start = offset + headerBytes
    let end = start + header.payloadBytes
    let headerCRC = CRC32C.checksum(log[offset..<offset + headerBytes - 8])
    let checksum = log[start..<end].withBytes { CRC32C.checksum($0, continuing: headerCRC) }
    var reader = ByteReader(log[end..<end + endBytes])
    return checksum == header.checksum
      && (try? reader.readLittleEndian(UInt32.self)) == endMark
  }

  /// Reads the record of a sound header and payload.
  init(_ log: ByteRegion, at offset: Int, _ header: Header) throws(SQLError) {
    try header.requireKnown()
    version = header.version
    previousHash = header.previousHash
    criticalFlags = header.criticalFlags
    let start = offset + Self.headerBytes
    var reader = ByteReader(log[start..<start + header.payloadBytes])
    var tables: [StoredTable] = []
    var logStart: LogStart?
    var changes: [ManifestChange] = []
    while let field = try Field.next(&reader) {
      if header.kind == 1 {
        if let change = try ManifestChange(field) { changes.append(change) }
      } else if field.number == 1 {
        tables.append(try StoredTable(field.bytes()))
      } else if field.number == 2 {
        logStart = try LogStart(field.bytes())
      } else {
        try field.skip()
      }
    }
    contents = header.kind == 1 ? .delta(changes) : .full(tables, log: logStart)
  }

  /// FNV-1a of 64 bits over a record's bytes (Fowler, Noll & Vo 1991): links records to a chain.
  static func hash(_ record: ByteRegion) -> UInt64 {
    record.withBytes { bytes in
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      return hash
    }
  }
}
