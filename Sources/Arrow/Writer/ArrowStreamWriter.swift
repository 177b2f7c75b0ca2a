import Base
import Vectors

/// Writes an Arrow IPC stream: a schema message, record batches, an end mark.
///
/// | bytes | of a message |
/// |---|---|
/// | 4 | `FFFFFFFF` |
/// | 4 | size of what follows up to the body |
/// | | `Message` as FlatBuffers, zeros up to a multiple of 64 from the message's beginning |
/// | | body: buffers, each from a multiple of 64 |
///
/// The end mark is `FFFFFFFF 00000000`. Batches are put together to about 64 Ki rows or 16 MiB, and
/// that is what is kept in memory.
public final class ArrowStreamWriter {
  private let fields: [ArrowField]
  private let types: [LogicalType]
  private let shape: (nodes: Int, buffers: Int)
  private var pending = PendingRows()

  /// `fields` and `types` belong together, one a column.
  public init(_ fields: [ArrowField], types: [LogicalType]) {
    precondition(fields.count == types.count)
    self.fields = fields
    self.types = types
    shape = types.reduce(into: (nodes: 0, buffers: 0)) { shape, type in
      let more = type.arrowShape
      shape = (shape.nodes + more.nodes, shape.buffers + more.buffers)
    }
  }

  public func appendSchema(into out: inout ByteWriter) {
    Self.append(.schema(fields), into: &out)
  }

  /// Takes rows; whole record batches are written to `out`.
  public func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    try pending.append(batch) { (rows) throws(SQLError) in
      try write(rows, into: &out)
      rows.removeAll()
    }
  }

  /// Writes the rows that wait as a record batch, if there are any.
  public func flush(into out: inout ByteWriter) throws(SQLError) {
    guard !pending.isEmpty else { return }
    try write(pending, into: &out)
    pending.removeAll()
  }

  /// Writes what is left and the end mark.
  public func finish(into out: inout ByteWriter) throws(SQLError) {
    try flush(into: &out)
    out.appendLittleEndian(UInt32.max)
    out.appendLittleEndian(UInt32(0))
  }

  /// The size of a record batch's metadata depends on the types alone, so its place is kept free
  /// until the body behind it is there.
  private func write(_ rows: PendingRows, into out: inout ByteWriter) throws(SQLError) {
    let start = out.count
    let empty = ArrowMessage.recordBatch(
      rowCount: 0, nodes: [Int64](repeating: 0, count: 2 * shape.nodes),
      buffers: [Int64](repeating: 0, count: 2 * shape.buffers), bodyBytes: 0)
    Self.append(empty, into: &out)
    let bodyStart = out.count
    let message = try withUnsafeMutablePointer(to: &out) {
      (pointer) throws(SQLError) -> ArrowMessage in
      var encoder = ColumnEncoder(MessageBody(into: pointer))
      for (index, type) in types.enumerated() {
        try encoder.append(rows.slices(ofColumn: index), type: type, count: rows.rowCount)
      }
      return .recordBatch(
        rowCount: rows.rowCount, nodes: encoder.nodes, buffers: encoder.target.places,
        bodyBytes: encoder.target.sizeBytes)
    }
    let metadata = Self.framed(message)
    precondition(metadata.count == bodyStart - start, "metadata grew with its values")
    metadata.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress {
        (out.base + start).copyMemory(from: base, byteCount: bytes.count)
      }
    }
  }

  private static func append(_ message: ArrowMessage, into out: inout ByteWriter) {
    out.append(framed(message))
  }

  /// The message's metadata with what stands before and behind it.
  private static func framed(_ message: ArrowMessage) -> [UInt8] {
    let table = message.flat.encoded()
    let size = (table.count + 8 + 63) & ~63
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    for value in [UInt32.max, UInt32(size - 8)] {
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    bytes += table
    bytes += [UInt8](repeating: 0, count: size - bytes.count)
    return bytes
  }
}

extension LogicalType {
  /// How many arrays and buffers a column has in Arrow.
  var arrowShape: (nodes: Int, buffers: Int) {
    if self == .null { return (1, 0) }
    let own = physical == .structure ? 1 : physical == .bytes ? 3 : 2
    return childTypes.reduce(into: (nodes: 1, buffers: own)) { shape, type in
      let more = type.arrowShape
      shape = (shape.nodes + more.nodes, shape.buffers + more.buffers)
    }
  }
}
