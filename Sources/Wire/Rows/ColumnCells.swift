import Base
import Vectors

/// The cells of one column for one batch, in the form in which they go into rows: measured first,
/// then copied to where each row has got to.
final class ColumnCells {
  private enum Form {
    /// Values that are copied with their bytes turned round: binary numbers of so many bytes.
    case fixed(Int)
    /// Bytes that lie in the vector's heap as they are sent.
    case heap
    /// Rendered into `bytes` by `fill`.
    case rendered
  }

  private let type: LogicalType
  private let isBinary: Bool
  private let form: Form
  private var source: Vector?
  private var nulls: ValidityMask?
  private var bytes = ByteWriter(capacity: 4 << 10)
  private var ends: [Int] = []

  init(_ type: LogicalType, isBinary: Bool) {
    self.type = type
    self.isBinary = isBinary
    form = Self.form(type, isBinary)
  }

  private static func form(_ type: LogicalType, _ isBinary: Bool) -> Form {
    switch type {
    case .text: .heap
    case .binary: isBinary ? .heap : .rendered
    case .int16 where isBinary: .fixed(2)
    case .int32 where isBinary, .float32 where isBinary: .fixed(4)
    case .int64 where isBinary, .float64 where isBinary: .fixed(8)
    default: .rendered
    }
  }

  /// Takes the values of a batch and adds the size of each cell without its length to `sizes`.
  func fill(
    from vector: Vector, addingTo sizes: UnsafeMutablePointer<Int>
  ) throws(SQLError) {
    let flat = vector.flattened()
    source = flat
    nulls = flat.type == .null ? ValidityMask(count: flat.count, allValid: false) : flat.validity
    switch form {
    case .fixed(let width):
      for row in 0..<flat.count where isValid(row) { sizes[row] &+= width }
    case .heap:
      let views = flat.values(as: View.self)
      for row in 0..<flat.count where isValid(row) { sizes[row] &+= views[row].count }
    case .rendered:
      try render(flat)
      var start = 0
      for row in 0..<flat.count {
        sizes[row] &+= ends[row] &- start
        start = ends[row]
      }
    }
  }

  @inline(__always)
  private func isValid(_ row: Int) -> Bool { nulls?.isValid(row) ?? true }

  private func render(_ vector: Vector) throws(SQLError) {
    bytes.removeAll()
    ends.removeAll(keepingCapacity: true)
    ends.reserveCapacity(vector.count)
    if isBinary { return try renderBinary(vector) }
    switch vector.type {
    case .int32:
      let values = vector.values(as: Int32.self)
      eachRow(vector.count) { NumberText.append(Int64(values[$0]), to: &$1) }
    case .int64:
      let values = vector.values(as: Int64.self)
      eachRow(vector.count) { NumberText.append(values[$0], to: &$1) }
    case .float64:
      let values = vector.values(as: Double.self)
      eachRow(vector.count) { NumberText.append(values[$0], to: &$1) }
    case .float32:
      let values = vector.values(as: Float.self)
      eachRow(vector.count) { NumberText.append(values[$0], to: &$1) }
    case .timestamp:
      // Clients know microseconds.
      let values = vector.values(as: Int64.self)
      eachRow(vector.count) {
        DateText.append(timestamp: Self.wholeMicroseconds(values[$0]), to: &$1)
      }
    default:
      for row in 0..<vector.count {
        if isValid(row) { try ValueText.append(vector, row, into: &bytes) }
        ends.append(bytes.count)
      }
    }
  }

  private func renderBinary(_ vector: Vector) throws(SQLError) {
    if case .list = vector.type {
      let elements = vector.children[0].flattened()
      for row in 0..<vector.count {
        if isValid(row) { try BinaryValue.appendList(vector, row, of: elements, into: &bytes) }
        ends.append(bytes.count)
      }
      return
    }
    for row in 0..<vector.count {
      if isValid(row) { try BinaryValue.append(vector, row, into: &bytes) }
      ends.append(bytes.count)
    }
  }

  private static func wholeMicroseconds(_ nanoseconds: Int64) -> Int64 {
    let (product, overflow) = BinaryValue.roundedMicroseconds(nanoseconds)
      .multipliedReportingOverflow(by: 1000)
    return overflow ? nanoseconds : product
  }

  @inline(__always)
  private func eachRow(_ count: Int, _ body: (Int, inout ByteWriter) -> Void) {
    for row in 0..<count {
      if isValid(row) { body(row, &bytes) }
      ends.append(bytes.count)
    }
  }

  /// Writes each cell with its length at its row's place in `target` and moves the places on.
  func write(to target: UnsafeMutableRawPointer, at places: UnsafeMutablePointer<Int>) {
    guard let source else { return }
    switch form {
    case .fixed(2): writeFixed(source, UInt16.self, to: target, at: places)
    case .fixed(4): writeFixed(source, UInt32.self, to: target, at: places)
    case .fixed: writeFixed(source, UInt64.self, to: target, at: places)
    case .heap:
      for row in 0..<source.count {
        if isValid(row) {
          Self.write(source.bytes(at: row), to: target, &places[row])
        } else {
          Self.writeNull(to: target, &places[row])
        }
      }
    case .rendered:
      var start = 0
      let rendered = bytes.bytes
      for row in 0..<source.count {
        if isValid(row) {
          Self.write(
            UnsafeRawBufferPointer(rebasing: rendered[start..<ends[row]]), to: target, &places[row])
        } else {
          Self.writeNull(to: target, &places[row])
        }
        start = ends[row]
      }
    }
    self.source = nil
  }

  private func writeFixed<Word: FixedWidthInteger & BitwiseCopyable>(
    _ vector: Vector, _: Word.Type, to target: UnsafeMutableRawPointer,
    at places: UnsafeMutablePointer<Int>
  ) {
    let values = vector.values(as: Word.self)
    let width = MemoryLayout<Word>.size
    let length = Int32(truncatingIfNeeded: width).bigEndian
    for row in 0..<vector.count {
      guard isValid(row) else {
        Self.writeNull(to: target, &places[row])
        continue
      }
      let place = places[row]
      target.storeBytes(of: length, toByteOffset: place, as: Int32.self)
      target.storeBytes(of: values[row].bigEndian, toByteOffset: place &+ 4, as: Word.self)
      places[row] = place &+ 4 &+ width
    }
  }

  @inline(__always)
  private static func write(
    _ cell: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer, _ place: inout Int
  ) {
    let length = Int32(truncatingIfNeeded: cell.count).bigEndian
    target.storeBytes(of: length, toByteOffset: place, as: Int32.self)
    if let start = cell.baseAddress {
      (target + place + 4).copyMemory(from: start, byteCount: cell.count)
    }
    place &+= 4 &+ cell.count
  }

  @inline(__always)
  private static func writeNull(to target: UnsafeMutableRawPointer, _ place: inout Int) {
    target.storeBytes(of: Int32(-1), toByteOffset: place, as: Int32.self)
    place &+= 4
  }
}
