import Base
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
  /// The `count` values of `values` become `rowCount` ones: NULL rows get `filler`. In place, from
  /// behind, because a value never moves forward.
  @inline(__always)
  static func expand<T: BitwiseCopyable>(
    _ values: UnsafeMutablePointer<T>, count: Int, rows rowCount: Int, mask: ValidityMask?,
    filler: T
  ) {
    guard let mask, count < rowCount else { return }
    let words = mask.pointer
    var source = count
    var row = rowCount
    while row > 0 {
      let start = (row &- 1) & ~63
      let here = row &- start
      let word = here == 64 ? words[start &>> 6] : words[start &>> 6] & ((1 &<< UInt64(here)) &- 1)
      if word == 0 {
        (values + start).update(repeating: filler, count: here)
      } else if source == row {
        return
      } else {
        expandWord(values, word, from: &source, rows: start..<row, filler: filler)
      }
      row = start
    }
  }

  @inline(__always)
  private static func expandWord<T: BitwiseCopyable>(
    _ values: UnsafeMutablePointer<T>, _ word: UInt64, from source: inout Int, rows: Range<Int>,
    filler: T
  ) {
    var row = rows.upperBound
    while row > rows.lowerBound {
      row &-= 1
      let isValid = word &>> UInt64(row & 63) & 1 != 0
      // Reads a value in either case, so that there is no branch; index 0 stands in at the end.
      source &-= isValid ? 1 : 0
      let value = values[max(source, 0)]
      values[row] = isValid ? value : filler
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
