import Base
import CArrow
import Glibc
import Vectors

/// Takes over what others hand through the C data interface. The values are copied; structures are
/// released by whoever owns them.
///
/// Pointers must be right, as the interface demands: sizes, offsets and indices are checked against
/// each other, but memory that is not there cannot be noticed.
public enum ArrowImport {
  /// The columns of a schema, which must be a structure.
  public static func columns(of schema: UnsafePointer<ArrowSchema>) throws(SQLError) -> [ArrowField]
  {
    let field = try field(of: schema, depth: 0)
    guard field.type == .structure else {
      throw ArrowError.unsupported(field.name, "a table must be a structure")
    }
    return field.children
  }

  private static func field(
    of schema: UnsafePointer<ArrowSchema>, depth: Int
  ) throws(SQLError) -> ArrowField {
    guard depth < 64, schema.pointee.release != nil, let format = schema.pointee.format else {
      throw ArrowError.corrupt("a schema that was released, or nested too deep")
    }
    let name = schema.pointee.name.map { String(cString: $0) } ?? ""
    var field = ArrowField(name, ArrowType(formatText: String(cString: format)))
    field.isNullable = schema.pointee.flags & Int64(ARROW_FLAG_NULLABLE) != 0
    field.metadata = metadata(schema.pointee.metadata)
    for index in 0..<Int(max(0, schema.pointee.n_children)) {
      guard let child = schema.pointee.children?[index] else {
        throw ArrowError.corrupt("a schema without child \(index): \"\(name)\"")
      }
      field.children.append(try self.field(of: UnsafePointer(child), depth: depth + 1))
    }
    guard let dictionary = schema.pointee.dictionary else { return field }
    let values = try self.field(of: UnsafePointer(dictionary), depth: depth + 1)
    guard case .integer(let bits, let isSigned) = field.type else {
      throw ArrowError.corrupt("dictionary indices that are no integers: \"\(name)\"")
    }
    field.type = values.type
    field.children = values.children
    field.dictionary = ArrowField.Dictionary(id: 0, indexBits: bits, isSigned: isSigned)
    return field
  }

  private static func metadata(_ bytes: UnsafePointer<CChar>?) -> [String: String] {
    guard let bytes else { return [:] }
    var place = UnsafeRawPointer(bytes)
    func number() -> Int {
      defer { place += 4 }
      return Int(max(0, place.loadUnaligned(as: Int32.self)))
    }
    func text() -> String {
      let size = number()
      defer { place += size }
      return String(
        decoding: UnsafeRawBufferPointer(start: place, count: size), as: UTF8.self)
    }
    var result: [String: String] = [:]
    for _ in 0..<number() {
      let key = text()
      result[key] = text()
    }
    return result
  }

  /// The columns of an array, which must be a structure with the fields `columns`, as vectors of the
  /// fields' logical types.
  public static func vectors(
    of array: UnsafePointer<ArrowArray>, _ columns: [ArrowField]
  ) throws(SQLError) -> [Vector] {
    let table = ArrowField("", .structure, children: columns)
    let data = try data(of: array, table, depth: 0)
    let whole = try ArrayDecoder().vector(data, table, try table.logicalType())
    // Rows that the structure itself calls NULL have no columns that are not.
    return whole.children
  }

  private static func data(
    of array: UnsafePointer<ArrowArray>, _ field: ArrowField, depth: Int
  ) throws(SQLError) -> ArrayData {
    let raw = array.pointee
    let (rows, overflow) = raw.length.addingReportingOverflow(raw.offset)
    guard depth < 64, raw.release != nil, raw.length >= 0, raw.offset >= 0, !overflow,
      rows <= Int64(Int32.max), raw.n_buffers >= 0, raw.n_buffers < 1 << 20
    else { throw ArrowError.corrupt("an array of \(raw.length) rows from \(raw.offset)") }
    var data = ArrayData(
      length: Int(raw.length), nullCount: Int(raw.null_count), offset: Int(raw.offset), buffers: [])
    let sizes = BufferSizes(field: field, rowCount: Int(rows))
    for index in 0..<Int(raw.n_buffers) {
      guard let base = raw.buffers?[index] else {
        data.buffers.append(nil)
        continue
      }
      let size = sizes.size(of: index, raw)
      data.buffers.append(ByteRegion(base: base, count: size, owner: Borrowed.owner))
    }
    guard Int(raw.n_children) == field.dictionaryless.children.count || field.dictionary != nil
    else {
      throw ArrowError.corrupt("an array of \(raw.n_children) children: \"\(field.name)\"")
    }
    if field.dictionary != nil {
      guard let dictionary = raw.dictionary else {
        throw ArrowError.corrupt("a missing dictionary")
      }
      data.dictionary = [
        try self.data(of: UnsafePointer(dictionary), field.dictionaryless, depth: depth + 1)
      ]
      return data
    }
    for (index, child) in field.children.enumerated() {
      guard let pointer = raw.children?[index] else { throw ArrowError.corrupt("a missing child") }
      data.children.append(try self.data(of: UnsafePointer(pointer), child, depth: depth + 1))
    }
    return data
  }

  /// Stands for memory that the caller keeps alive.
  private final class Borrowed: Sendable {
    static let owner = Borrowed()
  }
}

extension ArrowField {
  /// The field of a dictionary's values.
  var dictionaryless: ArrowField {
    var field = self
    field.dictionary = nil
    return field
  }
}

/// How large the buffers of an array must be: the C interface does not say.
private struct BufferSizes {
  let field: ArrowField
  let rowCount: Int

  func size(of index: Int, _ array: ArrowArray) -> Int {
    // Buffers of no rows may be empty, those of offsets too.
    if rowCount == 0 { return 0 }
    if index == 0 { return (rowCount + 7) / 8 }
    if let dictionary = field.dictionary { return rowCount * (dictionary.indexBits / 8) }
    switch field.type {
    case .boolean: return (rowCount + 7) / 8
    case .utf8(let isLarge), .binary(let isLarge):
      return index == 1 ? (rowCount + 1) * (isLarge ? 8 : 4) : lastOffset(isLarge, array)
    case .utf8View, .binaryView: return index == 1 ? rowCount * 16 : viewed(index, array)
    case .list(let isLarge): return (rowCount + 1) * (isLarge ? 8 : 4)
    case .map: return (rowCount + 1) * 4
    default: return rowCount * widthBytes
    }
  }

  private var widthBytes: Int {
    switch field.type {
    case .integer(let bits, _), .float(let bits), .decimal(_, _, let bits): bits / 8
    case .fixedBinary(let size): max(0, min(size, Int(Int32.max)))
    case .date: 4
    case .dateMilliseconds, .timestamp: 8
    default: 0
    }
  }

  /// Bytes of text: where the last value ends.
  private func lastOffset(_ isLarge: Bool, _ array: ArrowArray) -> Int {
    guard let offsets = array.buffers?[1] else { return 0 }
    return max(
      0,
      isLarge
        ? Int(offsets.loadUnaligned(fromByteOffset: rowCount * 8, as: Int64.self))
        : Int(offsets.loadUnaligned(fromByteOffset: rowCount * 4, as: Int32.self)))
  }

  /// The last buffer holds the sizes of those between the views and itself.
  private func viewed(_ index: Int, _ array: ArrowArray) -> Int {
    let last = Int(array.n_buffers) - 1
    guard let sizes = array.buffers?[last] else { return 0 }
    if index == last { return (last - 2) * 8 }
    return max(0, Int(sizes.loadUnaligned(fromByteOffset: (index - 2) * 8, as: Int64.self)))
  }
}
