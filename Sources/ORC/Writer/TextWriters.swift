import Base
import Glibc
import Vectors

/// BINARY: the bytes and their lengths.
final class BinaryColumnWriter: ColumnWriter {
  private let data = OutputStream(.data, extraCount: 0)
  private let lengths = IntegerOutput(.length, isSigned: false)

  override var streams: [OutputStream] { [data, lengths] }
  override var encoding: ColumnEncoding { ColumnEncoding(.directV2) }

  override func store(_ vector: Vector, validCount: Int) {
    ValidRows.forEach(vector) { row in
      let bytes = vector.bytes(at: row)
      data.bytes.append(bytes)
      lengths.append(Int64(bytes.count))
      group.totalBytes += bytes.count
    }
  }
}

/// STRING: as a dictionary as long as that is smaller, decided anew for each stripe.
final class TextColumnWriter: ColumnWriter {
  private let data = OutputStream(.data, extraCount: 0)
  private let lengths = IntegerOutput(.length, isSigned: false)
  private let indexData = IntegerOutput(.data, isSigned: false)
  private let dictionaryData = OutputStream(.dictionaryData, extraCount: 0)
  private let dictionaryLengths = IntegerOutput(.length, isSigned: false)
  private var dictionary = TextDictionary()
  /// The entries of the stripe's rows, and where its row groups begin among them.
  private var entries: [UInt32] = []
  private var groupStarts: [Int] = []
  private var isDictionary = true
  private var valueBytes = 0
  private static let maximumDictionaryBytes = 32 << 20

  override var streams: [OutputStream] { isDictionary ? [indexData] : [data, lengths] }
  override var dictionaryStreams: [OutputStream] {
    isDictionary ? [dictionaryData, dictionaryLengths] : []
  }
  override var encoding: ColumnEncoding {
    isDictionary
      ? ColumnEncoding(.dictionaryV2, dictionaryCount: dictionary.count)
      : ColumnEncoding(.directV2)
  }

  override var bufferedBytesOfStreams: Int {
    isDictionary
      ? entries.count * 4 + dictionary.sizeBytes : data.bufferedBytes + lengths.bufferedBytes
  }

  override func store(_ vector: Vector, validCount: Int) {
    guard validCount > 0 else { return }
    var low: UnsafeRawBufferPointer?
    var high: UnsafeRawBufferPointer?
    ValidRows.forEach(vector) { row in
      let bytes = vector.bytes(at: row)
      if isDictionary {
        entries.append(dictionary.entry(of: bytes))
      } else {
        appendDirectly(bytes)
      }
      valueBytes &+= bytes.count
      group.totalBytes &+= bytes.count
      if low.map({ ByteOrder.precedes(bytes, $0) }) ?? true { low = bytes }
      if high.map({ ByteOrder.precedes($0, bytes) }) ?? true { high = bytes }
    }
    guard let low, let high else { return }
    let isLong = max(low.count, high.count) > ColumnSummary.longestTextBytes
    var found = ColumnSummary()
    found.hasLongText = isLong
    if !isLong { found.texts = (Array(low), Array(high)) }
    group.merge(found)
  }

  private func appendDirectly(_ bytes: UnsafeRawBufferPointer) {
    data.bytes.append(bytes)
    lengths.append(Int64(bytes.count))
  }

  override func beginGroupOfStreams(_ chunks: ChunkWriter) {
    guard isDictionary else { return super.beginGroupOfStreams(chunks) }
    // Distinct values by the thousand, or ever more bytes: no dictionary.
    if entries.count >= 1024,
      dictionary.count * 2 > entries.count
        || dictionary.sizeBytes > Self.maximumDictionaryBytes
    {
      becomeDirect(chunks)
      return super.beginGroupOfStreams(chunks)
    }
    groupStarts.append(entries.count)
  }

  /// Writes what was collected so far as plain text.
  private func becomeDirect(_ chunks: ChunkWriter) {
    isDictionary = false
    for (group, start) in groupStarts.enumerated() {
      data.beginGroup(chunks)
      lengths.beginGroup(chunks)
      let end = group + 1 < groupStarts.count ? groupStarts[group + 1] : entries.count
      for i in start..<end { appendDirectly(dictionary.bytes(of: entries[i])) }
    }
    entries.removeAll(keepingCapacity: true)
    groupStarts.removeAll(keepingCapacity: true)
    dictionary.removeAll()
  }

  override func finishStreams(_ chunks: ChunkWriter) {
    // Without values the dictionary stays: the C++ library cannot seek in direct text that is
    // empty.
    if isDictionary, valueBytes > 0, dictionarySizeBytes >= valueBytes + entries.count {
      becomeDirect(chunks)
    }
    guard isDictionary else { return super.finishStreams(chunks) }
    let (order, ranks) = dictionary.sorted()
    for entry in order {
      let bytes = dictionary.bytes(of: entry)
      dictionaryData.bytes.append(bytes)
      dictionaryLengths.append(Int64(bytes.count))
    }
    for stream in dictionaryStreams { stream.finish(chunks) }
    for (group, start) in groupStarts.enumerated() {
      indexData.beginGroup(chunks)
      let end = group + 1 < groupStarts.count ? groupStarts[group + 1] : entries.count
      for i in start..<end { indexData.append(Int64(ranks[Int(entries[i])])) }
    }
    indexData.finish(chunks)
  }

  /// Roughly what the dictionary form takes.
  private var dictionarySizeBytes: Int {
    let width = BitWidth.bits(of: UInt64(max(1, dictionary.count - 1)))
    return dictionary.contentSizeBytes + dictionary.count * 2 + entries.count * width / 8
  }

  override func removeStreams() {
    for stream in [data, lengths, indexData, dictionaryData, dictionaryLengths] {
      stream.removeAll()
    }
    entries.removeAll(keepingCapacity: true)
    groupStarts.removeAll(keepingCapacity: true)
    dictionary.removeAll()
    isDictionary = true
    valueBytes = 0
  }
}

enum ByteOrder {
  @inline(__always)
  static func precedes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    let common = min(a.count, b.count)
    if common > 0, let left = a.baseAddress, let right = b.baseAddress {
      let order = memcmp(left, right, common)
      if order != 0 { return order < 0 }
    }
    return a.count < b.count
  }
}
