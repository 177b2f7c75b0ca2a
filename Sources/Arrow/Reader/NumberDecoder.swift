import Base
import Glibc
import Vectors

/// Values of fixed width: numbers, days, times.
struct NumberDecoder {
  let data: ArrayData
  let field: ArrowField

  func vector(_ type: LogicalType, _ mask: ValidityMask?) throws(SQLError) -> Vector {
    switch field.type {
    case .integer(let bits, true),
      .float(let bits) where bits > 16:
      return try copied(bits / 8, type, mask)
    case .date: return try copied(4, type, mask)
    case .integer(8, _): return try mapped(type, mask) { (v: UInt8) in Int16(v) }
    case .integer(16, _): return try mapped(type, mask) { (v: UInt16) in Int32(v) }
    case .integer(32, _): return try mapped(type, mask) { (v: UInt32) in Int64(v) }
    case .integer: return try mapped(type, mask) { (v: UInt64) in Int128(v) }
    case .float: return try mapped(type, mask) { (v: UInt16) in Self.float(half: v) }
    case .decimal(_, _, 32): return try mapped(type, mask) { (v: Int32) in Int128(v) }
    case .decimal(_, _, 64): return try mapped(type, mask) { (v: Int64) in Int128(v) }
    case .decimal: return try decimals(type, mask)
    case .dateMilliseconds: return try days(type, mask)
    case .timestamp(let unit, _): return try times(unit, type, mask)
    default: throw ArrowError.unsupported(field.name, "\(field.type)")
    }
  }

  private func values(_ width: Int) throws(SQLError) -> ByteRegion {
    let region = try data.buffer(1, sizeBytes: data.sizeBytes(width: width), "values")
    if data.length == 0 { return region }
    return region[data.offset * width..<(data.offset + data.length) * width]
  }

  private func copied(
    _ width: Int, _ type: LogicalType, _ mask: ValidityMask?
  ) throws(SQLError) -> Vector {
    let source = try values(width)
    let result = Vector(type: type, count: data.length, validity: mask)
    guard type.physical.widthBytes == width else {
      throw ArrowError.corrupt("values of \(width) bytes for \(type)")
    }
    if data.length > 0 { memcpy(result.base, source.base, data.length * width) }
    withExtendedLifetime(source.owner) {}
    return result
  }

  /// `body` must take every value, that of NULLs too.
  private func mapped<Source: BitwiseCopyable, Target: BitwiseCopyable>(
    _ type: LogicalType, _ mask: ValidityMask?, _ body: (Source) -> Target
  ) throws(SQLError) -> Vector {
    let source = try values(MemoryLayout<Source>.size)
    let result = Vector(type: type, count: data.length, validity: mask)
    let target = result.values(as: Target.self)
    for row in 0..<data.length {
      target[row] = body(
        source.base.loadUnaligned(fromByteOffset: row &* MemoryLayout<Source>.size, as: Source.self)
      )
    }
    withExtendedLifetime(source.owner) {}
    return result
  }

  /// Those whose digits do not fit into the precision are corrupt.
  private func decimals(_ type: LogicalType, _ mask: ValidityMask?) throws(SQLError) -> Vector {
    let result = try mapped(type, mask) { (v: Int128) in v }
    let values = result.values(as: Int128.self)
    let limit: Int128 = 99_999_999_999_999_999_999_999_999_999_999_999_999
    for row in 0..<data.length where values[row] > limit || values[row] < -limit {
      guard result.isNull(row) else { throw ArrowError.corrupt("a decimal of more than 38 digits") }
      values[row] = 0
    }
    return result
  }

  private func days(_ type: LogicalType, _ mask: ValidityMask?) throws(SQLError) -> Vector {
    let perDay: Int64 = 86_400_000
    let source = try values(8)
    let result = Vector(type: type, count: data.length, validity: mask)
    let target = result.values(as: Int32.self)
    for row in 0..<data.length {
      let (day, rest) = source.base.loadUnaligned(fromByteOffset: row &* 8, as: Int64.self)
        .quotientAndRemainder(dividingBy: perDay)
      let whole = rest < 0 ? day &- 1 : day
      guard let exact = Int32(exactly: whole) else {
        guard result.isNull(row) else { throw outOfRange("date") }
        target[row] = 0
        continue
      }
      target[row] = exact
    }
    withExtendedLifetime(source.owner) {}
    return result
  }

  private func times(
    _ unit: ArrowType.TimeUnit, _ type: LogicalType, _ mask: ValidityMask?
  ) throws(SQLError) -> Vector {
    let factor: Int64 =
      switch unit {
      case .second: 1_000_000_000
      case .millisecond: 1_000_000
      case .microsecond: 1_000
      case .nanosecond: 1
      }
    let result = try mapped(type, mask) { (v: Int64) in v }
    if factor == 1 { return result }
    let values = result.values(as: Int64.self)
    for row in 0..<data.length {
      let (product, overflow) = values[row].multipliedReportingOverflow(by: factor)
      guard !overflow || result.isNull(row) else { throw outOfRange("timestamp") }
      values[row] = product
    }
    return result
  }

  private func outOfRange(_ what: String) -> SQLError {
    SQLError(.datetimeOverflow, "\(what) out of range in Arrow column \"\(field.name)\"")
  }

  /// Half precision: sign, 5 bits of exponent, 10 of fraction.
  private static func float(half bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Float(bits & 0x3FF)
    if exponent == 0 { return sign * fraction * 0x1p-24 }
    if exponent == 31 { return fraction == 0 ? sign * .infinity : .nan }
    return sign * Float(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
  }
}
