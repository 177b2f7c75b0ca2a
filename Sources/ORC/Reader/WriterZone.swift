import Base

/// The time zone in which a stripe's TIMESTAMP values are wall-clock times.
///
/// Seconds count from 2015-01-01 00:00 in that zone. Where the zone's rules are not known its values
/// are not, either: an hour off in every summer.
struct WriterZone: Sendable {
  /// The name of a zone without rules.
  let unknownName: String?
  private let rules: TimeZoneRules?
  private let offsetOf2015: Int64

  /// 2015-01-01 00:00:00 UTC in seconds since 1970.
  static let epochSeconds: Int64 = 1_420_070_400

  static let utc = WriterZone(nil)

  init(_ rules: TimeZoneRules?, unknownName: String? = nil) {
    self.rules = rules
    self.unknownName = unknownName
    offsetOf2015 = rules.map { $0.offset(atUTC: Self.epochSeconds) } ?? 0
  }

  /// True if seconds only have to be moved by `epochSeconds`.
  var isFixed: Bool { rules == nil }

  /// Wall-clock seconds since 1970 of `seconds` as they are stored; nil if out of range.
  func wallSeconds(_ seconds: Int64) -> Int64? {
    let (moved, overflow) = seconds.addingReportingOverflow(Self.epochSeconds &- offsetOf2015)
    guard !overflow, moved.magnitude < 1 << 60 else { return nil }
    return moved + (rules?.offset(atUTC: moved) ?? 0)
  }
}

/// The offsets of a time zone over time, from the bytes of a TZif file (RFC 8536).
///
/// Times behind the last transition take the last offset: the footer's rule for the future is not
/// read, so summer time after 2037 is not known.
public struct TimeZoneRules: Sendable {
  private var transitions: [Int64] = []
  private var offsets: [Int64] = []
  private var firstOffset: Int64 = 0

  /// Nil if the bytes are no TZif file.
  public init?(tzif region: ByteRegion) {
    do throws(SQLError) {
      var reader = ByteReader(region)
      let header = try Header(&reader)
      guard header.version >= 2 else { return nil }
      // The first block has 32-bit times; the same follows with 64 bits.
      try reader.skip(header.sizeBytes(timeSizeBytes: 4))
      let second = try Header(&reader)
      try read(second, &reader)
    } catch {
      return nil
    }
  }

  private struct Header {
    var version = 0
    /// isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt.
    var counts: [Int] = []

    init(_ reader: inout ByteReader) throws(SQLError) {
      let magic = try reader.readLittleEndian(UInt32.self)
      guard magic == 0x6669_5A54 else { throw reader.corrupt("no TZif file") }
      let digit = Int(try reader.readByte())
      version = digit == 0 ? 1 : digit - 48
      try reader.skip(15)
      for _ in 0..<6 { counts.append(Int(try reader.readLittleEndian(UInt32.self).byteSwapped)) }
    }

    func sizeBytes(timeSizeBytes: Int) -> Int {
      counts[3] * (timeSizeBytes + 1) + counts[4] * 6 + counts[5]
        + counts[2] * (timeSizeBytes + 4) + counts[1] + counts[0]
    }
  }

  private mutating func read(_ header: Header, _ reader: inout ByteReader) throws(SQLError) {
    let transitionCount = header.counts[3]
    guard transitionCount * 9 <= reader.remaining else { throw reader.corrupt("cut") }
    for _ in 0..<transitionCount {
      transitions.append(try reader.readLittleEndian(Int64.self).byteSwapped)
    }
    var kinds: [Int] = []
    for _ in 0..<transitionCount { kinds.append(Int(try reader.readByte())) }
    var kindOffsets: [Int64] = []
    var firstStandard: Int64?
    for _ in 0..<header.counts[4] {
      let offset = Int64(try reader.readLittleEndian(Int32.self).byteSwapped)
      let isSummer = try reader.readByte() != 0
      try reader.skip(1)
      if !isSummer, firstStandard == nil { firstStandard = offset }
      kindOffsets.append(offset)
    }
    for kind in kinds {
      guard kind < kindOffsets.count else { throw reader.corrupt("kind \(kind)") }
      offsets.append(kindOffsets[kind])
    }
    firstOffset = kindOffsets.first ?? firstStandard ?? 0
  }

  /// Seconds east of Greenwich at a moment given in seconds since 1970 UTC.
  func offset(atUTC seconds: Int64) -> Int64 {
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? firstOffset : offsets[low - 1]
  }
}
