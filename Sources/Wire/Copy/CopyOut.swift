import Base
import Engine
import Vectors

/// The rows of `COPY … TO STDOUT` as CopyData messages of at most 1 MiB; for PostgreSQL's own text and
/// binary formats a message a row, which clients count on.
final class CopyOut {
  private static let frameBytes = 1 << 20

  private let encoder: any RowEncoder
  /// The columns' formats as CopyOutResponse names them.
  let isBinary: Bool
  private var pending = ByteWriter(capacity: 64 << 10)
  private let rows: RowWriter?
  private let lines: TextCopyEncoder?

  init(
    _ encoder: any RowEncoder, isBinary: Bool, columns: [ResultColumn]
  ) throws(SQLError) {
    self.encoder = encoder
    self.isBinary = isBinary
    lines = encoder as? TextCopyEncoder
    lines?.sendsMessages = true
    rows = encoder is BinaryCopyEncoder
      ? RowWriter(
        columns.map(\.type), isBinary: columns.map { _ in true }, frame: .copyData) : nil
    // The head of binary COPY goes with the first row.
    try encoder.header(into: &pending)
  }

  var bytesPerRow: Int { encoder.bytesPerRow }

  func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    if let rows {
      guard batch.rowCount > 0 else { return }
      if pending.count == 0 { return try rows.append(batch, into: &out) }
      // Put together with the first row alone; the rest follows.
      let first = out.count
      var one = ByteWriter()
      try rows.append(batch.slice(from: 0, count: 1), into: &one)
      pending.append(UnsafeRawBufferPointer(rebasing: one.bytes[5...]))
      flush(into: &out)
      precondition(out.count > first)
      if batch.rowCount > 1 {
        try rows.append(batch.slice(from: 1, count: batch.rowCount - 1), into: &out)
      }
      return
    }
    if let lines { return try lines.append(batch, into: &out) }
    try encoder.append(batch, into: &pending)
    if pending.count >= Self.frameBytes / 4 { flush(into: &out) }
  }

  /// Sends what is there while rows are waited for; the head of binary COPY waits for its first row.
  func flushLines(into out: inout ByteWriter) {
    if rows == nil { flush(into: &out) }
  }

  /// Sends what is there.
  func flush(into out: inout ByteWriter) {
    var rest = pending.bytes[...]
    while !rest.isEmpty {
      let part = rest.prefix(Self.frameBytes)
      out.reserve(part.count + 5)
      out.append(UInt8(ascii: "d"))
      out.appendBigEndian(Int32(truncatingIfNeeded: part.count + 4))
      out.append(UnsafeRawBufferPointer(rebasing: part))
      rest = rest.dropFirst(part.count)
    }
    if pending.capacity > 4 * Self.frameBytes {
      pending = ByteWriter(capacity: 64 << 10)
    } else {
      pending.removeAll()
    }
  }

  func finish(into out: inout ByteWriter) throws(SQLError) {
    try encoder.finish(error: nil, into: &pending)
    flush(into: &out)
  }
}
