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
  /// The dictionary that the last batch came with, and what is known of its texts.
  private var translated: Vector?
  private var translation: [Translation] = []
  private var valueBytes = 0
  private static let maximumDictionaryBytes = 32 << 20

  private struct Translation {
    var entry: UInt32 = 0
    /// The row group that had it last, or -1 if none of the stripe had.
    var group = -1
    var sizeBytes = 0
  }

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
    var bounds = TextBounds()
    var newEntries: [UInt32] = []
    if isDictionary { newEntries.reserveCapacity(validCount) }
    var newBytes = 0
    ValidRows.forEach(vector) { row in
      let bytes = vector.bytes(at: row)
      if isDictionary {
        newEntries.append(dictionary.entry(of: bytes))
      } else {
        appendDirectly(bytes)
      }
      newBytes &+= bytes.count
      bounds.widen(bytes)
    }
    note(newEntries, newBytes, bounds)
  }

  /// Texts of the same dictionary as before are looked up only once.
  override func storeIndexed(_ rows: Vector, validCount: Int) -> Bool {
    guard isDictionary else { return false }
    let source = rows.children[0]
    if translated !== source {
      translated = source
      translation = Array(repeating: Translation(), count: source.count)
    }
    let indices = rows.values(as: UInt32.self)
    var bounds = TextBounds()
    var newEntries: [UInt32] = []
    newEntries.reserveCapacity(validCount)
    var newBytes = 0
    let groupNumber = groupStarts.count
    translation.withUnsafeMutableBufferPointer { translation in
      ValidRows.forEach(rows) { row in
        let index = Int(indices[row])
        if translation[index].group != groupNumber {
          let bytes = source.bytes(at: index)
          if translation[index].group < 0 { translation[index].entry = dictionary.entry(of: bytes) }
          translation[index].group = groupNumber
          translation[index].sizeBytes = bytes.count
          bounds.widen(bytes)
        }
        newEntries.append(translation[index].entry)
        newBytes &+= translation[index].sizeBytes
      }
    }
    note(newEntries, newBytes, bounds)
    return true
  }

  private func note(_ newEntries: [UInt32], _ newBytes: Int, _ bounds: TextBounds) {
    entries += newEntries
    valueBytes &+= newBytes
    group.totalBytes &+= newBytes
    group.merge(bounds.summary)
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

  private func forgetTranslation() {
    translated = nil
    translation = []
  }

  /// Writes what was collected so far as plain text.
  private func becomeDirect(_ chunks: ChunkWriter) {
    isDictionary = false
    forgetTranslation()
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
    forgetTranslation()
    isDictionary = true
    valueBytes = 0
  }
}

/// The least and the greatest of some texts, which must stay where they are meanwhile.
struct TextBounds {
  private var low: UnsafeRawBufferPointer?
  private var high: UnsafeRawBufferPointer?

  @inline(__always)
  mutating func widen(_ bytes: UnsafeRawBufferPointer) {
    if low.map({ ByteOrder.precedes(bytes, $0) }) ?? true { low = bytes }
    if high.map({ ByteOrder.precedes($0, bytes) }) ?? true { high = bytes }
  }

  var summary: ColumnSummary {
    var found = ColumnSummary()
    guard let low, let high else { return found }
    found.hasLongText = max(low.count, high.count) > ColumnSummary.longestTextBytes
    if !found.hasLongText { found.texts = (Array(low), Array(high)) }
    return found
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
