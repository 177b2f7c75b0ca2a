/// One value at the edges: literals, parameters, results shown one by one. Never on a row path.
public enum Value: Hashable, Sendable {
  case null
  case boolean(Bool)
  /// All integer types.
  case integer(Int64)
  case float32(Float)
  case float64(Double)
  /// The unscaled digits and how many of them stand behind the point.
  case decimal(Int128, scale: Int)
  case text(String)
  case binary([UInt8])
  /// Days since 1970-01-01.
  case date(Int32)
  /// Nanoseconds since 1970-01-01 UTC.
  case timestamp(Int64)
  /// Lists, maps (as structures of key and value) and polygons (as structures of two doubles).
  case list([Value])
  /// Structures, points and circles.
  case structure([Value])

  public var isNull: Bool { self == .null }
}
