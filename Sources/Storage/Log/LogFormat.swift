import Base

/// Where the write-ahead log begins, as the manifest says it: older files are of no use any more.
public struct LogStart: Hashable, Sendable {
  public var identity: LogIdentity
  /// The number of the first file that is needed.
  public var firstFile: UInt64

  public init(identity: LogIdentity, firstFile: UInt64) {
    self.identity = identity
    self.firstFile = firstFile
  }
}

/// 128 random bits that every block of a log carries, so that no block of another log is replayed.
public struct LogIdentity: Hashable, Sendable {
  public var high: UInt64
  public var low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  init(_ random: any RandomSource) { self.init(high: random.next(), low: random.next()) }
}

/// The bytes of the log. All numbers are little-endian.
///
/// A file `wal/<number>.wal` has its final size from the beginning and holds zeros where nothing has
/// been written. It starts with a header of 64 bytes:
///
/// | bytes | contents |
/// |--:|---|
/// | 0 | `ZIJWALOG` |
/// | 8 | format version (32 bits), critical flags (32) |
/// | 16 | identity (128) |
/// | 32 | number of the file (64) |
/// | 40 | size of the file (64) |
/// | 48 | LSN of its first block (64) |
/// | 56 | zero (32), crc32c of the 60 bytes before |
///
/// Blocks follow, each at a multiple of 64 bytes, so that a block's header never lies in two sectors:
///
/// | bytes | contents |
/// |--:|---|
/// | 0 | `ZIJB` |
/// | 4 | kind (16): 1 commits, 2 end of the file; critical flags (16) |
/// | 8 | bytes of the payload (32), commits in it (32) |
/// | 16 | LSN: the block's number in the log (64) |
/// | 24 | identity (128) |
/// | 40 | number of the file (64) |
/// | 48 | zero (64) |
/// | 56 | crc32c of the payload with its padding, crc32c of the 60 bytes before |
///
/// then the payload, padded and whitened (`LogWhitening`), so that 64 zeros in a block are bytes that
/// never arrived, and anything else that is wrong is damage. One block holds the commits of one group and is durable before
/// the next one is written, so only the last block can be torn, and a sound block behind an unsound
/// one is damage. A file is left with a block of kind 2, once the next file is durable.
enum LogFormat {
  static let blockAlignment = 64
  static let headerBytes = 64
  static let version: UInt32 = 1
  static let fileMagic = Array("ZIJWALOG".utf8)
  static let blockMagic: UInt32 = 0x424A_495A
  static let commits: UInt16 = 1
  static let end: UInt16 = 2
  static let sectorBytes = 512
  /// Larger blocks are damage, or of another program.
  static let largestPayloadBytes = 1 << 28
  static let largestFileBytes = largestPayloadBytes + 1 << 20
  /// Beyond all blocks that anybody writes; counting on from here could not overflow.
  static let endOfNumbers: UInt64 = 1 << 62

  static func padded(_ count: Int) -> Int { (count + blockAlignment - 1) & ~(blockAlignment - 1) }

  /// The names of the log's files sort as their numbers do.
  static func name(_ number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 12 - digits.count)) + digits + ".wal"
  }

  static func number(ofName name: String) -> UInt64? {
    guard name.hasSuffix(".wal"), let number = UInt64(name.dropLast(4)), self.name(number) == name
    else { return nil }
    return number
  }
}

/// The first 64 bytes of a file of the log.
struct LogFileHeader: Hashable {
  var identity: LogIdentity
  var number: UInt64
  var sizeBytes: Int
  var firstLSN: UInt64

  func write(to out: inout ByteWriter) {
    let start = out.count
    out.append(LogFormat.fileMagic)
    out.appendLittleEndian(LogFormat.version)
    out.appendLittleEndian(UInt32(0))
    out.appendLittleEndian(identity.high)
    out.appendLittleEndian(identity.low)
    out.appendLittleEndian(number)
    out.appendLittleEndian(UInt64(sizeBytes))
    out.appendLittleEndian(firstLSN)
    out.appendLittleEndian(UInt32(0))
    out.appendLittleEndian(
      CRC32C.checksum(UnsafeRawBufferPointer(rebasing: out.bytes[start...])))
  }

  init(identity: LogIdentity, number: UInt64, sizeBytes: Int, firstLSN: UInt64) {
    self.identity = identity
    self.number = number
    self.sizeBytes = sizeBytes
    self.firstLSN = firstLSN
  }

  /// Nil if the bytes are not a sound header; throws for one of a newer program.
  init?(_ region: ByteRegion) throws(SQLError) {
    guard region.count >= LogFormat.headerBytes else { return nil }
    var reader = ByteReader(region)
    let magic = try reader.read(8)
    let version = try reader.readLittleEndian(UInt32.self)
    let flags = try reader.readLittleEndian(UInt32.self)
    identity = LogIdentity(
      high: try reader.readLittleEndian(UInt64.self), low: try reader.readLittleEndian(UInt64.self))
    number = try reader.readLittleEndian(UInt64.self)
    let size = try reader.readLittleEndian(UInt64.self)
    firstLSN = try reader.readLittleEndian(UInt64.self)
    _ = try reader.readLittleEndian(UInt32.self)
    let checksum = try reader.readLittleEndian(UInt32.self)
    guard magic.bytes == LogFormat.fileMagic, checksum == CRC32C.checksum(region[0..<60]),
      let sizeBytes = Int(exactly: size)
    else { return nil }
    self.sizeBytes = sizeBytes
    guard version <= LogFormat.version, flags == 0 else {
      throw TooNew.error("write-ahead log format \(version)")
    }
  }
}

/// The header of a block.
struct LogBlockHeader: Hashable {
  var kind: UInt16
  var payloadBytes: Int
  var commitCount: Int
  var lsn: UInt64
  var identity: LogIdentity
  var fileNumber: UInt64
  var payloadChecksum: UInt32

  /// Bytes of the block with its header.
  var blockBytes: Int { LogFormat.headerBytes + LogFormat.padded(payloadBytes) }

  func write(to target: UnsafeMutableRawPointer) {
    func store(_ value: some FixedWidthInteger, _ offset: Int) {
      withUnsafeBytes(of: value.littleEndian) { bytes in
        if let start = bytes.baseAddress { (target + offset).copyMemory(from: start, byteCount: bytes.count) }
      }
    }
    store(LogFormat.blockMagic, 0)
    store(kind, 4)
    store(UInt16(0), 6)
    store(UInt32(truncatingIfNeeded: payloadBytes), 8)
    store(UInt32(truncatingIfNeeded: commitCount), 12)
    store(lsn, 16)
    store(identity.high, 24)
    store(identity.low, 32)
    store(fileNumber, 40)
    store(UInt64(0), 48)
    store(payloadChecksum, 56)
    store(CRC32C.checksum(UnsafeRawBufferPointer(start: target, count: 60)), 60)
  }
}

extension LogBlockHeader {
  /// Nil if the bytes at `offset` are not a sound header of this log.
  init?(_ file: ByteRegion, at offset: Int, identity wanted: LogIdentity, fileNumber wantedFile: UInt64) {
    guard offset <= file.count - LogFormat.headerBytes else { return nil }
    let bytes = file[offset..<offset + LogFormat.headerBytes]
    var reader = ByteReader(bytes)
    do throws(SQLError) {
      guard try reader.readLittleEndian(UInt32.self) == LogFormat.blockMagic else { return nil }
      kind = try reader.readLittleEndian(UInt16.self)
      let flags = try reader.readLittleEndian(UInt16.self)
      payloadBytes = Int(try reader.readLittleEndian(UInt32.self))
      commitCount = Int(try reader.readLittleEndian(UInt32.self))
      lsn = try reader.readLittleEndian(UInt64.self)
      identity = LogIdentity(
        high: try reader.readLittleEndian(UInt64.self),
        low: try reader.readLittleEndian(UInt64.self))
      fileNumber = try reader.readLittleEndian(UInt64.self)
      try reader.skip(8)
      payloadChecksum = try reader.readLittleEndian(UInt32.self)
      let checksum = try reader.readLittleEndian(UInt32.self)
      guard checksum == CRC32C.checksum(bytes[0..<60]), flags == 0, identity == wanted,
        fileNumber == wantedFile, payloadBytes <= LogFormat.largestPayloadBytes,
        kind == LogFormat.commits || kind == LogFormat.end
      else { return nil }
    } catch {
      return nil
    }
  }

  /// True if the payload is all there and its checksum holds.
  func isSound(_ file: ByteRegion, at offset: Int) -> Bool {
    guard blockBytes <= file.count - offset else { return false }
    let payload = file[offset + LogFormat.headerBytes..<offset + blockBytes]
    return CRC32C.checksum(payload) == payloadChecksum
  }
}
