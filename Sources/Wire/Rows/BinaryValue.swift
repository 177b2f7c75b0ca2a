import Base
import Catalog
import Vectors

/// Any value in PostgreSQL's binary form.
///
/// | type | bytes, big-endian |
/// |---|---|
/// | boolean | 1: 0 or 1 |
/// | tinyint, smallint; integer; bigint | 2; 4; 8 |
/// | real; double precision | 4; 8, IEEE 754 |
/// | decimal | counts of digits, weight, sign, scale; digits of base 10,000 |
/// | date | 4: days since 2000-01-01 |
/// | timestamp | 8: microseconds since 2000-01-01, nanoseconds rounded |
/// | list | dimensions, whether NULLs, element type; length and lower bound; values with lengths |
/// | others | their text |
enum BinaryValue {
  static let epochDays: Int32 = 10_957
  static let epochMicroseconds: Int64 = 946_684_800_000_000

  /// Appends row `row`, which must not be NULL, of a flat vector.
  static func append(_ vector: Vector, _ row: Int, into out: inout ByteWriter) throws(SQLError) {
    switch vector.type {
    case .boolean: out.append(vector.values(as: UInt8.self)[row])
    case .int8: out.appendBigEndian(Int16(vector.values(as: Int8.self)[row]))
    case .int16: out.appendBigEndian(vector.values(as: Int16.self)[row])
    case .int32: out.appendBigEndian(vector.values(as: Int32.self)[row])
    case .int64: out.appendBigEndian(vector.values(as: Int64.self)[row])
    case .float32: out.appendBigEndian(vector.values(as: Float.self)[row].bitPattern)
    case .float64: out.appendBigEndian(vector.values(as: Double.self)[row].bitPattern)
    case .date: out.appendBigEndian(days(vector.values(as: Int32.self)[row]))
    case .timestamp: out.appendBigEndian(microseconds(vector.values(as: Int64.self)[row]))
    case .decimal(_, let scale):
      appendNumeric(vector.values(as: Int128.self)[row], scale: scale, &out)
    case .text, .binary: out.append(vector.bytes(at: row))
    case .list: try appendList(vector, row, of: vector.children[0].flattened(), into: &out)
    case .null, .structure, .map, .point, .circle, .polygon:
      try ValueText.append(vector, row, into: &out)
    }
  }

  @inline(__always)
  static func days(_ since1970: Int32) -> Int32 { since1970 &- epochDays }

  /// Microseconds since 2000 from nanoseconds since 1970, rounded to the nearest, halves up.
  @inline(__always)
  static func microseconds(_ nanoseconds: Int64) -> Int64 {
    roundedMicroseconds(nanoseconds) &- epochMicroseconds
  }

  @inline(__always)
  static func roundedMicroseconds(_ nanoseconds: Int64) -> Int64 {
    let (whole, rest) = DateText.floorDivide(nanoseconds, 1000)
    return whole &+ (rest >= 500 ? 1 : 0)
  }

  /// Digits of base 10,000, the point between two of them; zeros at either end are left out.
  private static func appendNumeric(_ value: Int128, scale: Int, _ out: inout ByteWriter) {
    let fractionGroups = (scale + 3) / 4
    let padding = fractionGroups * 4 - scale
    var groups: [UInt16] = []
    var rest = value.magnitude
    if padding > 0 {
      // The lowest group holds fewer than four digits of the fraction.
      let part = UInt128(PowerOfTenGroup.powers[4 - padding])
      let low = UInt16(truncatingIfNeeded: rest % part)
      groups.append(low * PowerOfTenGroup.powers[padding])
      rest /= part
    }
    while rest > 0 {
      groups.append(UInt16(truncatingIfNeeded: rest % 10_000))
      rest /= 10_000
    }
    let weight = groups.count - fractionGroups - 1
    let digits = Array(groups.reversed().drop { $0 == 0 })
    let skipped = groups.count - digits.count
    let kept = digits.reversed().drop { $0 == 0 }.reversed()
    out.appendCount(kept.count)
    out.appendBigEndian(Int16(truncatingIfNeeded: kept.isEmpty ? 0 : weight - skipped))
    out.appendBigEndian(UInt16(value < 0 ? 0x4000 : 0))
    out.appendCount(scale)
    for digit in kept { out.appendBigEndian(digit) }
  }

  /// Appends row `row` of a vector of lists, whose flat `elements` are made once for all rows.
  static func appendList(
    _ vector: Vector, _ row: Int, of elements: Vector, into out: inout ByteWriter
  ) throws(SQLError) {
    let view = vector.values(as: View.self)[row]
    if case .list = elements.type {
      throw SQLError(
        .undefinedFunction, "lists of lists have no binary form",
        hint: "Ask for this column as text.")
    }
    let range = view.start..<view.start + view.count
    out.appendBigEndian(Int32(view.count == 0 ? 0 : 1))
    out.appendBigEndian(Int32(range.contains { elements.isNull($0) } ? 1 : 0))
    out.appendBigEndian(PostgresType.oid(of: elements.type))
    guard view.count > 0 else { return }
    out.appendBigEndian(Int32(truncatingIfNeeded: view.count))
    out.appendBigEndian(Int32(1))
    for index in range {
      if elements.isNull(index) {
        out.appendBigEndian(Int32(-1))
        continue
      }
      let place = out.count
      out.appendBigEndian(Int32(0))
      try append(elements, index, into: &out)
      let length = Int32(truncatingIfNeeded: out.count - place - 4)
      out.base.storeBytes(of: length.bigEndian, toByteOffset: place, as: Int32.self)
    }
  }
}

private enum PowerOfTenGroup {
  static let powers: [UInt16] = [1, 10, 100, 1000, 10_000]
}
