import Base
import Sky
import Vectors

/// What a scan reads: segments with optional row masks, then tail batches, in storage order.
///
/// A row's address is (part, group, row in group). Parts never change while the snapshot lives.
public final class TableSnapshot: Sendable {
  public let parts: [any TablePart]
  public let rowCount: Int

  public init(parts: [any TablePart]) {
    self.parts = parts
    rowCount = parts.reduce(0) { $0 + $1.visibleRowCount }
  }
}

/// A run of row groups: a segment, or rows in memory.
///
/// Row groups hold at most a few thousand rows, a multiple of 1024 but for the last of a stripe, so
/// that batches are slices of them.
public protocol TablePart: AnyObject, Sendable {
  var groupCount: Int { get }
  func rowCount(ofGroup group: Int) -> Int
  /// What is known of a group without reading it.
  func zone(ofGroup group: Int) -> GroupZone
  /// What is known of one column of a group without reading it.
  func columnZone(ofGroup group: Int, column: Int) -> ColumnZone
  /// Rows that queries do not see, or nil.
  var rowMask: RowMask? { get }
  /// Positions of the columns by which all rows of the part are sorted, the most significant first:
  /// ascending, NaN above all numbers, NULLs last. Empty if unknown.
  var sortedBy: [Int] { get }
  /// The values of `columns` (positions in the table's columns) for all rows of a group, masked ones
  /// included, each vector as long as the group.
  func read(group: Int, columns: [Int]) throws(SQLError) -> [Vector]
  /// The values of one column of which only parts are wanted; the others may come as NULLs.
  func read(group: Int, column: Int, use: FieldUse) throws(SQLError) -> Vector
  /// Bytes that this fetches, for EXPLAIN ANALYZE.
  func sizeBytes(ofGroup group: Int, column: Int, use: FieldUse) -> Int
  /// Bytes that `read` fetches for `columns` of a group, for progress and EXPLAIN ANALYZE.
  func sizeBytes(ofGroup group: Int, columns: [Int]) -> Int
  /// Rows that queries see.
  var visibleRowCount: Int { get }
}

extension TablePart {
  public var sortedBy: [Int] { [] }

  public func read(group: Int, column: Int, use: FieldUse) throws(SQLError) -> Vector {
    try read(group: group, columns: [column])[0]
  }

  public func sizeBytes(ofGroup group: Int, column: Int, use: FieldUse) -> Int {
    sizeBytes(ofGroup: group, columns: [column])
  }

  public var visibleRowCount: Int {
    (0..<groupCount).reduce(0) { $0 + rowCount(ofGroup: $1) } - (rowMask?.hiddenCount ?? 0)
  }
}

/// Where on the sky the rows of a group lie.
public struct GroupZone: Hashable, Sendable {
  /// The order-29 cells from the first to the last row's, half-open; nil if unknown, empty if no
  /// row has a valid position.
  public var cells: HEALPixRange?
  /// Which 64th parts of the smallest cell around `cells` hold rows, see `Occupancy`; nil if
  /// unknown.
  public var occupancy: UInt64?
  /// A cap that holds every row with a valid position; nil if unknown.
  public var cap: BoundingCap?
  /// Rows with two coordinates that are no place on the sky; they match no cone. Rows where one is
  /// NULL are not among them.
  public var outsideCount = 0

  public init(
    cells: HEALPixRange? = nil, cap: BoundingCap? = nil, occupancy: UInt64? = nil,
    outsideCount: Int = 0
  ) {
    self.cells = cells
    self.cap = cap
    self.occupancy = occupancy
    self.outsideCount = outsideCount
  }
}

/// Bounds of one column in one group. NaNs are counted apart and are not within the bounds.
public struct ColumnZone: Hashable, Sendable {
  public enum Bounds: Hashable, Sendable {
    case unknown
    /// No value but NULL and NaN.
    case none
    /// Integers, dates and timestamps.
    case integers(Int64, Int64)
    case floats(Double, Double)
  }

  public var bounds: Bounds
  /// Nil if unknown.
  public var nullCount: Int?
  public var nanCount: Int?

  public init(bounds: Bounds = .unknown, nullCount: Int? = nil, nanCount: Int? = nil) {
    self.bounds = bounds
    self.nullCount = nullCount
    self.nanCount = nanCount
  }
}

