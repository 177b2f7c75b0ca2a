import Base
import Vectors

/// DECIMAL: zigzag varints of up to 127 bits, and the scale of each value in SECONDARY.
final class DecimalColumnDecoder: ColumnDecoder {
  private let cursor: StreamCursor
  private let scales: IntegerDecoder
  private let scale: Int

  init(
    _ type: LogicalType, present: BooleanDecoder?, data cursor: StreamCursor, scales: IntegerDecoder
  ) {
    self.cursor = cursor
    self.scales = scales
    if case .decimal(_, let scale) = type { self.scale = scale } else { scale = 0 }
    super.init(type, present: present)
  }

  /// 10^38, which no decimal reaches.
  private static let limit: UInt128 = 100_000_000_000_000_000_000_000_000_000_000_000_000

  override func readValues(
    _ count: Int, validity: ValidityMask?, validCount: Int
  ) throws(SQLError) -> Vector {
    let vector = Vector(type: type, count: count, validity: validity)
    let values = vector.values(as: Int128.self)
    let scratch = Buffer(sizeBytes: validCount * 8)
    let storedScales = scratch.base.assumingMemoryBound(to: Int64.self)
    try scales.read(into: storedScales, count: validCount)
    for i in 0..<validCount {
      var value = try readVarint128()
      if storedScales[i] != Int64(scale) { value = try rescaled(value, from: storedScales[i]) }
      guard value.magnitude < Self.limit else { throw cursor.corrupt("decimal of over 38 digits") }
      values[i] = value
    }
    NullExpansion.expand(values, count: validCount, rows: count, mask: validity)
    return vector
  }

  private func rescaled(_ value: Int128, from stored: Int64) throws(SQLError) -> Int128 {
    guard (-128...128).contains(stored),
      let result = DecimalText.rescale(value, by: scale - Int(stored))
    else { throw cursor.corrupt("decimal of scale \(stored) in a column of scale \(scale)") }
    return result
  }

  private func readVarint128() throws(SQLError) -> Int128 {
    var bits: UInt128 = 0
    var shift = 0
    while true {
      try cursor.ensure(1)
      let byte = cursor.next[0]
      cursor.next += 1
      guard shift < 126 || (shift == 126 && byte < 4) else {
        throw cursor.corrupt("decimal of more than 128 bits")
      }
      bits |= UInt128(byte & 0x7F) << UInt128(shift)
      if byte & 0x80 == 0 { break }
      shift += 7
    }
    return Int128(bitPattern: bits >> 1) ^ (0 &- Int128(bitPattern: bits & 1))
  }
}
