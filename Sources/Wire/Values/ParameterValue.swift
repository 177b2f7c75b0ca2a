import Base
import Catalog
import Vectors

/// A parameter as it comes in Bind.
enum ParameterValue {
  /// `reservation` holds the value's memory.
  static func read(
    _ bytes: [UInt8]?, oid: UInt32, isBinary: Bool, on reservation: MemoryReservation? = nil
  ) throws(SQLError) -> Value {
    try reservation?.grow(by: MemoryLayout<Value>.stride + (bytes?.count ?? 0))
    guard let bytes else { return .null }
    guard isBinary else {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw SQLError(.characterNotInRepertoire, "parameter is not valid UTF-8")
      }
      // Drivers write booleans and binary strings as PostgreSQL does, as casts of text read them.
      return .text(text)
    }
    var reader = MessageReader(bytes, 0..<bytes.count)
    let value = try read(&reader, oid: oid, depth: 0, reservation)
    guard reader.remaining == 0 else { throw wrongLength(oid) }
    return value
  }

  private static func read(
    _ reader: inout MessageReader, oid: UInt32, depth: Int, _ reservation: MemoryReservation?
  ) throws(SQLError) -> Value {
    let count = reader.remaining
    func require(_ wanted: Int) throws(SQLError) { if count != wanted { throw wrongLength(oid) } }
    switch oid {
    case 16:
      try require(1)
      return .boolean(try reader.readByte() != 0)
    case 20:
      try require(8)
      return .integer(try reader.readInt64())
    case 21:
      try require(2)
      return .integer(Int64(try reader.readInt16()))
    case 23:
      try require(4)
      return .integer(Int64(try reader.readInt32()))
    case 26:
      try require(4)
      return .integer(Int64(try reader.readUInt32()))
    case 700:
      try require(4)
      return .float32(Float(bitPattern: try reader.readUInt32()))
    case 701:
      try require(8)
      return .float64(Double(bitPattern: UInt64(bitPattern: try reader.readInt64())))
    case 1082:
      try require(4)
      return try date(reader.readInt32())
    case 1114, 1184:
      try require(8)
      return try timestamp(reader.readInt64())
    case 1700: return try numeric(&reader)
    case 17: return .binary(reader.readRest())
    case 2950:
      try require(16)
      return .text(uuid(reader.readRest()))
    default: break
    }
    if depth == 0, let element = PostgresType.all.first(where: { $0.arrayOID == oid }) {
      return try array(&reader, element.oid, reservation)
    }
    guard let text = String(validating: reader.readRest(), as: UTF8.self) else {
      throw SQLError(.characterNotInRepertoire, "parameter is not valid UTF-8")
    }
    return .text(text)
  }

  private static func date(_ days: Int32) throws(SQLError) -> Value {
    let (sum, overflow) = days.addingReportingOverflow(BinaryValue.epochDays)
    if overflow { throw SQLError(.datetimeOverflow, "date out of range") }
    return .date(sum)
  }

  private static func timestamp(_ microseconds: Int64) throws(SQLError) -> Value {
    let (sum, overflowed) = microseconds.addingReportingOverflow(BinaryValue.epochMicroseconds)
    let (nanoseconds, overflow) = sum.multipliedReportingOverflow(by: 1000)
    if overflowed || overflow { throw SQLError(.datetimeOverflow, "timestamp out of range") }
    return .timestamp(nanoseconds)
  }

  private static func wrongLength(_ oid: UInt32) -> SQLError {
    SQLError(.invalidBinaryRepresentation, "parameter of type \(oid) has a wrong length")
  }

  /// Doubles have no more digits than this on either side of the point, and decimals fewer.
  private static let maximumNumericDigits = 400

  /// Groups of four digits, the first one worth 10,000 to the power of `weight`.
  private static func numeric(_ reader: inout MessageReader) throws(SQLError) -> Value {
    let count = try reader.readCount()
    let weight = Int(try reader.readInt16())
    let sign = UInt16(bitPattern: try reader.readInt16())
    let scale = try reader.readCount()
    switch sign {
    case 0, 0x4000: break
    case 0xC000: return .float64(.nan)
    case 0xD000: return .float64(.infinity)
    case 0xF000: return .float64(-.infinity)
    default: throw wrongLength(1700)
    }
    guard scale <= maximumNumericDigits, abs(weight) <= maximumNumericDigits / 4,
      count <= maximumNumericDigits / 2
    else { throw SQLError(.numericValueOutOfRange, "number has too many digits") }
    var groups: [Int] = []
    for _ in 0..<count {
      let group = Int(try reader.readInt16())
      guard (0...9999).contains(group) else { throw wrongLength(1700) }
      groups.append(group)
    }
    func digits(_ position: Int) -> String {
      let group = groups.indices.contains(position) ? groups[position] : 0
      let plain = String(group)
      return String(repeating: "0", count: 4 - plain.count) + plain
    }
    var text = sign == 0 ? "" : "-"
    for position in 0...max(0, weight) { text += weight < 0 ? "0" : digits(position) }
    var fraction = ""
    var place = -1
    while fraction.utf8.count < scale {
      fraction += digits(weight - place)
      place -= 1
    }
    if scale > 0 { text += "." + fraction.prefix(scale) }
    return .text(text)
  }

  private static func array(
    _ reader: inout MessageReader, _ element: UInt32, _ reservation: MemoryReservation?
  ) throws(SQLError) -> Value {
    let dimensions = try reader.readInt32()
    _ = try reader.readInt32()
    let oid = try reader.readUInt32()
    if dimensions == 0 { return .list([]) }
    guard dimensions == 1 else {
      throw SQLError(.featureNotSupported, "arrays of several dimensions are taken as text only")
    }
    guard oid == element else {
      throw SQLError(.datatypeMismatch, "array of type \(oid) where \(element) was declared")
    }
    let count = try reader.readInt32()
    _ = try reader.readInt32()
    // Every element has at least its length.
    guard count >= 0, Int(count) <= reader.remaining / 4 else { throw wrongLength(element) }
    // NULLs are far larger here than in the message.
    try reservation?.grow(by: Int(count) * MemoryLayout<Value>.stride)
    var values: [Value] = []
    values.reserveCapacity(Int(count))
    for _ in 0..<count {
      guard let bytes = try reader.readValue() else {
        values.append(.null)
        continue
      }
      var inner = MessageReader(bytes, 0..<bytes.count)
      values.append(try read(&inner, oid: element, depth: 1, nil))
      guard inner.remaining == 0 else { throw wrongLength(element) }
    }
    return .list(values)
  }

  private static func uuid(_ bytes: [UInt8]) -> String {
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text += "-" }
      text += byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
    }
    return text
  }
}
