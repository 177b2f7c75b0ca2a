import Base
import Glibc
import Plans
import Vectors

/// The sort keys of many rows, column-wise in memory as words that compare like the values.
///
/// Numbers, dates and booleans become 64-bit words in ascending order (NaN last, −0 equal to 0);
/// decimals two words; text its first eight bytes, the rest is compared when those are equal. NULLs
/// have a rank of their own.
final class SortKeys {
  struct Column {
    let isDescending: Bool
    let nullsFirst: Bool
    let type: LogicalType
    /// By row: the leading word.
    var words: UnsafeMutablePointer<UInt64>
    /// By row: 1 if NULL.
    var nulls: UnsafeMutablePointer<UInt8>?
    /// For types whose word does not decide: the vectors, by batch.
    var vectors: [Vector]
  }

  private(set) var columns: [Column] = []
  let rowCount: Int
  /// By row: its address.
  let references: [RowReference]

  /// Keys of all rows of `store`; `keyColumns` are the positions of the key values in it.
  init(_ store: RowStore, keys: [SortKey], keyColumns: [Int]) {
    references = store.allReferences()
    rowCount = references.count
    for (key, position) in zip(keys, keyColumns) {
      let type = store.types[position]
      let vectors = store.batches.map { $0.columns[position] }
      var column = Column(
        isDescending: key.isDescending, nullsFirst: key.nullsFirst, type: type,
        words: .allocate(capacity: max(1, rowCount)), nulls: nil,
        vectors: Self.wordDecides(type) ? [] : vectors)
      Self.fill(&column, vectors, rowCount)
      columns.append(column)
    }
  }

  deinit {
    for column in columns {
      column.words.deallocate()
      column.nulls?.deallocate()
    }
  }

  /// Bytes of the keys of `rowCount` rows.
  static func sizeBytes(rowCount: Int, keyCount: Int) -> Int {
    rowCount * (9 * keyCount + 24)
  }

  private static func wordDecides(_ type: LogicalType) -> Bool {
    switch type.physical {
    case .bytes, .int128, .list, .structure: false
    default: true
    }
  }

  private static func fill(_ column: inout Column, _ vectors: [Vector], _ rowCount: Int) {
    var row = 0
    for vector in vectors {
      load(vector, into: column.words + row)
      if let validity = vector.validity {
        if column.nulls == nil {
          let nulls = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, rowCount))
          nulls.initialize(repeating: 0, count: rowCount)
          column.nulls = nulls
        }
        for index in 0..<vector.count where !validity.isValid(index) {
          column.nulls?[row + index] = 1
          column.words[row + index] = 0
        }
      }
      row += vector.count
    }
    if column.isDescending { for index in 0..<rowCount { column.words[index] = ~column.words[index] } }
  }

  private static let sign: UInt64 = 1 << 63

  /// The words of a flat vector in ascending order; NULL rows give anything.
  static func load(_ vector: Vector, into out: UnsafeMutablePointer<UInt64>) {
    let count = vector.count
    switch vector.physical {
    case .bool8:
      let values = vector.values(as: UInt8.self)
      for row in 0..<count { out[row] = UInt64(values[row]) }
    case .int8: signed(vector.values(as: Int8.self), count, out)
    case .int16: signed(vector.values(as: Int16.self), count, out)
    case .int32: signed(vector.values(as: Int32.self), count, out)
    case .int64: signed(vector.values(as: Int64.self), count, out)
    case .float32:
      let values = vector.values(as: Float.self)
      for row in 0..<count { out[row] = ordered(Double(values[row])) }
    case .float64:
      let values = vector.values(as: Double.self)
      for row in 0..<count { out[row] = ordered(values[row]) }
    case .int128:
      let values = vector.values(as: Int128.self)
      for row in 0..<count { out[row] = UInt64(truncatingIfNeeded: values[row] >> 64) ^ sign }
    case .bytes:
      for row in 0..<count { out[row] = vector.isNull(row) ? 0 : prefix(vector.bytes(at: row)) }
    case .list, .structure:
      out.update(repeating: 0, count: count)
    }
  }

  @inline(__always)
  private static func signed<T: FixedWidthInteger & SignedInteger>(
    _ values: UnsafeMutablePointer<T>, _ count: Int, _ out: UnsafeMutablePointer<UInt64>
  ) {
    for row in 0..<count { out[row] = UInt64(bitPattern: Int64(values[row])) ^ sign }
  }

  @inline(__always)
  private static func ordered(_ value: Double) -> UInt64 {
    let bits = KeyWords.canonical(value).bitPattern
    if value != value { return .max }
    return bits & sign == 0 ? bits | sign : ~bits
  }

  private static func prefix(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var word: UInt64 = 0
    for index in 0..<min(8, bytes.count) { word |= UInt64(bytes[index]) << UInt64(56 - 8 * index) }
    return word
  }

  /// The word of the first key, nil for NULL.
  func firstWord(_ row: Int) -> UInt64? {
    guard let first = columns.first else { return nil }
    if let nulls = first.nulls, nulls[row] == 1 { return nil }
    return first.words[row]
  }

  // MARK: comparing

  /// Does row `a` come before row `b` (indices into `references`)? Equal keys keep their order.
  func isBefore(_ a: Int, _ b: Int) -> Bool {
    for column in columns {
      let order = compare(column, a, b)
      if order != 0 { return order < 0 }
    }
    return a < b
  }

  private func compare(_ column: Column, _ a: Int, _ b: Int) -> Int {
    if let nulls = column.nulls, nulls[a] | nulls[b] != 0 {
      if nulls[a] == nulls[b] { return 0 }
      return (nulls[a] == 1) == column.nullsFirst ? -1 : 1
    }
    let (x, y) = (column.words[a], column.words[b])
    if x != y { return x < y ? -1 : 1 }
    if column.vectors.isEmpty { return 0 }
    let order = compareRest(column, a, b)
    return column.isDescending ? -order : order
  }

  private func compareRest(_ column: Column, _ a: Int, _ b: Int) -> Int {
    let (first, i) = locate(column, a)
    let (second, j) = locate(column, b)
    if column.type.physical == .int128 {
      let (x, y) = (first.values(as: Int128.self)[i], second.values(as: Int128.self)[j])
      return x == y ? 0 : x < y ? -1 : 1
    }
    guard column.type.physical == .bytes else { return 0 }
    let (x, y) = (first.bytes(at: i), second.bytes(at: j))
    let common = min(x.count, y.count)
    if let p = x.baseAddress, let q = y.baseAddress, common > 0 {
      let order = memcmp(p, q, common)
      if order != 0 { return order < 0 ? -1 : 1 }
    }
    return x.count == y.count ? 0 : x.count < y.count ? -1 : 1
  }

  private func locate(_ column: Column, _ row: Int) -> (Vector, Int) {
    let reference = references[row]
    return (
      column.vectors[Int(truncatingIfNeeded: reference >> 16)],
      Int(truncatingIfNeeded: reference & 0xFFFF)
    )
  }
}
