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
  private(set) var columns: [ResultColumn]
  private var casts: [Kernel?]
  private var builders: [VectorBuilder]
  private(set) var rowCount = 0
  private var sizeBytes = 0
  private var hasSeenLists = false

  /// Of a Zij all types come back; of other servers those that are held the same, the rest is text.
  init(_ fields: [FieldDescription], isZij: Bool) {
    columns = fields.map { field in
      ResultColumn(field.name, Self.type(of: field, isZij: isZij))
    }
    casts = columns.map { Self.cast(to: $0.type) }
    builders = columns.map { _ in VectorBuilder(type: .text) }
  }

  private static func cast(to type: LogicalType) -> Kernel? {
    type == .text ? nil : Casts.kernel(from: .text, to: type)
  }

  private static func type(of field: FieldDescription, isZij: Bool) -> LogicalType {
    if field.typeOID == PostgresType.numeric.oid {
      // Without precision and scale the text says most.
      return decimal(field.typeModifier) ?? .text
    }
    if field.typeOID == PostgresType.numeric.arrayOID {
      return isZij ? decimal(field.typeModifier).map { .list($0) } ?? .text : .text
    }
    guard let type = PostgresType.logicalType(ofOID: field.typeOID),
      Casts.kernel(from: .text, to: type) != nil
    else { return .text }
    if isZij { return type }
    let isSame = type == .boolean || type.isInteger || type.isFloat || type == .binary
    return isSame ? type : .text
  }

  /// Precision and scale as PostgreSQL packs them.
  private static func decimal(_ modifier: Int32) -> LogicalType? {
    let packed = Int(modifier) - 4
    guard packed >= 0, (1...38).contains(packed >> 16), packed & 0x7FF <= packed >> 16 else {
      return nil
    }
    return .decimal(precision: packed >> 16, scale: packed & 0x7FF)
  }

  /// Whether the types are certain only when a batch has been taken: an array's description does not
  /// tell how deep its lists are.
  var needsRows: Bool { !hasSeenLists && columns.contains { Self.isList($0.type) } }

  private static func isList(_ type: LogicalType) -> Bool {
    if case .list = type { true } else { false }
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
      let isText = value.withUnsafeBytes { bytes in
        builder.append(bytes: bytes)
        return UTF8Scalar.isValid(bytes)
      }
      guard isText else {
        throw SQLError(.characterNotInRepertoire, "the server's text is not valid UTF-8")
      }
    }
    rowCount += 1
    sizeBytes += row.count
  }

  /// The rows so far.
  func takeBatch() throws(SQLError) -> Batch {
    var vectors: [Vector] = []
    for (index, builder) in builders.enumerated() {
      let text = builder.finish()
      if !hasSeenLists, let vector = settled(index, text) {
        vectors.append(vector)
      } else {
        vectors.append(try converted(text, index))
      }
    }
    hasSeenLists = true
    defer {
      builders = columns.map { _ in VectorBuilder(type: .text) }
      rowCount = 0
      sizeBytes = 0
    }
    return Batch(columns: vectors, rowCount: rowCount)
  }

  private func converted(_ text: Vector, _ index: Int) throws(SQLError) -> Vector {
    guard let cast = casts[index] else { return text }
    return try cast.evaluate([text], rowCount, columns[index].type, FunctionContext())
  }

  /// The first values of an array column, with the type that they show it to have: a list, a list of
  /// lists, or a text that is neither. Nil for other columns.
  private func settled(_ index: Int, _ text: Vector) -> Vector? {
    guard case .list = columns[index].type else { return nil }
    let brace = UInt8(ascii: "{")
    var depth = 1
    for row in 0..<rowCount where !text.isNull(row) {
      depth = max(depth, text.bytes(at: row).prefix { $0 == brace }.count)
    }
    var type = columns[index].type
    for _ in 1..<min(depth, Self.mostDepth) { type = .list(type) }
    columns[index].type = type
    casts[index] = Self.cast(to: type)
    if casts[index] != nil, let lists = try? converted(text, index) { return lists }
    columns[index].type = .text
    casts[index] = nil
    return text
  }

  /// Deeper lists stay text.
  private static let mostDepth = 16
}
