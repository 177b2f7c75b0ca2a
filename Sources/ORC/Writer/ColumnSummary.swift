import Base
import Vectors

/// What is known of the values of a column in a row group, a stripe or a file while it is written.
struct ColumnSummary {
  var valueCount = 0
  var nullCount = 0
  var nanCount = 0
  var integers: (minimum: Int64, maximum: Int64)?
  /// Nil once it has overflowed.
  var integerSum: Int64? = 0
  /// Without NaNs.
  var doubles: (minimum: Double, maximum: Double)?
  var doubleSum = 0.0
  var decimals: (minimum: Int128, maximum: Int128)?
  var texts: (minimum: [UInt8], maximum: [UInt8])?
  /// True once a text was too long to be kept as a bound.
  var hasLongText = false
  /// Bytes of text and binary.
  var totalBytes = 0
  var trueCount = 0
  /// Elements of lists and maps.
  var elements: (minimum: Int, maximum: Int)?
  var totalElements = 0

  /// Texts longer than this are not kept as bounds, as in other writers.
  static let longestTextBytes = 1024

  mutating func merge(_ other: ColumnSummary) {
    valueCount += other.valueCount
    nullCount += other.nullCount
    nanCount += other.nanCount
    integers = Self.union(integers, other.integers)
    if let sum = integerSum, let more = other.integerSum {
      let (total, overflow) = sum.addingReportingOverflow(more)
      integerSum = overflow ? nil : total
    } else {
      integerSum = nil
    }
    doubles = Self.union(doubles, other.doubles)
    doubleSum += other.doubleSum
    decimals = Self.union(decimals, other.decimals)
    hasLongText = hasLongText || other.hasLongText
    if let theirs = other.texts { include(theirs) }
    totalBytes += other.totalBytes
    trueCount += other.trueCount
    elements = Self.union(elements, other.elements)
    totalElements += other.totalElements
  }

  private mutating func include(_ theirs: (minimum: [UInt8], maximum: [UInt8])) {
    guard let mine = texts else {
      texts = theirs
      return
    }
    let low = theirs.minimum.lexicographicallyPrecedes(mine.minimum) ? theirs.minimum : mine.minimum
    let high =
      mine.maximum.lexicographicallyPrecedes(theirs.maximum) ? theirs.maximum : mine.maximum
    texts = (low, high)
  }

  static func union<T: Comparable>(
    _ a: (minimum: T, maximum: T)?, _ b: (minimum: T, maximum: T)?
  ) -> (minimum: T, maximum: T)? {
    guard let a else { return b }
    guard let b else { return a }
    return (min(a.minimum, b.minimum), max(a.maximum, b.maximum))
  }
}

// The message of the format.
extension ColumnSummary {
  func encoded(_ type: LogicalType) -> [UInt8] {
    var writer = ProtobufWriter()
    writer.append(1, valueCount)
    switch type {
    case .int8, .int16, .int32, .int64: appendIntegers(to: &writer)
    case .float32, .float64: appendDoubles(to: &writer)
    case .text: appendTexts(to: &writer)
    case .boolean:
      var counts = ProtobufWriter()
      counts.append(1, packed: [UInt64(trueCount)])
      writer.append(5, message: counts)
    case .decimal(_, let scale): appendDecimals(scale: scale, to: &writer)
    case .date: appendDates(to: &writer)
    case .binary:
      var sizes = ProtobufWriter()
      sizes.append(1, signed: Int64(totalBytes))
      writer.append(8, message: sizes)
    case .timestamp: appendTimestamps(to: &writer)
    case .list, .map, .polygon: appendElements(to: &writer)
    default: break
    }
    writer.append(10, nullCount > 0 ? 1 : 0)
    return writer.array()
  }

  private func appendIntegers(to writer: inout ProtobufWriter) {
    var message = ProtobufWriter()
    if let integers {
      message.append(1, signed: integers.minimum)
      message.append(2, signed: integers.maximum)
      if let integerSum { message.append(3, signed: integerSum) }
    }
    writer.append(2, message: message)
  }

  /// With a NaN among the values there are no bounds at all: readers compare NaN in different ways.
  private func appendDoubles(to writer: inout ProtobufWriter) {
    guard nanCount == 0, let doubles else { return }
    var message = ProtobufWriter()
    // A zero of either sign may stand for the other.
    message.append(1, double: doubles.minimum == 0 ? -0.0 : doubles.minimum)
    message.append(2, double: doubles.maximum == 0 ? 0.0 : doubles.maximum)
    if !doubleSum.isNaN { message.append(3, double: doubleSum) }
    writer.append(3, message: message)
  }

  private func appendTexts(to writer: inout ProtobufWriter) {
    var message = ProtobufWriter()
    if let texts, !hasLongText {
      message.append(1, bytes: texts.minimum)
      message.append(2, bytes: texts.maximum)
    }
    message.append(3, signed: Int64(totalBytes))
    writer.append(4, message: message)
  }

  private func appendDecimals(scale: Int, to writer: inout ProtobufWriter) {
    guard let decimals else { return }
    var message = ProtobufWriter()
    message.append(1, text: DecimalText.format(decimals.minimum, scale: scale))
    message.append(2, text: DecimalText.format(decimals.maximum, scale: scale))
    writer.append(6, message: message)
  }

  private func appendDates(to writer: inout ProtobufWriter) {
    guard let integers else { return }
    var message = ProtobufWriter()
    message.append(1, signed: integers.minimum)
    message.append(2, signed: integers.maximum)
    writer.append(7, message: message)
  }

  /// Milliseconds, rounded down, and the rest in nanoseconds plus 1.
  private func appendTimestamps(to writer: inout ProtobufWriter) {
    guard let integers else { return }
    let low = FloorDivision.divide(integers.minimum, by: 1_000_000)
    let high = FloorDivision.divide(integers.maximum, by: 1_000_000)
    var message = ProtobufWriter()
    message.append(1, signed: low.quotient)
    message.append(2, signed: high.quotient)
    message.append(3, signed: low.quotient)
    message.append(4, signed: high.quotient)
    message.append(5, Int(low.remainder) + 1)
    message.append(6, Int(high.remainder) + 1)
    writer.append(9, message: message)
  }

  private func appendElements(to writer: inout ProtobufWriter) {
    guard let elements else { return }
    var message = ProtobufWriter()
    message.append(1, elements.minimum)
    message.append(2, elements.maximum)
    message.append(3, totalElements)
    writer.append(12, message: message)
  }
}

enum FloorDivision {
  /// The quotient rounded down and the remainder, which is never negative.
  @inline(__always)
  static func divide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    var (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    if remainder < 0 {
      quotient &-= 1
      remainder &+= divisor
    }
    return (quotient, remainder)
  }
}
