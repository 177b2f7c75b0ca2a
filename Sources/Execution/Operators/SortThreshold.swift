import Base
import Plans
import Synchronization
import Vectors

/// What a row's first sort key must not exceed to be among the first N, as far as is known.
///
/// It only ever tightens, and rows equal to it are kept, so the answer does not depend on when a
/// worker sees it. A scan below uses it, too: the other columns of rows that fail are not read.
final class SortThreshold: ScanRestriction {
  private let key: SortKey
  /// The greatest word still wanted; all ones while nothing is known (or when it is NaN).
  private let word = Atomic<UInt64>(.max)

  init(_ key: SortKey) { self.key = key }

  /// Says that enough rows have a first key of at most `word`, and that none of them is NULL.
  func offer(_ word: UInt64) {
    // Not `Atomic.min`, which compares unsigned words as signed ones (Swift 6.3).
    var known = self.word.load(ordering: .relaxed)
    while word < known {
      let (done, found) = self.word.weakCompareExchange(
        expected: known, desired: word, ordering: .relaxed)
      if done { return }
      known = found
    }
  }

  var keepsNulls: Bool { key.nullsFirst }

  var isKnown: Bool { word.load(ordering: .relaxed) != .max }

  /// The rows of the first key's values that may still be among the first; nil for all.
  func selection(of values: Vector) -> SelectionVector? {
    let limit = word.load(ordering: .relaxed)
    guard limit != .max else { return nil }
    let flat = values.flattened()
    let count = flat.count
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(1, count)) { words in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(1, count)) { kept in
        guard let words = words.baseAddress, let kept = kept.baseAddress else { return nil }
        SortKeys.load(flat, into: words)
        let flip: UInt64 = key.isDescending ? .max : 0
        for row in 0..<count { kept[row] = words[row] ^ flip <= limit ? 1 : 0 }
        if let validity = flat.validity {
          for row in 0..<count where !validity.isValid(row) { kept[row] = key.nullsFirst ? 1 : 0 }
        }
        let selection = SelectionVector(mask: kept, count: count)
        return selection.count == count ? nil : selection
      }
    }
  }
}
