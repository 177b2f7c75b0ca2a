import Base
import Vectors

/// Numbers distinct keys 0, 1, 2 … in the order in which they first appear.
///
/// A key is one or more columns; NULL equals NULL, NaN equals NaN, −0 equals 0. Keys of up to 16
/// bytes are kept as words, anything else as rows of bytes; no allocation per row.
///
/// | columns | layout |
/// |---|---|
/// | one of at most 8 bytes | `FixedKeyTable<UInt64>` |
/// | several that fit into 64 or 128 bits, text by its number | `PackedKeys` |
/// | one of text, or more than fits | `RowKeyTable` |
final class KeyTable: @unchecked Sendable {
  static let absent = UInt32.max

  private enum Layout {
    case word(FixedKeyTable<UInt64>)
    case one(PackedKeys<UInt64>)
    case two(PackedKeys<UInt128>)
    case rows(RowKeyTable)
  }

  let types: [LogicalType]
  private let layout: Layout

  /// `expectsOrder`: keys may well come in ascending order, and `find` is not called.
  init(types: [LogicalType], expectsOrder: Bool = false) {
    self.types = types
    if types.count == 1 {
      layout =
        KeyWords.fits(types[0])
        ? .word(FixedKeyTable(expectsOrder: expectsOrder)) : .rows(RowKeyTable())
      return
    }
    let bits = PackedKeys<UInt64>.bitCount(types)
    if bits <= 64 {
      layout = .one(PackedKeys(types: types, expectsOrder: expectsOrder))
    } else if bits <= 128 {
      layout = .two(PackedKeys(types: types, expectsOrder: expectsOrder))
    } else {
      layout = .rows(RowKeyTable())
    }
  }

  var count: Int {
    switch layout {
    case .word(let table): table.count
    case .one(let table): table.count
    case .two(let table): table.count
    case .rows(let table): table.count
    }
  }

  var sizeBytes: Int {
    switch layout {
    case .word(let table): table.sizeBytes
    case .one(let table): table.sizeBytes
    case .two(let table): table.sizeBytes
    case .rows(let table): table.sizeBytes
    }
  }

  /// The keys of all groups, if they are single words; anything for NULL.
  var words: UnsafePointer<UInt64>? {
    if case .word(let table) = layout { return UnsafePointer(table.pointer) }
    return nil
  }

  /// The group of each row's key; unknown keys get the next numbers.
  func findOrInsert(_ columns: [Vector], count: Int, groups: UnsafeMutablePointer<UInt32>) {
    switch layout {
    case .word(let table):
      withWords(columns[0], count) { (words, validity) in
        table.insert(words, validity, count: count, groups: groups)
      }
    case .one(let table): table.insert(columns, count: count, groups: groups)
    case .two(let table): table.insert(columns, count: count, groups: groups)
    case .rows(let table): table.insert(columns, count: count, groups: groups)
    }
  }

  /// The group of each row's key, `absent` for unknown ones.
  func find(_ columns: [Vector], count: Int, groups: UnsafeMutablePointer<UInt32>) {
    switch layout {
    case .word(let table):
      withWords(columns[0], count) { (words, validity) in
        table.find(words, validity, count: count, groups: groups)
      }
    case .one(let table): table.find(columns, count: count, groups: groups)
    case .two(let table): table.find(columns, count: count, groups: groups)
    case .rows(let table): table.find(columns, count: count, groups: groups)
    }
  }

  /// The groups here of all groups of another table of the same types; new ones are added in order.
  /// `checkpoint` is called now and then and may stop.
  func absorb(
    _ other: KeyTable, mapping: UnsafeMutablePointer<UInt32>,
    checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) {
    switch (layout, other.layout) {
    case (.word(let mine), .word(let theirs)):
      try absorb(mine, theirs, mapping, checkpoint)
    case (.one(let mine), .one(let theirs)): mine.absorb(theirs, mapping: mapping)
    case (.two(let mine), .two(let theirs)): mine.absorb(theirs, mapping: mapping)
    case (.rows(let mine), .rows(let theirs)): mine.absorb(theirs, mapping: mapping)
    default: throw SQLError(.internalError, "tables of different keys cannot merge")
    }
    try checkpoint()
  }

  private func absorb(
    _ mine: FixedKeyTable<UInt64>, _ theirs: FixedKeyTable<UInt64>,
    _ mapping: UnsafeMutablePointer<UInt32>, _ checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) {
    let null = theirs.nullGroup == Self.absent ? nil : Int(theirs.nullGroup)
    for start in stride(from: 0, to: theirs.count, by: Batch.capacity) {
      let here = min(Batch.capacity, theirs.count - start)
      var validity: ValidityMask?
      if let null, (start..<start + here).contains(null) {
        validity = ValidityMask(count: here, allValid: true)
        validity?.setNull(null - start)
      }
      mine.insert(theirs.pointer + start, validity, count: here, groups: mapping + start)
      try checkpoint()
    }
  }

  /// The keys of some groups, one vector a column.
  func keys(_ range: Range<Int>) -> [Vector] {
    switch layout {
    case .word(let table):
      [
        KeyWords.vector(
          table.pointer, range, type: types[0],
          nullGroup: table.nullGroup == Self.absent ? nil : Int(table.nullGroup))
      ]
    case .one(let table): table.keys(range)
    case .two(let table): table.keys(range)
    case .rows(let table): table.keys(Array(range), types: types)
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
}
