import Base
import Vectors

/// The arrays of a record batch, taken one column after the other.
struct BatchParts {
  let rowCount: Int
  private let body: ByteRegion
  private let dictionaries: [Int64: Vector]
  /// Rows and NULLs of each array; place and size of each buffer; buffers of each column of views.
  private var nodes: ArraySlice<Int64>
  private var buffers: ArraySlice<Int64>
  private var viewBuffers: ArraySlice<Int64>

  init(
    _ header: FlatTableReader, _ body: ByteRegion, _ dictionaries: [Int64: Vector]
  ) throws(SQLError) {
    self.body = body
    self.dictionaries = dictionaries
    let count = try header.number(0, Int64(0))
    guard count >= 0, count <= Int64(Int32.max) else {
      throw ArrowError.corrupt("a batch of \(count) rows")
    }
    rowCount = Int(count)
    nodes = try header.longs(1, each: 2)[...]
    buffers = try header.longs(2, each: 2)[...]
    viewBuffers = try header.longs(4)[...]
    guard try !header.has(3) else {
      throw SQLError(
        .featureNotSupported, "compressed Arrow data is not read",
        hint: "Write it without compression.")
    }
  }

  mutating func next(_ field: ArrowField) throws(SQLError) -> ArrayData {
    guard let length = nodes.popFirst(), let nulls = nodes.popFirst(), length >= 0, nulls >= 0,
      nulls <= length
    else { throw ArrowError.corrupt("rows and NULLs of \"\(field.name)\"") }
    var data = ArrayData(length: Int(length), nullCount: Int(nulls), buffers: [])
    if let dictionary = field.dictionary {
      try take(2, into: &data, field)
      guard let values = dictionaries[dictionary.id] else {
        throw ArrowError.corrupt("dictionary \(dictionary.id) is missing")
      }
      data.entries = values
      return data
    }
    switch field.type {
    case .null: break
    case .utf8, .binary: try take(3, into: &data, field)
    case .utf8View, .binaryView:
      guard let more = viewBuffers.popFirst(), more >= 0, more < 1 << 20 else {
        throw ArrowError.corrupt("buffers of \"\(field.name)\"")
      }
      try take(2 + Int(more), into: &data, field)
    case .structure, .fixedList: try take(1, into: &data, field)
    default: try take(2, into: &data, field)
    }
    for child in field.children { data.children.append(try next(child)) }
    return data
  }

  private mutating func take(
    _ count: Int, into data: inout ArrayData, _ field: ArrowField
  ) throws(SQLError) {
    for _ in 0..<count {
      guard let place = buffers.popFirst(), let size = buffers.popFirst(), place >= 0, size >= 0,
        place <= Int64(body.count), size <= Int64(body.count) - place
      else { throw ArrowError.corrupt("a buffer of \"\(field.name)\" lies outside of the message") }
      data.buffers.append(body[Int(place)..<Int(place + size)])
    }
  }
}
