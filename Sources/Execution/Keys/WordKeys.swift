import Base
import Vectors

/// Keys of one fixed-width column of at most 8 bytes, as their bits.
final class WordKeys: KeyLayout {
  private let type: LogicalType
  private let table: FixedKeyTable<UInt64>

  init(type: LogicalType, expectsOrder: Bool) {
    self.type = type
    table = FixedKeyTable(expectsOrder: expectsOrder)
  }

  var count: Int { table.count }
  var sizeBytes: Int { table.sizeBytes }
  var words: UnsafePointer<UInt64> { UnsafePointer(table.pointer) }

  func insert(_ columns: [Vector], count: Int, groups: UnsafeMutablePointer<UInt32>) {
    withWords(columns[0], count) { (words, validity) in
      table.insert(words, validity, count: count, groups: groups)
    }
  }

  func find(_ columns: [Vector], count: Int, groups: UnsafeMutablePointer<UInt32>) {
    withWords(columns[0], count) { (words, validity) in
      table.find(words, validity, count: count, groups: groups)
    }
  }

  private func withWords(
    _ column: Vector, _ count: Int, _ body: (UnsafePointer<UInt64>, ValidityMask?) -> Void
  ) {
    let flat = column.flattened()
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(1, count)) { words in
      guard let start = words.baseAddress else { return }
      KeyWords.load(flat, count: count, into: start)
      body(start, flat.validity)
    }
  }

  func absorb(
    _ other: any KeyLayout, mapping: UnsafeMutablePointer<UInt32>,
    checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) {
    let theirs = try same(other).table
    let null = theirs.nullGroup == KeyTable.absent ? nil : Int(theirs.nullGroup)
    for start in stride(from: 0, to: theirs.count, by: Batch.capacity) {
      let here = min(Batch.capacity, theirs.count - start)
      var validity: ValidityMask?
      if let null, (start..<start + here).contains(null) {
        validity = ValidityMask(count: here, allValid: true)
        validity?.setNull(null - start)
      }
      try table.reserve(here, checkpoint: checkpoint)
      table.insert(theirs.pointer + start, validity, count: here, groups: mapping + start)
      try checkpoint()
    }
  }

  func keys(_ range: Range<Int>) -> [Vector] {
    let null = table.nullGroup == KeyTable.absent ? nil : Int(table.nullGroup)
    return [KeyWords.vector(table.pointer, range, type: type, nullGroup: null)]
  }
}
