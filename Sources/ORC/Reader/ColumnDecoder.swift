import Base
import CKernels
import Vectors

/// Decodes one column from a position in a stripe on. Subclasses know the streams of their type.
class ColumnDecoder {
  final let type: LogicalType
  private let present: BooleanDecoder?

  init(_ type: LogicalType, present: BooleanDecoder?) {
    self.type = type
    self.present = present
  }

  /// The next rows as a vector of `count` rows.
  ///
  /// - Parameter parent: the rows that exist at all: below a structure that is NULL nothing is
  ///   stored. Nil if all do.
  final func read(_ count: Int, within parent: ValidityMask?) throws(SQLError) -> Vector {
    var validity = parent
    if let present {
      let slots = parent.map { count - $0.nullCount(count) } ?? count
      let bits = ValidityMask(count: slots, allValid: false)
      try present.read(into: bits.pointer, count: slots)
      validity = parent.map { NullExpansion.expand(bits, over: $0, count: count) } ?? bits
    }
    let validCount = validity.map { count - $0.nullCount(count) } ?? count
    if validCount == count { validity = nil }
    if validCount == 0, count > 0, type.childTypes.isEmpty {
      return Vector.nulls(type, count: count)
    }
    return try readValues(count, validity: validity, validCount: validCount)
  }

  /// The values of `count` rows, of which the `validCount` that `validity` names are stored.
  func readValues(
    _ count: Int, validity: ValidityMask?, validCount: Int
  ) throws(SQLError) -> Vector {
    preconditionFailure("every column decoder reads values")
  }
}

/// Moves values that are stored without their NULLs to their rows.
enum NullExpansion {
  /// The `count` values at the start of `values` become `rowCount` ones: NULL rows become zero
  /// bytes. In place, from behind, because a value never moves forward.
  @inline(__always)
  static func expand<T: BitwiseCopyable>(
    _ values: UnsafeMutablePointer<T>, count: Int, rows rowCount: Int, mask: ValidityMask?
  ) {
    guard let mask, count < rowCount else { return }
    let start = UnsafeMutableRawPointer(values)
    switch MemoryLayout<T>.size {
    case 1: expand(start.assumingMemoryBound(to: UInt8.self), count, rowCount, mask)
    case 2: expand(start.assumingMemoryBound(to: UInt16.self), count, rowCount, mask)
    case 4: zij_expand32(start.assumingMemoryBound(to: UInt32.self), count, mask.pointer, rowCount)
    case 8: zij_expand64(start.assumingMemoryBound(to: UInt64.self), count, mask.pointer, rowCount)
    default: expand(start.assumingMemoryBound(to: UInt128.self), count, rowCount, mask)
    }
  }

  private static func expand<T: FixedWidthInteger>(
    _ values: UnsafeMutablePointer<T>, _ count: Int, _ rowCount: Int, _ mask: ValidityMask
  ) {
    var source = count
    var row = rowCount
    while row > 0 {
      row &-= 1
      // Reads a value in either case, so that there is no branch.
      let isValid = mask.isValid(row)
      source &-= isValid ? 1 : 0
      let value = values[source]
      values[row] = isValid ? value : 0
    }
  }

  /// A mask of `count` rows from one bit for each row that `parent` names.
  static func expand(_ bits: ValidityMask, over parent: ValidityMask, count: Int) -> ValidityMask {
    let result = ValidityMask(count: count, allValid: false)
    var source = 0
    for word in 0..<ValidityMask.wordCount(count) {
      let here = min(64, count - word * 64)
      let parentWord = parent.pointer[word]
      var out: UInt64 = 0
      for bit in 0..<here where parentWord >> UInt64(bit) & 1 != 0 {
        if bits.isValid(source) { out |= 1 << UInt64(bit) }
        source += 1
      }
      result.pointer[word] = out
    }
    return result
  }
}
