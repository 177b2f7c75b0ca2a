/// The types of the Arrow format that we write or read; children are the field's.
public enum ArrowType: Hashable, Sendable {
  public enum TimeUnit: Int16, Sendable {
    case second, millisecond, microsecond, nanosecond
  }

  case null
  case boolean
  case integer(bits: Int, isSigned: Bool)
  /// 16, 32 or 64 bits.
  case float(bits: Int)
  /// 32, 64, 128 or 256 bits.
  case decimal(precision: Int, scale: Int, bits: Int)
  /// Offsets of 64 bits if large, else of 32.
  case utf8(isLarge: Bool)
  case binary(isLarge: Bool)
  /// Views of 16 bytes into any number of buffers.
  case utf8View
  case binaryView
  case fixedBinary(sizeBytes: Int)
  /// Days in 32 bits.
  case date
  /// Milliseconds in 64 bits, whole days.
  case dateMilliseconds
  case timestamp(TimeUnit, zone: String?)
  case list(isLarge: Bool)
  case fixedList(count: Int)
  case structure
  case map
  /// Each value in one of the children; only written.
  case denseUnion(count: Int)
  /// One that has no counterpart here, by its name in Arrow.
  case other(String)
}
