import Base
import Vectors

/// A row and the number that it is sorted by.
struct SortEntry: BitwiseCopyable {
  var key: UInt64
  var row: RowReference
}

/// Sorts entries by their keys, stably, in time proportional to their number.
///
/// Least significant byte first. Bytes that are the same in all keys cost nothing but their
/// histogram, and all histograms are made in one pass.
enum RadixSort {
  private static let digits = 8
  private static let values = 256

  /// Sorts `entries`; `scratch` is as long and is left with anything.
  static func sort(
    _ entries: UnsafeMutableBufferPointer<SortEntry>,
    scratch: UnsafeMutableBufferPointer<SortEntry>
  ) {
    precondition(scratch.count >= entries.count)
    guard entries.count > 1, let first = entries.baseAddress, let second = scratch.baseAddress
    else { return }
    let counts = histograms(UnsafeBufferPointer(entries))
    var source = first
    var target = second
    for digit in 0..<digits {
      let histogram = counts[digit * values..<(digit + 1) * values]
      if histogram.contains(entries.count) { continue }
      scatter(source, target, entries.count, shift: UInt64(digit * 8), Array(histogram))
      swap(&source, &target)
    }
    if source != first { first.update(from: source, count: entries.count) }
  }

  private static func histograms(_ entries: UnsafeBufferPointer<SortEntry>) -> [Int] {
    var counts = [Int](repeating: 0, count: digits * values)
    counts.withUnsafeMutableBufferPointer { counts in
      for entry in entries {
        var rest = entry.key
        var start = 0
        for _ in 0..<digits {
          counts[start &+ Int(truncatingIfNeeded: rest & 0xFF)] &+= 1
          rest &>>= 8
          start &+= values
        }
      }
    }
    return counts
  }

  private static func scatter(
    _ source: UnsafeMutablePointer<SortEntry>, _ target: UnsafeMutablePointer<SortEntry>,
    _ count: Int, shift: UInt64, _ histogram: [Int]
  ) {
    var places = histogram
    var sum = 0
    for value in 0..<values {
      let here = places[value]
      places[value] = sum
      sum += here
    }
    places.withUnsafeMutableBufferPointer { places in
      for index in 0..<count {
        let value = Int(truncatingIfNeeded: (source[index].key &>> shift) & 0xFF)
        target[places[value]] = source[index]
        places[value] &+= 1
      }
    }
  }
}
