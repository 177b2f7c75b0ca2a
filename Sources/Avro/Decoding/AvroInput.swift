import Base

/// What is wrong with a record's bytes.
enum AvroFailure: UInt8 {
  case none, endOfData, number, boolean, branch, length, integerRange, text, symbol, decimal
  case timestamp, unresolvable, tooLarge, interrupted

  var reason: String {
    switch self {
    case .none: "no reason"
    case .endOfData: "it ends too early"
    case .number: "a number of more than 64 bits"
    case .boolean: "a boolean that is neither 0 nor 1"
    case .branch: "a branch that the union does not have"
    case .length: "a negative length"
    case .integerRange: "an int of more than 32 bits"
    case .text: "a string that is not UTF-8"
    case .symbol: "a symbol that the enum does not have"
    case .decimal: "a decimal of more digits than its type has"
    case .timestamp: "a timestamp outside of the years 1677 to 2262"
    case .unresolvable: "a value that cannot be resolved"
    case .interrupted: "the query was stopped"
    case .tooLarge: "its values take more than \(AvroColumns.maximumBytes >> 20) MiB"
    }
  }
}

/// The bytes of a record, read from front to back. The first failure stays; what is read after it is
/// zeros, and nothing is read past the end.
struct AvroInput {
  var position: UnsafePointer<UInt8>
  let end: UnsafePointer<UInt8>
  var failure = AvroFailure.none

  init(_ position: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
    self.position = position
    self.end = end
  }

  @inline(__always) var remaining: Int { end - position }

  @inline(never)
  mutating func fail(_ reason: AvroFailure) {
    if failure == .none { failure = reason }
    position = end
  }

  @inline(__always)
  mutating func byte() -> UInt8 {
    guard position < end else {
      fail(.endOfData)
      return 0
    }
    defer { position += 1 }
    return position.pointee
  }

  /// A zigzag number.
  @inline(__always)
  mutating func number() -> Int64 {
    if position < end, position.pointee < 0x80 {
      let bits = UInt64(position.pointee)
      position += 1
      return Int64(bitPattern: bits &>> 1) ^ -Int64(bitPattern: bits & 1)
    }
    return longNumber()
  }

  @inline(never)
  private mutating func longNumber() -> Int64 {
    var bits: UInt64 = 0
    var shift: UInt64 = 0
    while position < end {
      let byte = position.pointee
      position += 1
      if shift == 63, byte > 1 { break }
      bits |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 { return Int64(bitPattern: bits &>> 1) ^ -Int64(bitPattern: bits & 1) }
      shift &+= 7
      if shift > 63 { break }
    }
    fail(position < end || shift >= 63 ? .number : .endOfData)
    return 0
  }

  @inline(__always)
  mutating func int() -> Int32 {
    let wide = number()
    let value = Int32(truncatingIfNeeded: wide)
    if Int64(value) != wide { fail(.integerRange) }
    return value
  }

  @inline(__always)
  mutating func load<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> T {
    guard remaining >= MemoryLayout<T>.size else {
      fail(.endOfData)
      return 0
    }
    defer { position += MemoryLayout<T>.size }
    return T(littleEndian: UnsafeRawPointer(position).loadUnaligned(as: T.self))
  }

  /// The next `count` bytes; nil, and a failure, if there are fewer.
  @inline(__always)
  mutating func take(_ count: Int) -> UnsafePointer<UInt8>? {
    guard count >= 0, count <= remaining else {
      fail(count < 0 ? .length : .endOfData)
      return nil
    }
    defer { position += count }
    return position
  }

  /// A length.
  @inline(__always)
  mutating func length() -> Int { Int(truncatingIfNeeded: number()) }

  @inline(__always)
  mutating func skip(_ count: Int) { _ = take(count) }

  /// True for the branch `null` of a union of two.
  @inline(__always)
  mutating func isNull(_ null: Int64) -> Bool {
    let branch = number()
    if UInt64(bitPattern: branch) > 1 { fail(.branch) }
    return branch == null
  }
}

/// Whether bytes are UTF-8.
enum UTF8Check {
  @inline(__always)
  static func isValid(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var offset = 0
    while offset &+ 8 <= count {
      let word = UnsafeRawPointer(bytes + offset).loadUnaligned(as: UInt64.self)
      if word & 0x8080_8080_8080_8080 != 0 { return isValidSlowly(bytes, count, offset) }
      offset &+= 8
    }
    while offset < count {
      if bytes[offset] >= 0x80 { return isValidSlowly(bytes, count, offset) }
      offset &+= 1
    }
    return true
  }

  @inline(never)
  private static func isValidSlowly(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, _ start: Int
  ) -> Bool {
    var decoder = UTF8()
    var iterator = UnsafeBufferPointer(start: bytes + start, count: count &- start).makeIterator()
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue: continue
      case .emptyInput: return true
      case .error: return false
      }
    }
  }
}
