import Base

/// Turns encoded bytes into what the file gets: as they are, or in chunks with headers.
struct ChunkWriter: Sendable {
  let compression: ORCCompression
  let blockSizeBytes: Int

  /// A chunk that shrinks by less than this share stays as it is, and can be read without a copy.
  private static let leastGainPercent = 15

  /// The position numbers of the format for the row groups of a finished stream.
  ///
  /// A chunk ends where a row group begins, so that a row group is read without its neighbours.
  func positions(_ stream: OutputStream) -> [[UInt64]] {
    stream.marks.map { mark in
      let place = compression == .none ? [UInt64(mark.offset)] : [UInt64(mark.offset), 0]
      return place + extras(mark, stream)
    }
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
