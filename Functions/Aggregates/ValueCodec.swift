import Base
import Vectors

/// Single values as bytes, for the states that keep them: a tag, then the contents, little-endian.
enum ValueCodec {
  static func append(_ value: Value, to out: inout ByteWriter) {
    switch value {
    case .null: out.append(0)
    case .boolean(let v): append(1, UInt8(v ? 1 : 0), &out)
    case .integer(let v): append(2, v, &out)
    case .float32(let v): append(3, v.bitPattern, &out)
    case .float64(let v): append(4, v.bitPattern, &out)
    case .decimal(let v, let scale):
      append(5, v, &out)
      out.append(UInt8(truncatingIfNeeded: scale))
    case .text(let v): append(6, Array(v.utf8), &out)
    case .binary(let v): append(7, v, &out)
    case .date(let v): append(8, v, &out)
    case .timestamp(let v): append(9, v, &out)
    case .list(let v): append(10, v, &out)
    case .structure(let v): append(11, v, &out)
    }
  }

  private static func append<T: FixedWidthInteger>(
    _ tag: UInt8, _ value: T, _ out: inout ByteWriter
  ) {
    out.append(tag)
    out.appendLittleEndian(value)
  }

  private static func append(_ tag: UInt8, _ bytes: [UInt8], _ out: inout ByteWriter) {
    append(tag, UInt32(truncatingIfNeeded: bytes.count), &out)
    out.append(bytes)
  }

  private static func append(_ tag: UInt8, _ values: [Value], _ out: inout ByteWriter) {
    append(tag, UInt32(truncatingIfNeeded: values.count), &out)
    for value in values { append(value, to: &out) }
  }

  /// Nesting beyond 64 levels is refused.
  static func read(_ bytes: inout ByteReader, depth: Int = 0) throws(SQLError) -> Value {
    guard depth < 64 else { throw bytes.corrupt("values nested too deeply") }
    switch try bytes.readByte() {
    case 0: return .null
    case 1: return .boolean(try bytes.readByte() != 0)
    case 2: return .integer(try bytes.readLittleEndian(Int64.self))
    case 3: return .float32(Float(bitPattern: try bytes.readLittleEndian(UInt32.self)))
    case 4: return .float64(Double(bitPattern: try bytes.readLittleEndian(UInt64.self)))
    case 5:
      let value = try bytes.readLittleEndian(Int128.self)
      return .decimal(value, scale: Int(try bytes.readByte()))
    case 6: return .text(String(decoding: try readBytes(&bytes), as: UTF8.self))
    case 7: return .binary(try readBytes(&bytes))
    case 8: return .date(try bytes.readLittleEndian(Int32.self))
    case 9: return .timestamp(try bytes.readLittleEndian(Int64.self))
    case 10: return .list(try readValues(&bytes, depth))
    case 11: return .structure(try readValues(&bytes, depth))
    default: throw bytes.corrupt("unknown kind of value")
    }
  }

  private static func readBytes(_ bytes: inout ByteReader) throws(SQLError) -> [UInt8] {
    let count = Int(try bytes.readLittleEndian(UInt32.self))
    return try bytes.read(count).bytes
  }

  private static func readValues(
    _ bytes: inout ByteReader, _ depth: Int
  ) throws(SQLError) -> [Value] {
    let count = Int(try bytes.readLittleEndian(UInt32.self))
    guard count <= bytes.remaining else { throw bytes.corrupt("list cut short") }
    var values: [Value] = []
    for _ in 0..<count { values.append(try read(&bytes, depth: depth + 1)) }
    return values
  }
}
