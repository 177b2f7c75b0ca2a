import Base
import FunctionKit
import Storage
import Vectors

/// A table whose rows are made when somebody asks: `zij.functions`, pg_catalog, information_schema.
public final class VirtualTable: CatalogTable {
  public let schema: String
  public let name: String
  public let columns: [ColumnDefinition]
  public let description: String?
  /// The table's number in `pg_class` if it is a fixed one, for example 1259.
  public let oid: Int64?
  public var order: TableOrder { .none }
  /// Roughly how many rows there are, if that is known without making them.
  public let rowCount: (@Sendable () -> Int)?
  private let makeSnapshot:
    @Sendable ((any SessionFacts)?) throws(SQLError) -> TableSnapshot

  /// A table whose rows are made all at once.
  public convenience init(
    schema: String, name: String, columns: [ColumnDefinition], description: String? = nil,
    rows: @escaping @Sendable () throws(SQLError) -> [[Value]]
  ) {
    self.init(schema: schema, name: name, columns: columns, description: description) {
      _ throws(SQLError) in
      let batches = Batch.batches(of: try rows(), types: columns.map(\.type))
      return TableSnapshot(parts: [MemoryPart(batches: batches)])
    }
  }

  /// A table whose rows may depend on who asks, and that makes only what a scan reads.
  public init(
    schema: String, name: String, columns: [ColumnDefinition], description: String? = nil,
    oid: Int64? = nil, rowCount: (@Sendable () -> Int)? = nil,
    snapshot: @escaping @Sendable ((any SessionFacts)?) throws(SQLError) -> TableSnapshot
  ) {
    self.schema = schema
    self.name = name
    self.columns = columns
    self.description = description
    self.oid = oid
    self.rowCount = rowCount
    makeSnapshot = snapshot
  }

  public func snapshot() throws(SQLError) -> TableSnapshot { try makeSnapshot(nil) }

  /// The rows as a session sees them.
  public func snapshot(for facts: any SessionFacts) throws(SQLError) -> TableSnapshot {
    try makeSnapshot(facts)
  }
}

/// Rows of a virtual table as records, of which only the columns that a scan reads become vectors.
public final class RecordPart<Record: Sendable>: TablePart {
  public typealias Column = (type: LogicalType, value: @Sendable (Record) -> Value)

  private let records: [Record]
  private let columns: [Column]
  /// The position of an integer column by which the records ascend, and its values: groups without a
  /// wanted value are never made.
  private let key: (column: Int, value: @Sendable (Record) -> Int64)?

  public init(
    _ records: [Record], columns: [Column],
    key: (column: Int, value: @Sendable (Record) -> Int64)? = nil
  ) {
    self.records = records
    self.columns = columns
    self.key = key
  }

  public var rowMask: RowMask? { nil }

  public var groupCount: Int { (records.count + Batch.capacity - 1) / Batch.capacity }

  private func rows(_ group: Int) -> ArraySlice<Record> {
    let start = group * Batch.capacity
    return records[start..<min(records.count, start + Batch.capacity)]
  }

  public func rowCount(ofGroup group: Int) -> Int { rows(group).count }

  public func zone(ofGroup group: Int) -> GroupZone { GroupZone() }

  public func columnZone(ofGroup group: Int, column: Int) -> ColumnZone {
    let rows = rows(group)
    guard let key, key.column == column, let first = rows.first, let last = rows.last else {
      return ColumnZone()
    }
    return ColumnZone(bounds: .integers(key.value(first), key.value(last)), nullCount: 0)
  }

  public func read(group: Int, columns wanted: [Int]) throws(SQLError) -> [Vector] {
    let rows = rows(group)
    return wanted.map { index in
      let column = columns[index]
      return Vector.of(rows.map(column.value), type: column.type)
    }
  }

  public func sizeBytes(ofGroup group: Int, columns: [Int]) -> Int { 0 }
}
