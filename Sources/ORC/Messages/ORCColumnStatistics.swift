import Base
import Vectors

/// What a file says about the values of one column in a row group, a stripe or the file.
///
/// `minimum` and `maximum` are bounds: every value that is not NULL lies between them. They are nil
/// when the file has none, when a NaN could be among the values, or when an old writer's time zone
/// could have moved them.
public struct ORCColumnStatistics: Hashable, Sendable {
  /// Values that are not NULL.
  public var valueCount = 0
  /// True if there are NULLs or if the file does not tell.
  public var hasNull = true
  public var minimum: Value?
  public var maximum: Value?

  public init() {}

  init(_ region: ByteRegion, type: LogicalType) throws(SQLError) {
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      switch field.number {
      case 1: valueCount = try field.count()
      case 2: try readIntegers(field.region(), type: type)
      case 3: try readDoubles(field.region(), type: type)
      case 4: try readText(field.region(), type: type)
      case 6: try readDecimals(field.region(), type: type)
      case 7: try readDates(field.region(), type: type)
      case 9: try readTimestamps(field.region(), type: type)
      case 10: hasNull = field.value != 0
      default: break
      }
    }
  }

  private mutating func readIntegers(_ region: ByteRegion, type: LogicalType) throws(SQLError) {
    guard type.isInteger else { return }
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      switch field.number {
      case 1: minimum = .integer(field.signed)
      case 2: maximum = .integer(field.signed)
      default: break
      }
    }
  }

  private mutating func readDoubles(_ region: ByteRegion, type: LogicalType) throws(SQLError) {
    guard type.isFloat else { return }
    var bounds: (minimum: Double?, maximum: Double?, sum: Double?)
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      switch field.number {
      case 1: bounds.minimum = field.double
      case 2: bounds.maximum = field.double
      case 3: bounds.sum = field.double
      default: break
      }
    }
    // Java's writer compares with NaN and keeps whatever came first; its sum betrays it.
    guard let low = bounds.minimum, let high = bounds.maximum, low <= high,
      !(bounds.sum ?? 0).isNaN
    else { return }
    minimum = type == .float32 ? .float32(Float(low)) : .float64(low)
    maximum = type == .float32 ? .float32(Float(high)) : .float64(high)
  }

  private mutating func readText(_ region: ByteRegion, type: LogicalType) throws(SQLError) {
    guard type == .text else { return }
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      switch field.number {
      case 1, 4: minimum = .text(try field.text())
      case 2, 5: maximum = .text(try field.text())
      default: break
      }
    }
  }

  private mutating func readDecimals(_ region: ByteRegion, type: LogicalType) throws(SQLError) {
    guard case .decimal(_, let scale) = type else { return }
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      guard field.number <= 2 else { continue }
      let digits = DecimalText.parse(try field.text(), scale: scale)
      let value = digits.map { Value.decimal($0, scale: scale) }
      if field.number == 1 { minimum = value } else { maximum = value }
    }
  }

  private mutating func readDates(_ region: ByteRegion, type: LogicalType) throws(SQLError) {
    guard type == .date else { return }
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      let value = Int32(exactly: field.signed).map { Value.date($0) }
      switch field.number {
      case 1: minimum = value
      case 2: maximum = value
      default: break
      }
    }
  }

  private mutating func readTimestamps(_ region: ByteRegion, type: LogicalType) throws(SQLError) {
    guard type == .timestamp else { return }
    var low: Int64?
    var high: Int64?
    var lowNS: Int64 = 0
    var highNS: Int64 = 999_999
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      switch field.number {
      case 3: low = field.signed
      case 4: high = field.signed
      // Stored plus 1, so that 0 can mean "not there".
      case 5: lowNS = max(0, Int64(truncatingIfNeeded: field.value) &- 1)
      case 6: highNS = max(0, Int64(truncatingIfNeeded: field.value) &- 1)
      default: break
      }
    }
    guard let low, let high, lowNS < 1_000_000, highNS < 1_000_000 else { return }
    minimum = Self.nanoseconds(low, plus: lowNS)
    maximum = Self.nanoseconds(high, plus: highNS)
  }

  private static func nanoseconds(_ milliseconds: Int64, plus rest: Int64) -> Value? {
    let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
    let (sum, sumOverflow) = product.addingReportingOverflow(rest)
    return overflow || sumOverflow ? nil : .timestamp(sum)
  }
}
