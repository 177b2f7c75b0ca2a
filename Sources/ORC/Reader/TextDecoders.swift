import Base
import Vectors

/// STRING, CHAR, VARCHAR and BINARY as they are: the bytes in DATA, their lengths in LENGTH.
final class DirectTextColumnDecoder: ColumnDecoder {
  private let data: StreamCursor
  private let lengths: IntegerDecoder

  init(
    _ type: LogicalType, present: BooleanDecoder?, data: StreamCursor, lengths: IntegerDecoder
  ) {
    self.data = data
    self.lengths = lengths
    super.init(type, present: present)
  }

  override func readValues(
    _ count: Int, validity: ValidityMask?, validCount: Int
  ) throws(SQLError) -> Vector {
    let storage = Buffer(sizeBytes: count * PhysicalType.bytes.widthBytes)
    let views = storage.base.assumingMemoryBound(to: View.self)
    let sizeBytes = try lengths.readViews(into: views, count: validCount)
    let heap = data.buffer(try data.take(sizeBytes), alignment: 1)
    NullExpansion.expand(
      views, count: validCount, rows: count, mask: validity)
    return Vector(type: type, count: count, storage: storage, validity: validity, heap: heap)
  }
}

extension IntegerDecoder {
  /// Reads `count` lengths as views of bytes or elements that follow each other; gives their sum.
  func readViews(into views: UnsafeMutablePointer<View>, count: Int) throws(SQLError) -> Int {
    // A view has the size of a length: read the lengths in place, then turn them around.
    let lengths = UnsafeMutableRawPointer(views).assumingMemoryBound(to: Int64.self)
    try read(into: lengths, count: count)
    var offset = 0
    for i in 0..<count {
      let length = lengths[i]
      guard length >= 0, length <= Int64(UInt32.max) - Int64(offset) else {
        throw corrupt("length \(length) behind \(offset) bytes or elements")
      }
      views[i] = View(offset: UInt32(offset), length: UInt32(length))
      offset += Int(length)
    }
    return offset
  }
}

/// STRING, CHAR and VARCHAR as numbers of dictionary entries.
final class DictionaryTextColumnDecoder: ColumnDecoder {
  private let indices: IntegerDecoder
  private let dictionary: Vector

  init(
    _ type: LogicalType, present: BooleanDecoder?, indices: IntegerDecoder, dictionary: Vector
  ) {
    self.indices = indices
    self.dictionary = dictionary
    super.init(type, present: present)
  }

  override func readValues(
    _ count: Int, validity: ValidityMask?, validCount: Int
  ) throws(SQLError) -> Vector {
    if dictionary.count == 0 {
      guard validCount == 0 else { throw indices.corrupt("values of an empty dictionary") }
      return count == 0 ? Vector(type: type, count: 0, heap: dictionary.heap) : .nulls(type, count: count)
    }
    let storage = Buffer(sizeBytes: count * 4)
    let values = storage.base.assumingMemoryBound(to: Int32.self)
    try indices.read(narrowingInto: values, count: validCount)
    let limit = UInt32(dictionary.count)
    var isInside = true
    for i in 0..<validCount where UInt32(bitPattern: values[i]) >= limit { isInside = false }
    guard isInside else { throw indices.corrupt("no entry of the dictionary's \(limit)") }
    NullExpansion.expand(values, count: validCount, rows: count, mask: validity)
    return Vector(
      type: type, encoding: .dictionary, count: count, storage: storage, validity: validity,
      children: [dictionary])
  }

  /// The entries, from DICTIONARY_DATA and LENGTH.
  static func readDictionary(
    _ type: LogicalType, count: Int, data: StreamCursor, lengths: IntegerDecoder
  ) throws(SQLError) -> Vector {
    guard count <= maximumCount else { throw data.corrupt("dictionary of \(count) entries") }
    return try DirectTextColumnDecoder(type, present: nil, data: data, lengths: lengths)
      .readValues(count, validity: nil, validCount: count)
  }

  private static let maximumCount = 1 << 26
}
