import Base

/// Turns a finished stream into what the file gets: as it is, or in chunks with headers.
struct ChunkWriter {
  let compression: ORCCompression
  let blockSizeBytes: Int

  /// A chunk that shrinks by less than this share stays as it is, and can be read without a copy.
  private static let leastGainPercent = 15

  /// Appends the stream's bytes to `out`; gives for each mark the position numbers of the format.
  ///
  /// A chunk ends where a row group begins, so that a row group is read without its neighbours.
  func append(_ stream: OutputStream, to out: inout ByteWriter) -> [[UInt64]] {
    let start = out.count
    guard compression != .none else {
      out.append(stream.bytes.bytes)
      return stream.marks.map { [UInt64($0.offset)] + extras($0, stream) }
    }
    var positions: [[UInt64]] = []
    for (index, mark) in stream.marks.enumerated() {
      positions.append([UInt64(out.count - start), 0] + extras(mark, stream))
      let isLast = index + 1 == stream.marks.count
      let end = isLast ? stream.bytes.count : stream.marks[index + 1].offset
      appendChunks(
        UnsafeRawBufferPointer(rebasing: stream.bytes.bytes[mark.offset..<end]), to: &out)
    }
    if stream.marks.isEmpty { appendChunks(stream.bytes.bytes, to: &out) }
    return positions
  }

  /// The values, and bits, of a run to pass over: our runs begin with their row groups.
  private func extras(_ mark: StreamMark, _ stream: OutputStream) -> [UInt64] {
    switch stream.extraCount {
    case 0: []
    case 1: [0]
    default: [0, UInt64(mark.bits)]
    }
  }

  func appendChunks(_ message: borrowing ProtobufWriter, to out: inout ByteWriter) {
    appendChunks(message.bytes.bytes, to: &out)
  }

  func appendChunks(_ bytes: UnsafeRawBufferPointer, to out: inout ByteWriter) {
    guard compression != .none else { return out.append(bytes) }
    var done = 0
    while done < bytes.count {
      let here = min(blockSizeBytes, bytes.count - done)
      appendChunk(UnsafeRawBufferPointer(rebasing: bytes[done..<done + here]), to: &out)
      done += here
    }
  }

  private func appendChunk(_ bytes: UnsafeRawBufferPointer, to out: inout ByteWriter) {
    let room = bytes.count * (100 - Self.leastGainPercent) / 100
    let headerSize = ChunkFormat.headerSizeBytes
    out.reserve(headerSize + room)
    if let size = LZ4Codec.compress(bytes, into: out.end + headerSize, capacity: room) {
      appendHeader(size << 1, to: &out)
      out.advance(size)
    } else {
      appendHeader(bytes.count << 1 | 1, to: &out)
      out.append(bytes)
    }
  }

  private func appendHeader(_ header: Int, to out: inout ByteWriter) {
    for shift in [0, 8, 16] { out.append(UInt8(truncatingIfNeeded: header >> shift)) }
  }
}
