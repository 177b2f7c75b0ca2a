import Base
import Vectors

/// Rows of a part that are deleted: one bit a row in group order, 1 for hidden.
public struct RowMask: Hashable, Sendable {
  /// Words behind the last one hide nothing.
  public private(set) var hidden: [UInt64]
  public private(set) var hiddenCount: Int

  public init(hidden: [UInt64] = []) {
    self.hidden = hidden
    hiddenCount = hidden.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// Hides `count` rows from the first on, but for those that `other` hides.
  public init(all count: Int, but other: RowMask) {
    var words = [UInt64](repeating: ~0, count: (count + 63) / 64)
    if count & 63 != 0 { words[words.count - 1] = 1 << UInt64(count & 63) - 1 }
    for (index, word) in other.hidden.enumerated() where index < words.count {
      words[index] &= ~word
    }
    self.init(hidden: words)
  }

  public var isEmpty: Bool { hiddenCount == 0 }

  @inlinable
  public func isHidden(_ row: Int) -> Bool {
    row >> 6 < hidden.count && hidden[row >> 6] >> UInt64(row & 63) & 1 != 0
  }

  /// False if the row was hidden already.
  @discardableResult
  public mutating func hide(_ row: Int) -> Bool {
    if row >> 6 >= hidden.count {
      hidden += [UInt64](repeating: 0, count: (row >> 6) + 1 - hidden.count)
    }
    let bit: UInt64 = 1 << UInt64(row & 63)
    if hidden[row >> 6] & bit != 0 { return false }
    hidden[row >> 6] |= bit
    hiddenCount += 1
    return true
  }

  public func union(_ other: RowMask) -> RowMask {
    if other.isEmpty { return self }
    if isEmpty { return other }
    let (long, short) = hidden.count >= other.hidden.count ? (self, other) : (other, self)
    var words = long.hidden
    for (index, word) in short.hidden.enumerated() { words[index] |= word }
    return RowMask(hidden: words)
  }

  public func intersects(_ other: RowMask) -> Bool {
    zip(hidden, other.hidden).contains { $0 & $1 != 0 }
  }

  /// The hidden rows, ascending.
  public var rows: [Int] {
    var rows: [Int] = []
    rows.reserveCapacity(hiddenCount)
    for (index, word) in hidden.enumerated() where word != 0 {
      var rest = word
      while rest != 0 {
        rows.append(index << 6 + rest.trailingZeroBitCount)
        rest &= rest &- 1
      }
    }
    return rows
  }

  /// Which of `count` rows from `start` are to be seen; nil if all are.
  public func visibleRows(from start: Int, count: Int) -> SelectionVector? {
    let first = start >> 6
    let end = min(hidden.count, (start + count + 63) >> 6)
    guard first < end, hidden[first..<end].contains(where: { $0 != 0 }) else { return nil }
    var rows: [UInt16] = []
    for row in 0..<count where !isHidden(start + row) {
      rows.append(UInt16(truncatingIfNeeded: row))
    }
    return rows.count == count ? nil : SelectionVector(rows)
  }
}

/// A part some of whose rows are hidden: all that it hides itself, and perhaps more.
public final class MaskedPart: TablePart {
  let base: any TablePart
  public let rowMask: RowMask?

  public init(_ base: any TablePart, _ mask: RowMask) {
    self.base = base
    rowMask = mask
  }

  public var groupCount: Int { base.groupCount }
  public func rowCount(ofGroup group: Int) -> Int { base.rowCount(ofGroup: group) }
  public func zone(ofGroup group: Int) -> GroupZone { base.zone(ofGroup: group) }
  public func columnZone(ofGroup group: Int, column: Int) -> ColumnZone {
    base.columnZone(ofGroup: group, column: column)
  }
  public var sortedBy: [Int] { base.sortedBy }
  public func read(group: Int, columns: [Int]) throws(SQLError) -> [Vector] {
    try base.read(group: group, columns: columns)
  }
  public func sizeBytes(ofGroup group: Int, columns: [Int]) -> Int {
    base.sizeBytes(ofGroup: group, columns: columns)
  }
  public func read(group: Int, column: Int, use: FieldUse) throws(SQLError) -> Vector {
    try base.read(group: group, column: column, use: use)
  }
  public func sizeBytes(ofGroup group: Int, column: Int, use: FieldUse) -> Int {
    base.sizeBytes(ofGroup: group, column: column, use: use)
  }
  /// The base's own mask is part of this one.
  public var visibleRowCount: Int {
    base.visibleRowCount + (base.rowMask?.hiddenCount ?? 0) - (rowMask?.hiddenCount ?? 0)
  }
}
