import Base
import Vectors

/// Puts batches together and hands them over as arrays of the C data interface.
///
/// Numbers that lie in one run of memory are not copied: the array refers to the vectors' memory and
/// gives it back when it is released. Everything else is written once into memory of its own.
public struct ArrayExport {
  private let types: [LogicalType]
  private var pending = PendingRows()
  private var full: [ExportedArray] = []
  /// The numbers of all rows that wait lie one behind the other.
  private var isRun = true

  /// A row group: so many rows are handed over as they lie, rather than copied to be joined with more.
  private static let shareableRows = 8192

  public init(types: [LogicalType]) { self.types = types }

  public var rowCount: Int { pending.rowCount }

  /// Adds rows. After that `takeFull` may have arrays.
  public mutating func append(_ batch: Batch) throws(SQLError) {
    let types = types
    var made: [ExportedArray] = []
    let continues = pending.batches.last.map { Self.continues($0, batch) } ?? true
    if isRun, !continues, pending.rowCount >= Self.shareableRows {
      made.append(try Self.array(pending, types))
      pending.removeAll()
    }
    isRun = pending.isEmpty || isRun && continues
    try pending.append(batch) { (rows) throws(SQLError) in
      made.append(try Self.array(rows, types))
      rows.removeAll()
    }
    full += made
  }

  /// The next complete array, if there is one.
  public mutating func takeFull() -> ExportedArray? { full.isEmpty ? nil : full.removeFirst() }

  /// The rows that wait as an array; nil if there are none.
  public mutating func takeRest() throws(SQLError) -> ExportedArray? {
    if pending.isEmpty { return nil }
    let array = try Self.array(pending, types)
    pending.removeAll()
    return array
  }

  /// Whether a batch's numbers lie right behind those of the one before, so that one array can have
  /// both without a copy.
  private static func continues(_ first: Batch, _ second: Batch) -> Bool {
    var hasNumbers = false
    for (a, b) in zip(first.columns, second.columns) where a.physical.isShareable {
      guard a.encoding == .flat, b.encoding == .flat, a.storage === b.storage,
        b.base == a.base + a.count * a.physical.widthBytes
      else { return false }
      hasNumbers = true
    }
    return hasNumbers
  }

  private static func array(
    _ rows: PendingRows, _ types: [LogicalType]
  ) throws(SQLError) -> ExportedArray {
    var columns: [ExportedArray] = []
    columns.reserveCapacity(types.count)
    for (index, type) in types.enumerated() {
      columns.append(try column(rows.slices(ofColumn: index), type, rows.rowCount))
    }
    return ExportedArray(length: rows.rowCount, buffers: [nil], children: columns)
  }

  /// One vector as an array.
  public static func column(_ vector: Vector) throws(SQLError) -> ExportedArray {
    try column([ColumnSlice(vector)], vector.type, vector.count)
  }

  private static func column(
    _ slices: [ColumnSlice], _ type: LogicalType, _ count: Int
  ) throws(SQLError) -> ExportedArray {
    var encoder = ColumnEncoder(SharedBuffers())
    try encoder.append(slices, type: type, count: count)
    var nodes = encoder.nodes[...]
    var regions = encoder.target.regions[...]
    return assembled(type, &nodes, &regions)
  }

  /// The tree of arrays of a type, from nodes and buffers with parents before children.
  private static func assembled(
    _ type: LogicalType, _ nodes: inout ArraySlice<Int64>, _ regions: inout ArraySlice<ByteRegion>
  ) -> ExportedArray {
    let length = Int(nodes.removeFirst())
    let nullCount = Int(nodes.removeFirst())
    if type == .null { return ExportedArray(length: length, nullCount: nullCount, buffers: []) }
    let ownCount = type.physical == .structure ? 1 : type.physical == .bytes ? 3 : 2
    var own: [ByteRegion?] = regions.prefix(ownCount).map { $0 }
    regions.removeFirst(ownCount)
    if nullCount == 0 { own[0] = nil }
    var children: [ExportedArray] = []
    for child in type.childTypes { children.append(assembled(child, &nodes, &regions)) }
    return ExportedArray(length: length, nullCount: nullCount, buffers: own, children: children)
  }
}

extension PhysicalType {
  /// Arrow has the values in the same form.
  fileprivate var isShareable: Bool { isFixed && self != .bool8 }
}
