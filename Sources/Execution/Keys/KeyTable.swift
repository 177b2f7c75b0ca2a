import Base
import Vectors

/// Numbers distinct keys 0, 1, 2 … in the order in which they first appear.
///
/// A key is one or more columns; NULL equals NULL, NaN equals NaN, −0 equals 0. Keys of up to 16
/// bytes are kept as words, anything else as rows of bytes; no allocation per row.
///
/// | columns | layout |
/// |---|---|
/// | one of at most 8 bytes | `WordKeys` |
/// | several that fit into 64 or 128 bits, text by its number | `PackedKeys` |
/// | one of text, or more than fits | `RowKeys` |
final class KeyTable: @unchecked Sendable {
  static let absent = UInt32.max

  private let layout: any KeyLayout

  /// `expectsOrder`: keys may well come in ascending order, and `find` is not called.
  init(types: [LogicalType], expectsOrder: Bool = false) {
    let bits = PackedKeys<UInt64>.bitCount(types)
    if types.count == 1 {
      layout =
        KeyWords.fits(types[0])
        ? WordKeys(type: types[0], expectsOrder: expectsOrder) : RowKeys(types: types)
    } else if bits <= 64 {
      layout = PackedKeys<UInt64>(types: types, expectsOrder: expectsOrder)
    } else if bits <= 128 {
      layout = PackedKeys<UInt128>(types: types, expectsOrder: expectsOrder)
    } else {
      layout = RowKeys(types: types)
    }
  }

  var count: Int { layout.count }
  var sizeBytes: Int { layout.sizeBytes }

  /// The keys of all groups, if they are single words; anything for NULL.
  var words: UnsafePointer<UInt64>? { (layout as? WordKeys)?.words }

  /// The group of each row's key; unknown keys get the next numbers.
  func findOrInsert(_ columns: [Vector], count: Int, groups: UnsafeMutablePointer<UInt32>) {
    layout.insert(columns, count: count, groups: groups)
  }

  /// The group of each row's key, `absent` for unknown ones.
  func find(_ columns: [Vector], count: Int, groups: UnsafeMutablePointer<UInt32>) {
    layout.find(columns, count: count, groups: groups)
  }

  /// The groups here of all groups of another table of the same types; new ones are added in order.
  /// `checkpoint` is called now and then and may stop.
  func absorb(
    _ other: KeyTable, mapping: UnsafeMutablePointer<UInt32>,
    checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) {
    try layout.absorb(other.layout, mapping: mapping, checkpoint: checkpoint)
  }

  /// The keys of some groups, one vector a column.
  func keys(_ range: Range<Int>) -> [Vector] { layout.keys(range) }
}

/// How the keys of a table are kept. Called once a batch.
protocol KeyLayout: AnyObject {
  var count: Int { get }
  var sizeBytes: Int { get }
  func insert(_ columns: [Vector], count: Int, groups: UnsafeMutablePointer<UInt32>)
  func find(_ columns: [Vector], count: Int, groups: UnsafeMutablePointer<UInt32>)
  func absorb(
    _ other: any KeyLayout, mapping: UnsafeMutablePointer<UInt32>,
    checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError)
  func keys(_ range: Range<Int>) -> [Vector]
}

extension KeyLayout {
  /// The other one as a layout of this kind, which tables of the same types have.
  func same(_ other: any KeyLayout) throws(SQLError) -> Self {
    guard let other = other as? Self else {
      throw SQLError(.internalError, "tables of different keys cannot merge")
    }
    return other
  }
}
