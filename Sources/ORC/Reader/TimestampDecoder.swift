import Base
import Vectors

/// TIMESTAMP: seconds from 2015-01-01 in DATA, nanoseconds in SECONDARY.
///
/// The lowest three bits of a nanosecond number tell how many decimal zeros were cut off, less one,
/// or 0 for none: 1000 ns is `0a`. Moments before 1970 with more than 999,999 ns are stored one
/// second later than they are, because Java's division rounds towards zero; every reader takes the
/// second off again.
final class TimestampColumnDecoder: ColumnDecoder {
  private let seconds: IntegerDecoder
  private let nanoseconds: IntegerDecoder
  private let zone: WriterZone

  init(
    present: BooleanDecoder?, seconds: IntegerDecoder, nanoseconds: IntegerDecoder, zone: WriterZone
  ) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
    self.zone = zone
    super.init(.timestamp, present: present)
  }

  private static let powers: InlineArray<8, Int64> = [
    1, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
  ]

  override func readValues(
    _ count: Int, validity: ValidityMask?, validCount: Int
  ) throws(SQLError) -> Vector {
    let vector = Vector(type: type, count: count, validity: validity)
    let values = vector.values(as: Int64.self)
    try seconds.read(into: values, count: validCount)
    let scratch = Buffer(sizeBytes: validCount * 8)
    let fractions = scratch.base.assumingMemoryBound(to: Int64.self)
    try nanoseconds.read(into: fractions, count: validCount)
    var isInRange = true
    for i in 0..<validCount {
      guard let value = moment(values[i], fractions[i]) else {
        isInRange = false
        break
      }
      values[i] = value
    }
    guard isInRange else {
      throw seconds.corrupt("timestamp outside the years 1677 to 2262 that nanoseconds can tell")
    }
    NullExpansion.expand(values, count: validCount, rows: count, mask: validity)
    return vector
  }

  /// Nanoseconds since 1970, or nil if they do not fit 64 bits.
  @inline(__always)
  private func moment(_ stored: Int64, _ fraction: Int64) -> Int64? {
    let zeros = Int(fraction & 7)
    let (nanoseconds, tooLong) = (fraction >> 3).multipliedReportingOverflow(by: Self.powers[zeros])
    // Our writer goes up to two seconds, see `TimestampColumnWriter`; pyarrow's below zero.
    guard !tooLong, nanoseconds > -1_000_000_000, nanoseconds < 2_000_000_000 else { return nil }
    guard var whole = zone.isFixed ? fixed(stored) : zone.wallSeconds(stored) else { return nil }
    if whole < 0, nanoseconds > 999_999 { whole &-= 1 }
    // The first representable moment lies in a second that begins before the range.
    let (product, overflow) = (whole &+ 1).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, sumOverflow) = product.addingReportingOverflow(nanoseconds &- 1_000_000_000)
    return overflow || sumOverflow ? nil : sum
  }

  @inline(__always)
  private func fixed(_ stored: Int64) -> Int64? {
    let (sum, overflow) = stored.addingReportingOverflow(WriterZone.epochSeconds)
    return overflow || sum == .max ? nil : sum
  }
}
