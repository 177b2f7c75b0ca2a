import Base
import Catalog
import Engine
import FunctionKit
import Functions
import Vectors
import Wire

/// Turns rows in text form into batches: fields are gathered by column, then each column is
/// cast to its type at once.
final class RowColumns {
  let columns: [ResultColumn]
  private let casts: [Kernel?]
  private var builders: [VectorBuilder]
  private(set) var rowCount = 0
  private var sizeBytes = 0

  /// Of a Zij all types come back; of other servers those that are held the same, the rest is text.
  init(_ fields: [FieldDescription], isZij: Bool) {
    columns = fields.map { field in
      ResultColumn(field.name, Self.type(of: field, isZij: isZij))
    }
    casts = columns.map { $0.type == .text ? nil : Casts.kernel(from: .text, to: $0.type) }
    builders = columns.map { _ in VectorBuilder(type: .text) }
  }

  private static func type(of field: FieldDescription, isZij: Bool) -> LogicalType {
    if field.typeOID == PostgresType.numeric.oid {
      // Precision and scale as PostgreSQL packs them; without them the text says most.
      let packed = Int(field.typeModifier) - 4
      guard packed >= 0, (1...38).contains(packed >> 16), packed & 0x7FF <= packed >> 16 else {
        return .text
      }
      return .decimal(precision: packed >> 16, scale: packed & 0x7FF)
    }
    guard let type = PostgresType.logicalType(ofOID: field.typeOID),
      Casts.kernel(from: .text, to: type) != nil
    else { return .text }
    if isZij { return type }
    let isSame = type == .boolean || type.isInteger || type.isFloat || type == .binary
    return isSame ? type : .text
  }

  /// True when a batch should be taken.
  var isFull: Bool { rowCount == Batch.capacity || sizeBytes >= Batch.byteBudget }

  /// Adds the contents of a DataRow.
  func append(_ row: [UInt8]) throws(SQLError) {
    let values = try BackendMessage.values(ofRow: row)
    guard values.count == columns.count else {
      throw SQLError(
        .protocolViolation, "row of \(values.count) values for \(columns.count) columns")
    }
    for (builder, value) in zip(builders, values) {
      guard let value else {
        builder.appendNull()
        continue
      }
      value.withUnsafeBytes { _ = builder.append(bytes: $0) }
    }
    rowCount += 1
    sizeBytes += row.count
  }

  /// The rows so far.
  func takeBatch() throws(SQLError) -> Batch {
    var vectors: [Vector] = []
    for (index, builder) in builders.enumerated() {
      let text = builder.finish()
      guard let cast = casts[index] else {
        vectors.append(text)
        continue
      }
      vectors.append(
        try cast.evaluate([text], rowCount, columns[index].type, FunctionContext()))
    }
    defer {
      builders = columns.map { _ in VectorBuilder(type: .text) }
      rowCount = 0
      sizeBytes = 0
    }
    return Batch(columns: vectors, rowCount: rowCount)
  }
}
