import Base

/// A table of the FlatBuffers format, to be written: one value or nothing for each slot, in the
/// order of its schema.
struct FlatTable {
  enum Field {
    case byte(UInt8)
    case short(Int16)
    case int(Int32)
    case long(Int64)
    case string(String)
    case table(FlatTable)
    case tables([FlatTable])
    /// Structures of eight-byte fields, or numbers of eight bytes, one after another.
    case longs([Int64], each: Int)

    fileprivate var sizeBytes: Int {
      switch self {
      case .byte: 1
      case .short: 2
      case .int, .string, .table, .tables, .longs: 4
      case .long: 8
      }
    }
  }

  var slots: [Field?]

  init(_ slots: [Field?]) { self.slots = slots }

  /// This table as the root of a buffer.
  ///
  /// | bytes | what |
  /// |---|---|
  /// | 4 | where the root table begins |
  /// | per table | vtable: its size, the table's size, each slot's place in the table (0: absent) |
  /// | | table: how far back the vtable is, then the values, aligned to their sizes |
  /// | behind it | what the table refers to: offsets count from their own place and point forward |
  func encoded() -> [UInt8] {
    var encoder = FlatEncoder()
    encoder.appendRoot(self)
    return encoder.bytes
  }
}

/// Writes tables front to back, so that every offset points forward.
private struct FlatEncoder {
  var bytes: [UInt8] = []

  mutating func appendRoot(_ table: FlatTable) {
    append(UInt32(0))
    let start = append(table)
    patch(0, to: start)
  }

  /// Returns where the table begins.
  private mutating func append(_ table: FlatTable) -> Int {
    var slots = table.slots
    while let last = slots.last, last == nil { slots.removeLast() }
    align(2)
    let vtable = bytes.count
    append(UInt16(4 + 2 * slots.count))
    append(UInt16(0))
    for _ in slots { append(UInt16(0)) }
    align(4)
    let start = bytes.count
    append(Int32(start - vtable))
    var references: [(place: Int, FlatTable.Field)] = []
    for (index, slot) in slots.enumerated() {
      guard let slot else { continue }
      align(slot.sizeBytes)
      store(UInt16(bytes.count - start), at: vtable + 4 + 2 * index)
      if !appendScalar(slot) {
        references.append((bytes.count, slot))
        append(UInt32(0))
      }
    }
    store(UInt16(bytes.count - start), at: vtable + 2)
    for (place, field) in references { patch(place, to: appendReferenced(field)) }
    return start
  }

  private mutating func appendScalar(_ field: FlatTable.Field) -> Bool {
    switch field {
    case .byte(let value): append(value)
    case .short(let value): append(value)
    case .int(let value): append(value)
    case .long(let value): append(value)
    case .string, .table, .tables, .longs: return false
    }
    return true
  }

  private mutating func appendReferenced(_ field: FlatTable.Field) -> Int {
    switch field {
    case .string(let text):
      align(4)
      let start = bytes.count
      append(UInt32(text.utf8.count))
      bytes.append(contentsOf: text.utf8)
      bytes.append(0)
      return start
    case .table(let table): return append(table)
    case .tables(let tables):
      align(4)
      let start = bytes.count
      append(UInt32(tables.count))
      for _ in tables { append(UInt32(0)) }
      for (index, table) in tables.enumerated() { patch(start + 4 + 4 * index, to: append(table)) }
      return start
    case .longs(let values, let each):
      // The count has four bytes, and what follows it is aligned to eight.
      align(4)
      if bytes.count & 7 != 4 { append(UInt32(0)) }
      let start = bytes.count
      append(UInt32(values.count / max(1, each)))
      for value in values { append(value) }
      return start
    case .byte, .short, .int, .long: return bytes.count
    }
  }

  private mutating func align(_ size: Int) {
    while bytes.count % size != 0 { bytes.append(0) }
  }

  private mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func store(_ value: UInt16, at place: Int) {
    bytes[place] = UInt8(truncatingIfNeeded: value)
    bytes[place + 1] = UInt8(truncatingIfNeeded: value >> 8)
  }

  private mutating func patch(_ place: Int, to target: Int) {
    let offset = UInt32(target - place)
    for index in 0..<4 {
      bytes[place + index] = UInt8(truncatingIfNeeded: offset >> (8 * UInt32(index)))
    }
  }
}
