import Base
import Vectors

/// Where a row group begins in a stream that a writer builds.
struct StreamMark {
  /// Bytes of the file's form before it.
  var offset: Int
  /// Bits of the byte at `offset` that belong to the group before.
  var bits = 0
}

/// One stream of a stripe in the making, with the beginnings of its row groups.
///
/// A row group becomes what the file gets as soon as it is complete, while its bytes are still in the
/// processor's cache: only that form waits for the end of the stripe.
class OutputStream {
  final let kind: StreamKind
  /// Encoded bytes of the row group in the making.
  final var bytes = ByteWriter()
  /// The row groups before, as they will be in the file.
  final private(set) var stored = ByteWriter()
  final private(set) var marks: [StreamMark] = []
  /// Numbers that a position has behind its offset: the values, and bits, to pass over.
  final let extraCount: Int

  init(_ kind: StreamKind, extraCount: Int) {
    self.kind = kind
    self.extraCount = extraCount
  }

  /// Bytes that have not reached `stored`.
  var pendingBytes: Int { bytes.count }
  final var bufferedBytes: Int { stored.count + pendingBytes }

  /// Notes that a row group begins here.
  final func beginGroup(_ chunks: ChunkWriter) {
    let bits = endGroup()
    store(chunks)
    marks.append(StreamMark(offset: stored.count, bits: bits))
  }

  /// Puts everything into `stored`.
  final func finish(_ chunks: ChunkWriter) {
    encodeAll()
    store(chunks)
  }

  /// Puts all whole bytes into `bytes`; gives the number of bits left over.
  func endGroup() -> Int {
    encodeAll()
    return 0
  }

  /// Puts everything into `bytes`.
  func encodeAll() {}

  private func store(_ chunks: ChunkWriter) {
    chunks.appendChunks(bytes.bytes, to: &stored)
    bytes.removeAll()
  }

  func removeAll() {
    bytes.removeAll()
    stored.removeAll()
    marks.removeAll(keepingCapacity: true)
  }
}

/// Integers in RLEv2; a row group begins with a run of its own.
final class IntegerOutput: OutputStream {
  private let encoder: IntegerEncoder
  private let pending = UnsafeMutablePointer<Int64>.allocate(capacity: pieceCount)
  private var pendingCount = 0
  private static let pieceCount = RunHeader.maximumCount * 16

  init(_ kind: StreamKind, isSigned: Bool) {
    encoder = IntegerEncoder(isSigned: isSigned)
    super.init(kind, extraCount: 1)
  }

  deinit { pending.deallocate() }

  override var pendingBytes: Int { bytes.count + pendingCount * 8 }

  @inline(__always)
  func append(_ value: Int64) {
    if pendingCount == Self.pieceCount { encodeAll() }
    pending[pendingCount] = value
    pendingCount &+= 1
  }

  func append(_ values: UnsafePointer<Int64>, count: Int) {
    for i in 0..<count { append(values[i]) }
  }

  override func encodeAll() {
    encoder.encode(pending, count: pendingCount, into: &bytes)
    pendingCount = 0
  }
}

/// Bytes in `ByteRun`'s encoding; a row group begins with a run of its own.
final class ByteOutput: OutputStream {
  private var pending = ByteWriter()

  init(_ kind: StreamKind) { super.init(kind, extraCount: 1) }

  override var pendingBytes: Int { bytes.count + pending.count }

  func append(_ values: UnsafePointer<UInt8>, count: Int) {
    pending.append(UnsafeRawBufferPointer(start: values, count: count))
  }

  override func encodeAll() {
    ByteRun.encode(
      pending.base.assumingMemoryBound(to: UInt8.self), count: pending.count, into: &bytes)
    pending.removeAll()
  }
}

/// Booleans, eight in a byte. A row group may begin within a byte: padding would be read as values.
final class BooleanOutput: OutputStream {
  private var pending = ByteWriter()
  /// Bits of a byte not yet full, first in the highest of the low `partialCount` bits.
  private var partial: UInt8 = 0
  private var partialCount = 0

  init(_ kind: StreamKind) { super.init(kind, extraCount: 2) }

  override var pendingBytes: Int { bytes.count + pending.count }

  @inline(__always)
  func append(_ bit: Bool) {
    partial = partial &<< 1 | (bit ? 1 : 0)
    partialCount &+= 1
    if partialCount == 8 {
      pending.append(partial)
      partial = 0
      partialCount = 0
    }
  }

  /// Appends `count` bits, lowest of the first word first; nil for as many ones.
  func append(_ words: UnsafePointer<UInt64>?, count: Int) {
    var done = 0
    while done < count {
      let word = words.map { $0[done &>> 6] } ?? ~0
      let here = min(64, count - done)
      if partialCount == 0, here == 64 {
        pending.reserve(8)
        pending.end.storeBytes(
          of: BooleanDecoder.reversingBytes(word).littleEndian, as: UInt64.self)
        pending.advance(8)
      } else {
        for bit in 0..<here { append(word &>> UInt64(bit) & 1 != 0) }
      }
      done += here
    }
  }

  override func encodeAll() {
    flushWholeBytes()
    guard partialCount > 0 else { return }
    var last = partial << UInt8(8 - partialCount)
    ByteRun.encode(&last, count: 1, into: &bytes)
    partial = 0
    partialCount = 0
  }

  private func flushWholeBytes() {
    ByteRun.encode(
      pending.base.assumingMemoryBound(to: UInt8.self), count: pending.count, into: &bytes)
    pending.removeAll()
  }

  override func endGroup() -> Int {
    flushWholeBytes()
    return partialCount
  }
}
