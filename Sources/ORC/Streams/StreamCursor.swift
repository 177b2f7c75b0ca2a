import Base
import Glibc

/// Where a stream lies and what to call it in errors.
struct StreamPlace {
  let file: any ReadableFile
  /// Bytes from the start of the file.
  let start: Int
  let sizeBytes: Int
  let format: ChunkFormat
  /// Such as "stripe 3, column ra, stream DATA".
  let name: String
}

/// Reads one stream from front to back, from any position of a row index, and fetches from the file
/// only what is asked for.
///
/// `next ..< end` is the window of decompressed bytes at hand; decoders call `ensure` and then read
/// the window themselves. Everything that is missing is an error, never a short read.
final class StreamCursor {
  let place: StreamPlace
  var next: UnsafePointer<UInt8>
  fileprivate(set) var end: UnsafePointer<UInt8>
  /// Keeps the window's memory alive and says where it begins.
  private var window: ByteRegion
  /// Bytes of the file: the stream's from `rawOffset` on, `rawCount` of them, then padding.
  private var raw: ByteRegion
  private var rawOffset = 0
  private var rawCount = 0
  /// The offset in the stream of the next chunk, or of `window.base` if nothing is compressed.
  private var offset: Int
  /// How far the reader of one row group will probably go.
  private let expectedEnd: Int

  private static let empty = ByteRegion(buffer: Buffer(sizeBytes: 0), count: 0)
  /// Bytes fetched at once when a reader goes on behind what it said it would need.
  private static let readAheadBytes = 64 << 10

  /// - Parameters:
  ///   - start: the offset of a chunk in the stream, or of a byte if nothing is compressed.
  ///   - skipping: bytes to pass over in the decompressed chunk.
  init(_ place: StreamPlace, at start: Int, skipping: Int, expectedEnd: Int) throws(SQLError) {
    self.place = place
    self.expectedEnd = min(expectedEnd, place.sizeBytes)
    offset = start
    raw = Self.empty
    window = Self.empty
    next = Self.empty.base.assumingMemoryBound(to: UInt8.self)
    end = next
    guard start >= 0, start <= place.sizeBytes, skipping >= 0 else {
      throw corrupt("position \(start) behind the stream's \(place.sizeBytes) bytes")
    }
    try skip(skipping)
  }

  private var isCompressed: Bool { place.format.isCompressed }

  /// Makes `count` bytes readable at `next`.
  @inline(__always)
  func ensure(_ count: Int) throws(SQLError) {
    if end - next < count { try refill(count) }
  }

  func skip(_ count: Int) throws(SQLError) {
    var rest = count
    while rest > 0 {
      try ensure(1)
      let here = min(rest, end - next)
      next += here
      rest -= here
    }
  }

  /// No stream can give more bytes than this from here on.
  var remainingBytesAtMost: Int {
    if !isCompressed { return place.sizeBytes - offset - (next - window.start) }
    let (bytes, overflow) = ((place.sizeBytes - offset) / (ChunkFormat.headerSizeBytes + 1))
      .multipliedReportingOverflow(by: place.format.blockSizeBytes)
    let originals = place.sizeBytes - offset
    return overflow ? .max : (end - next) &+ max(bytes, originals)
  }

  /// The next `count` bytes: where they lie if they are contiguous there, a copy otherwise.
  func take(_ count: Int) throws(SQLError) -> ByteRegion {
    guard count <= remainingBytesAtMost else {
      throw corrupt("\(count) bytes wanted, too few left")
    }
    if !isCompressed { try ensure(count) }
    if end - next >= count {
      let from = next - window.start
      next += count
      return window[from..<from + count]
    }
    return try gather(count)
  }

  /// True if a region that `take` gave may be read 64 bytes further.
  func isPadded(_ region: ByteRegion) -> Bool {
    let behind = raw.base + raw.count - (region.base + region.count)
    return region.owner === raw.owner && behind >= 64
  }

  /// Copies `count` bytes to `target`.
  func copy(_ count: Int, to target: UnsafeMutableRawPointer) throws(SQLError) {
    var done = 0
    while done < count {
      try ensure(1)
      let here = min(count - done, end - next)
      memcpy(target + done, next, here)
      next += here
      done += here
    }
  }

  /// Grows with the data instead of trusting `count`, which comes from the file.
  private func gather(_ count: Int) throws(SQLError) -> ByteRegion {
    var buffer = Buffer(sizeBytes: min(count, max(1 << 20, end - next)))
    var done = 0
    while true {
      let here = min(count, buffer.sizeBytes)
      try copy(here - done, to: buffer.base + done)
      done = here
      if done == count { return ByteRegion(buffer: buffer, count: count) }
      let bigger = Buffer(sizeBytes: min(count, buffer.sizeBytes * 4))
      memcpy(bigger.base, buffer.base, done)
      buffer = bigger
    }
  }

  func corrupt(_ what: String) -> SQLError {
    let at = isCompressed ? offset : offset + (next - window.start)
    return SQLError(
      .dataCorrupted,
      "corrupt ORC file \"\(place.file.path)\": \(place.name), byte "
        + "\(place.start + at): \(what)")
  }
}

extension StreamCursor {
  private func refill(_ count: Int) throws(SQLError) {
    if !isCompressed { return try slideWindow(count) }
    while end - next < count {
      guard offset < place.sizeBytes else { throw corrupt("the stream ends too early") }
      try appendChunk()
    }
  }

  private func slideWindow(_ count: Int) throws(SQLError) {
    let position = offset + (next - window.start)
    guard count <= place.sizeBytes - position else { throw corrupt("the stream ends too early") }
    try load(from: position, atLeast: count)
    let start = position - rawOffset
    show(raw[start..<rawCount])
    offset = position
  }

  private func show(_ region: ByteRegion) {
    window = region
    next = region.start
    end = region.start + region.count
  }

  /// Puts the next chunk behind what is left of the window.
  private func appendChunk() throws(SQLError) {
    let headerSize = ChunkFormat.headerSizeBytes
    guard place.sizeBytes - offset >= headerSize else { throw corrupt("cut chunk header") }
    try load(from: offset, atLeast: headerSize)
    let at = offset - rawOffset
    let header = Int(raw[at]) | Int(raw[at + 1]) << 8 | Int(raw[at + 2]) << 16
    let size = header >> 1
    guard size <= place.sizeBytes - offset - headerSize else {
      throw corrupt("chunk of \(size) bytes, \(place.sizeBytes - offset - headerSize) left")
    }
    try load(from: offset, atLeast: headerSize + size)
    let first = offset - rawOffset + headerSize
    let chunk = raw[first..<first + size]
    if header & 1 == 1, end == next {
      show(chunk)
    } else {
      show(try joined(with: chunk, isOriginal: header & 1 == 1))
    }
    offset += headerSize + size
  }

  private func joined(with chunk: ByteRegion, isOriginal: Bool) throws(SQLError) -> ByteRegion {
    let left = end - next
    let room = isOriginal ? chunk.count : place.format.blockSizeBytes
    let buffer = Buffer(sizeBytes: left + room)
    memcpy(buffer.base, next, left)
    if isOriginal {
      memcpy(buffer.base + left, chunk.base, chunk.count)
      return ByteRegion(buffer: buffer, count: left + chunk.count)
    }
    let count = chunk.withBytes {
      place.format.compression.decompress($0, into: buffer.base + left, capacity: room)
    }
    guard let count else { throw corrupt("\(place.format.compression.name) chunk is damaged") }
    return ByteRegion(buffer: buffer, count: left + count)
  }

  /// Makes the file's bytes from `from` available in `raw`, with 64 bytes of padding if there are.
  private func load(from: Int, atLeast count: Int) throws(SQLError) {
    if from >= rawOffset, from + count <= rawOffset + rawCount { return }
    let ahead = from < expectedEnd ? expectedEnd : from + Self.readAheadBytes
    let stop = min(max(from + count, ahead), place.sizeBytes)
    let padded = min(place.start + stop + 64, place.file.sizeBytes)
    raw = try place.file.read(at: place.start + from, count: padded - place.start - from)
    rawOffset = from
    rawCount = stop - from
  }
}

extension ByteRegion {
  var start: UnsafePointer<UInt8> { base.assumingMemoryBound(to: UInt8.self) }
}

extension StreamCursor {
  /// An unsigned base-128 number of up to 64 bits, low groups first.
  @inline(__always)
  func readVarint() throws(SQLError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      try ensure(1)
      let byte = next[0]
      next += 1
      if shift == 63, byte > 1 { throw corrupt("number of more than 64 bits") }
      value |= UInt64(byte & 0x7F) &<< shift
      if byte & 0x80 == 0 { return value }
      shift += 7
      if shift > 63 { throw corrupt("number of more than 64 bits") }
    }
  }

  /// A big-endian number of 1 to 8 bytes.
  func readBigEndian(byteCount: Int) throws(SQLError) -> UInt64 {
    try ensure(byteCount)
    var value: UInt64 = 0
    for i in 0..<byteCount { value = value << 8 | UInt64(next[i]) }
    next += byteCount
    return value
  }
}

extension StreamCursor {
  /// True if nothing more can come: chunks without bytes behind do not count.
  var isAtEnd: Bool {
    if end > next { return false }
    return isCompressed
      ? offset >= place.sizeBytes : offset + (next - window.start) >= place.sizeBytes
  }
}
