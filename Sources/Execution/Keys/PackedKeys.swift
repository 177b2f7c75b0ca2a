import Base
import Vectors

/// Numbers distinct keys of several columns that fit side by side into one or two words.
///
/// The first column takes the highest bits, so that keys in the order of the columns ascend as
/// words. A fixed-width column takes its bits with the sign turned over and one bit for "not NULL";
/// text and everything else of varying width is numbered by a table of its own and takes 32 bits.
///
/// Behind `KeyLayout` the compiler would leave the loops generic, fifty times slower: each has its two
/// forms by name.
final class PackedKeys<Key: FixedKey>: KeyLayout {
  private struct Field {
    let type: LogicalType
    let shift: Int
    /// For columns of varying width: the numbers of their values, NULL among them.
    let numbers: RowKeys?
  }

  private let fields: [Field]
  private let table: FixedKeyTable<Key>

  /// Bits the columns take side by side.
  static func bitCount(_ types: [LogicalType]) -> Int {
    types.reduce(0) { $0 + width($1) }
  }

  private static func width(_ type: LogicalType) -> Int {
    KeyWords.fits(type) ? type.physical.widthBytes * 8 + 1 : 32
  }

  init(types: [LogicalType], expectsOrder: Bool) {
    var shift = Self.bitCount(types)
    var fields: [Field] = []
    for type in types {
      shift -= Self.width(type)
      fields.append(
        Field(type: type, shift: shift, numbers: KeyWords.fits(type) ? nil : RowKeys(types: [type])))
    }
    self.fields = fields
    table = FixedKeyTable(expectsOrder: expectsOrder)
  }

  var count: Int { table.count }

  var sizeBytes: Int {
    table.sizeBytes + fields.reduce(0) { $0 + ($1.numbers?.sizeBytes ?? 0) }
  }

  @_specialize(where Key == UInt64)
  @_specialize(where Key == UInt128)
  func insert(_ columns: [Vector], count: Int, groups: UnsafeMutablePointer<UInt32>) {
    withUnsafeTemporaryAllocation(of: Key.self, capacity: max(1, count)) { packed in
      guard let start = packed.baseAddress else { return }
      start.initialize(repeating: 0, count: count)
      for (field, column) in zip(fields, columns) {
        if let numbers = field.numbers {
          // The groups' place serves for the numbers of this column.
          numbers.insert([column], count: count, groups: groups)
          for row in 0..<count { start[row] |= Key(groups[row]) << Key(field.shift) }
        } else {
          pack(column.flattened(), field.shift, count, start)
        }
      }
      table.insert(start, nil, count: count, groups: groups)
    }
  }

  @_specialize(where Key == UInt64)
  @_specialize(where Key == UInt128)
  func find(_ columns: [Vector], count: Int, groups: UnsafeMutablePointer<UInt32>) {
    withUnsafeTemporaryAllocation(of: Key.self, capacity: max(1, count)) { packed in
      guard let start = packed.baseAddress else { return }
      start.initialize(repeating: 0, count: count)
      var isUnknown = [Bool](repeating: false, count: count)
      for (field, column) in zip(fields, columns) {
        if let numbers = field.numbers {
          numbers.find([column], count: count, groups: groups)
          for row in 0..<count {
            isUnknown[row] = isUnknown[row] || groups[row] == KeyTable.absent
            start[row] |= Key(groups[row]) << Key(field.shift)
          }
        } else {
          pack(column.flattened(), field.shift, count, start)
        }
      }
      table.find(start, nil, count: count, groups: groups)
      for row in 0..<count where isUnknown[row] { groups[row] = KeyTable.absent }
    }
  }

  @_specialize(where Key == UInt64)
  @_specialize(where Key == UInt128)
  func absorb(
    _ other: any KeyLayout, mapping: UnsafeMutablePointer<UInt32>,
    checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) {
    let other = try same(other)
    var translations: [[UInt32]?] = []
    for (mine, theirs) in zip(fields, other.fields) {
      guard let numbers = mine.numbers, let others = theirs.numbers else {
        translations.append(nil)
        continue
      }
      var translation = [UInt32](repeating: 0, count: others.count)
      translation.withUnsafeMutableBufferPointer {
        if let start = $0.baseAddress {
          numbers.absorb(others, 0..<others.count, mapping: start)
        }
      }
      translations.append(translation)
    }
    let keys = other.table.pointer
    for start in stride(from: 0, to: other.count, by: Batch.capacity) {
      let here = min(Batch.capacity, other.count - start)
      try table.reserve(here, checkpoint: checkpoint)
      withUnsafeTemporaryAllocation(of: Key.self, capacity: here) { packed in
        guard let target = packed.baseAddress else { return }
        target.update(from: keys + start, count: here)
        for (field, translation) in zip(fields, translations) {
          guard let translation else { continue }
          let mask = Key(UInt32.max) << Key(field.shift)
          for row in 0..<here {
            let number = UInt32(truncatingIfNeeded: target[row] >> Key(field.shift))
            target[row] =
              target[row] & ~mask | Key(translation[Int(number)]) << Key(field.shift)
          }
        }
        table.insert(target, nil, count: here, groups: mapping + start)
      }
      try checkpoint()
    }
  }

  /// The keys of groups `range`, one vector a column.
  @_specialize(where Key == UInt64)
  @_specialize(where Key == UInt128)
  func keys(_ range: Range<Int>) -> [Vector] {
    let start = UnsafePointer(table.pointer + range.lowerBound)
    return fields.map { field in
      if let numbers = field.numbers {
        return Self.gathered(numbers, field.type, start, field.shift, range.count)
      }
      return Self.unpacked(start, field.type, field.shift, range.count)
    }
  }

  // MARK: fields

  @_specialize(where Key == UInt64)
  @_specialize(where Key == UInt128)
  private func pack(
    _ column: Vector, _ shift: Int, _ count: Int, _ out: UnsafeMutablePointer<Key>
  ) {
    let bits = column.physical.widthBytes * 8
    let sign = UInt64(1) << UInt64(bits - 1)
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(1, count)) { words in
      guard let words = words.baseAddress else { return }
      KeyWords.load(column, count: count, into: words)
      let shift = Key(shift)
      let valid = Key(1) << Key(bits)
      guard let validity = column.validity else {
        for row in 0..<count { out[row] |= (Key(words[row] ^ sign) | valid) << shift }
        return
      }
      for row in 0..<count where validity.isValid(row) {
        out[row] |= (Key(words[row] ^ sign) | valid) << shift
      }
    }
  }

  private static func unpacked(
    _ keys: UnsafePointer<Key>, _ type: LogicalType, _ shift: Int, _ count: Int
  ) -> Vector {
    let bits = type.physical.widthBytes * 8
    let sign = UInt64(1) << UInt64(bits - 1)
    let mask = ValidityMask(count: count, allValid: true)
    var hasNull = false
    let words = UnsafeMutablePointer<UInt64>.allocate(capacity: count + 1)
    defer { words.deallocate() }
    for row in 0..<count {
      let field = keys[row] >> Key(shift)
      words[row] = UInt64(truncatingIfNeeded: field) ^ sign
      if field >> Key(bits) & 1 == 0 {
        mask.setNull(row)
        hasNull = true
      }
    }
    let result = KeyWords.vector(words, 0..<count, type: type, nullGroup: nil)
    if hasNull { result.validity = mask }
    return result
  }

  private static func gathered(
    _ numbers: RowKeys, _ type: LogicalType, _ keys: UnsafePointer<Key>, _ shift: Int,
    _ count: Int
  ) -> Vector {
    let groups = (0..<count).map { Int(UInt32(truncatingIfNeeded: keys[$0] >> Key(shift))) }
    return numbers.keys(groups)[0]
  }
}
