import Base
import Vectors

/// SHORT, INT, LONG and DATE in RLEv2.
final class IntegerColumnWriter: ColumnWriter {
  private let data = IntegerOutput(.data, isSigned: true)

  override var streams: [OutputStream] { [data] }
  override var encoding: ColumnEncoding { ColumnEncoding(.directV2) }

  override func store(_ vector: Vector, validCount: Int) {
    guard validCount > 0 else { return }
    switch vector.physical {
    case .int16: store(Int16.self, vector)
    case .int32: store(Int32.self, vector)
    default: store(Int64.self, vector)
    }
  }

  @inline(__always)
  private func store<T: FixedWidthInteger & SignedInteger>(_: T.Type, _ vector: Vector) {
    let values = vector.values(as: T.self)
    var low = Int64.max
    var high = Int64.min
    var sum: Int64? = group.integerSum
    ValidRows.forEach(vector) { row in
      let value = Int64(values[row])
      data.append(value)
      low = min(low, value)
      high = max(high, value)
      if let before = sum {
        let (after, overflow) = before.addingReportingOverflow(value)
        sum = overflow ? nil : after
      }
    }
    group.integers = ColumnSummary.union(group.integers, (low, high))
    group.integerSum = sum
  }
}

/// FLOAT and DOUBLE: little-endian IEEE numbers.
final class FloatColumnWriter: ColumnWriter {
  private let data = OutputStream(.data, extraCount: 0)

  override var streams: [OutputStream] { [data] }

  override func store(_ vector: Vector, validCount: Int) {
    guard validCount > 0 else { return }
    if vector.physical == .float32 {
      store(Float.self, vector, validCount)
    } else {
      store(Double.self, vector, validCount)
    }
  }

  @inline(__always)
  private func store<T: BinaryFloatingPoint & BitwiseCopyable>(
    _: T.Type, _ vector: Vector, _ validCount: Int
  ) {
    let values = vector.values(as: T.self)
    let size = validCount * MemoryLayout<T>.size
    data.bytes.reserve(size)
    let target = data.bytes.end
    if vector.validity == nil {
      target.copyMemory(from: values, byteCount: size)
    } else {
      var count = 0
      ValidRows.forEach(vector) { row in
        target.storeBytes(
          of: values[row], toByteOffset: count &* MemoryLayout<T>.size, as: T.self)
        count &+= 1
      }
    }
    data.bytes.advance(size)
    summarise(T.self, target, validCount)
  }

  /// NaN compares false, so that it never becomes a bound; it is counted instead.
  @inline(__always)
  private func summarise<T: BinaryFloatingPoint & BitwiseCopyable>(
    _: T.Type, _ stored: UnsafeRawPointer, _ count: Int
  ) {
    var low = T.infinity
    var high = -T.infinity
    var nanCount = 0
    // One value after the other from the group's sum on: its bits do not depend on the batches.
    var sum = group.doubleSum
    for i in 0..<count {
      let value = stored.loadUnaligned(fromByteOffset: i &* MemoryLayout<T>.size, as: T.self)
      low = value < low ? value : low
      high = value > high ? value : high
      nanCount &+= value.isNaN ? 1 : 0
      sum += Double(value)
    }
    group.nanCount += nanCount
    group.doubleSum = sum
    guard nanCount < count else { return }
    group.doubles = ColumnSummary.union(group.doubles, (Double(low), Double(high)))
  }
}

/// BYTE: run-length encoded bytes.
final class ByteColumnWriter: ColumnWriter {
  private let data = ByteOutput(.data)

  override var streams: [OutputStream] { [data] }

  override func store(_ vector: Vector, validCount: Int) {
    guard validCount > 0 else { return }
    let values = vector.values(as: Int8.self)
    var low = Int64.max
    var high = Int64.min
    var sum: Int64 = 0
    ValidRows.forEach(vector) { row in
      var byte = UInt8(bitPattern: values[row])
      data.append(&byte, count: 1)
      low = min(low, Int64(values[row]))
      high = max(high, Int64(values[row]))
      sum &+= Int64(values[row])
    }
    group.integers = ColumnSummary.union(group.integers, (low, high))
    group.integerSum = group.integerSum.map { $0 + sum }
  }
}

/// BOOLEAN: bits in run-length encoded bytes. Also what a column without a type becomes.
final class BooleanColumnWriter: ColumnWriter {
  private let data = BooleanOutput(.data)

  override var streams: [OutputStream] { [data] }

  override func store(_ vector: Vector, validCount: Int) {
    let values = vector.values(as: UInt8.self)
    var trueCount = 0
    ValidRows.forEach(vector) { row in
      data.append(values[row] != 0)
      trueCount &+= values[row] != 0 ? 1 : 0
    }
    group.trueCount += trueCount
  }
}

/// DECIMAL: zigzag varints, and the scale of each value, always the column's.
final class DecimalColumnWriter: ColumnWriter {
  private let data = OutputStream(.data, extraCount: 0)
  private let scales = IntegerOutput(.secondary, isSigned: true)

  override var streams: [OutputStream] { [data, scales] }
  override var encoding: ColumnEncoding { ColumnEncoding(.directV2) }

  override func store(_ vector: Vector, validCount: Int) {
    guard validCount > 0, case .decimal(_, let scale) = type else { return }
    let values = vector.values(as: Int128.self)
    var low = Int128.max
    var high = Int128.min
    ValidRows.forEach(vector) { row in
      appendVarint(UInt128(bitPattern: (values[row] << 1) ^ (values[row] >> 127)))
      scales.append(Int64(scale))
      low = min(low, values[row])
      high = max(high, values[row])
    }
    group.decimals = ColumnSummary.union(group.decimals, (low, high))
  }

  private func appendVarint(_ value: UInt128) {
    var rest = value
    while rest >= 0x80 {
      data.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    data.bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}

/// TIMESTAMP in UTC: seconds from 2015-01-01 and nanoseconds, see `TimestampColumnDecoder`.
///
/// In the last second before 1970 the format's rule has no number of seconds left: readers take one
/// off below zero only. There we store −1 s and a nanosecond number above 10⁹, which readers that
/// only add up (the C++ library, this one) take for the moment it is.
final class TimestampColumnWriter: ColumnWriter {
  private let seconds = IntegerOutput(.data, isSigned: true)
  private let nanoseconds = IntegerOutput(.secondary, isSigned: false)

  override var streams: [OutputStream] { [seconds, nanoseconds] }
  override var encoding: ColumnEncoding { ColumnEncoding(.directV2) }

  override func store(_ vector: Vector, validCount: Int) {
    guard validCount > 0 else { return }
    let values = vector.values(as: Int64.self)
    var low = Int64.max
    var high = Int64.min
    ValidRows.forEach(vector) { row in
      var (whole, fraction) = FloorDivision.divide(values[row], by: 1_000_000_000)
      if whole < -1, fraction > 999_999 {
        whole += 1
      } else if whole == -1, fraction > 999_999 {
        fraction += 1_000_000_000
      }
      seconds.append(whole &- WriterZone.epochSeconds)
      nanoseconds.append(Self.encode(fraction))
      low = min(low, values[row])
      high = max(high, values[row])
    }
    group.integers = ColumnSummary.union(group.integers, (low, high))
  }

  /// Cuts off decimal zeros if there are at least two.
  private static func encode(_ nanoseconds: Int64) -> Int64 {
    guard nanoseconds != 0, nanoseconds % 100 == 0 else { return nanoseconds << 3 }
    var rest = nanoseconds / 100
    var zeros: Int64 = 2
    while zeros < 8, rest % 10 == 0 {
      rest /= 10
      zeros += 1
    }
    return rest << 3 | (zeros - 1)
  }
}
