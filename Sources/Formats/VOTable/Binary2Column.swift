import Base
import Catalog
import Vectors

/// The values of one column for one batch, as BINARY2 has them.
final class Binary2Column {
  private enum Layout {
    case boolean
    case int8, int16, int32, int64, float32, float64
    case decimal(scale: Int)
    /// Bytes with their count in front, as they are in the vector.
    case bytes
    /// The same, of a text made of the value.
    case text(CellColumn)
    /// A structure of doubles.
    case shape(Int)
    case polygon
    case array(width: Int)
  }

  private typealias Cursors = [UnsafeMutableRawPointer]

  private let layout: Layout
  private var vector = Vector.nulls(.null, count: 0)
  private var elements: Vector?
  /// Which rows are NULL; nil if none.
  private(set) var nulls: ValidityMask?

  init(_ type: LogicalType) {
    layout = switch type {
    case .boolean: .boolean
    case .int8: .int8
    case .int16: .int16
    case .int32: .int32
    case .int64: .int64
    case .float32: .float32
    case .float64: .float64
    case .decimal(_, let scale): .decimal(scale: scale)
    case .text, .binary: .bytes
    case .date, .timestamp: .text(CellColumn(style: .votable))
    case .point: .shape(2)
    case .circle: .shape(3)
    case .polygon: .polygon
    case .list(let element) where VOTableType.isArrayElement(element):
      .array(width: max(element.physical.widthBytes, element == .int8 ? 2 : 1))
    case .null, .list, .structure, .map: .text(CellColumn(style: .json))
    }
  }

  func fill(from source: Vector) throws(SQLError) {
    vector = source.flattened()
    nulls = vector.validity
    if vector.type == .null { nulls = ValidityMask(count: vector.count, allValid: false) }
    elements = nil
    switch layout {
    case .polygon, .array: elements = vector.children.first?.flattened()
    case .text(let cells): try cells.fill(from: source)
    default: break
    }
  }

  @inline(__always)
  private func isNull(_ row: Int) -> Bool { nulls.map { !$0.isValid(row) } ?? false }

  // MARK: Sizes

  func addSizes(to sizes: inout [Int], _ count: Int) {
    switch layout {
    case .boolean: add(1, to: &sizes, count)
    case .int8, .int16: add(2, to: &sizes, count)
    case .int32, .float32: add(4, to: &sizes, count)
    case .int64, .float64, .decimal: add(8, to: &sizes, count)
    case .shape(let fields): add(8 * fields, to: &sizes, count)
    case .bytes: addViews(1, to: &sizes, count)
    case .polygon: addViews(16, to: &sizes, count)
    case .array(let width): addViews(width, to: &sizes, count)
    case .text(let cells):
      for row in 0..<count { sizes[row] &+= 4 &+ (isNull(row) ? 0 : cells.bytes(of: row).count) }
    }
  }

  private func add(_ size: Int, to sizes: inout [Int], _ count: Int) {
    for row in 0..<count { sizes[row] &+= size }
  }

  private func addViews(_ width: Int, to sizes: inout [Int], _ count: Int) {
    let views = vector.values(as: View.self)
    for row in 0..<count { sizes[row] &+= 4 &+ (isNull(row) ? 0 : views[row].count &* width) }
  }

  // MARK: Values

  func write(to cursors: inout [UnsafeMutableRawPointer], _ count: Int) {
    switch layout {
    case .boolean: writeBooleans(&cursors, count)
    case .int8:
      let values = vector.values(as: Int8.self)
      store(&cursors, count) { Int16(values[$0]) }
    case .int16: storeIntegers(Int16.self, &cursors, count)
    case .int32: storeIntegers(Int32.self, &cursors, count)
    case .int64: storeIntegers(Int64.self, &cursors, count)
    case .float32:
      let values = vector.values(as: Float.self)
      store(&cursors, count) { (isNull($0) ? .nan : values[$0]).bitPattern }
    case .float64:
      let values = vector.values(as: Double.self)
      store(&cursors, count) { (isNull($0) ? .nan : values[$0]).bitPattern }
    case .decimal(let scale):
      let values = vector.values(as: Int128.self)
      store(&cursors, count) {
        (isNull($0) ? .nan : Self.double(values[$0], scale: scale)).bitPattern
      }
    case .bytes: writeTexts(&cursors, count) { vector.bytes(at: $0) }
    case .text(let cells): writeTexts(&cursors, count) { cells.bytes(of: $0) }
    case .shape: writeShapes(&cursors, count)
    case .polygon: writePolygons(&cursors, count)
    case .array: writeArrays(&cursors, count)
    }
  }

  @inline(__always)
  private func store<T: FixedWidthInteger & BitwiseCopyable>(
    _ cursors: inout Cursors, _ count: Int, _ value: (Int) -> T
  ) {
    for row in 0..<count { Self.put(value(row), at: &cursors[row]) }
  }

  private func storeIntegers<T: FixedWidthInteger & BitwiseCopyable>(
    _: T.Type, _ cursors: inout Cursors, _ count: Int
  ) {
    let values = vector.values(as: T.self)
    store(&cursors, count) { isNull($0) ? 0 : values[$0] }
  }

  @inline(__always)
  private static func put<T: FixedWidthInteger & BitwiseCopyable>(
    _ value: T, at cursor: inout UnsafeMutableRawPointer
  ) {
    cursor.storeBytes(of: value.bigEndian, as: T.self)
    cursor += MemoryLayout<T>.size
  }

  private func writeBooleans(_ cursors: inout Cursors, _ count: Int) {
    let values = vector.values(as: UInt8.self)
    store(&cursors, count) { row in
      isNull(row) ? UInt8(ascii: "?") : values[row] != 0 ? UInt8(ascii: "T") : UInt8(ascii: "F")
    }
  }

  private func writeTexts(
    _ cursors: inout Cursors, _ count: Int, _ bytes: (Int) -> UnsafeRawBufferPointer
  ) {
    for row in 0..<count {
      guard !isNull(row) else {
        Self.put(Int32(0), at: &cursors[row])
        continue
      }
      let text = bytes(row)
      Self.put(Int32(truncatingIfNeeded: text.count), at: &cursors[row])
      if let start = text.baseAddress {
        cursors[row].copyMemory(from: start, byteCount: text.count)
      }
      cursors[row] += text.count
    }
  }

  private func writeShapes(_ cursors: inout Cursors, _ count: Int) {
    for field in vector.children {
      let values = field.values(as: Double.self)
      store(&cursors, count) { (isNull($0) ? .nan : values[$0]).bitPattern }
    }
  }

  private func writePolygons(_ cursors: inout Cursors, _ count: Int) {
    let views = vector.values(as: View.self)
    guard let fields = elements?.children, fields.count == 2 else { return }
    let (lon, lat) = (fields[0].values(as: Double.self), fields[1].values(as: Double.self))
    for row in 0..<count {
      let view = isNull(row) ? View(offset: 0, length: 0) : views[row]
      Self.put(Int32(truncatingIfNeeded: view.count &* 2), at: &cursors[row])
      for index in view.start..<view.start &+ view.count {
        Self.put(lon[index].bitPattern, at: &cursors[row])
        Self.put(lat[index].bitPattern, at: &cursors[row])
      }
    }
  }

  /// Nearest double: exact for up to 15 digits, which is where both steps are.
  private static func double(_ value: Int128, scale: Int) -> Double {
    if scale <= 22, value.magnitude < 1 << 53 {
      return Double(Int64(value)) / Double(PowerOfTen.int128[scale])
    }
    var out = ByteWriter()
    NumberText.append(decimal: value, scale: scale, to: &out)
    return Double(String(decoding: out.bytes, as: UTF8.self)) ?? .nan
  }
}

// MARK: Arrays

extension Binary2Column {
  private func writeArrays(_ cursors: inout Cursors, _ count: Int) {
    guard let elements else { return }
    switch elements.type {
    case .boolean:
      let values = elements.values(as: UInt8.self)
      writeArrays(&cursors, count, null: UInt8(ascii: "?")) {
        values[$0] != 0 ? UInt8(ascii: "T") : UInt8(ascii: "F")
      }
    case .int8:
      let values = elements.values(as: Int8.self)
      writeArrays(&cursors, count, null: Int16.min) { Int16(values[$0]) }
    case .int16:
      let values = elements.values(as: Int16.self)
      writeArrays(&cursors, count, null: Int16.min) { values[$0] }
    case .int32:
      let values = elements.values(as: Int32.self)
      writeArrays(&cursors, count, null: Int32.min) { values[$0] }
    case .int64:
      let values = elements.values(as: Int64.self)
      writeArrays(&cursors, count, null: Int64.min) { values[$0] }
    case .float32:
      let values = elements.values(as: Float.self)
      writeArrays(&cursors, count, null: Float.nan.bitPattern) { values[$0].bitPattern }
    default:
      let values = elements.values(as: Double.self)
      writeArrays(&cursors, count, null: Double.nan.bitPattern) { values[$0].bitPattern }
    }
  }

  @inline(__always)
  private func writeArrays<T: FixedWidthInteger & BitwiseCopyable>(
    _ cursors: inout Cursors, _ count: Int, null: T, _ value: (Int) -> T
  ) {
    let views = vector.values(as: View.self)
    guard let elements else { return }
    for row in 0..<count {
      let view = isNull(row) ? View(offset: 0, length: 0) : views[row]
      Self.put(Int32(truncatingIfNeeded: view.count), at: &cursors[row])
      for index in view.start..<view.start &+ view.count {
        Self.put(elements.isNull(index) ? null : value(index), at: &cursors[row])
      }
    }
  }
}
