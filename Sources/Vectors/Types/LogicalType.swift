/// The type of a column or an expression. Types are recursive.
///
/// Sky shapes are kinds of their own with a fixed layout: `point` is a structure of two doubles
/// (longitude, latitude, degrees), `circle` one of three (longitude, latitude, radius, degrees),
/// `polygon` a list of points.
public indirect enum LogicalType: Hashable, Sendable {
  /// The type of a bare NULL before something gives it another.
  case null
  case boolean
  case int8
  case int16
  case int32
  case int64
  case float32
  case float64
  /// At most 38 digits, `scale` of them behind the point; held as an `Int128`.
  case decimal(precision: Int, scale: Int)
  case text
  case binary
  /// Days since 1970-01-01.
  case date
  /// Nanoseconds since 1970-01-01 00:00 UTC.
  case timestamp
  case list(LogicalType)
  case structure([StructField])
  case map(key: LogicalType, value: LogicalType)
  case point
  case circle
  case polygon
}

public struct StructField: Hashable, Sendable {
  public var name: String
  public var type: LogicalType

  public init(_ name: String, _ type: LogicalType) {
    self.name = name
    self.type = type
  }
}

/// How the values of a type lie in memory.
public enum PhysicalType: Sendable {
  /// One byte a row, 0 or 1.
  case bool8
  case int8
  case int16
  case int32
  case int64
  case int128
  case float32
  case float64
  /// A `View` into the vector's heap.
  case bytes
  /// A `View` into the vector's only child.
  case list
  /// No values of its own; one child a field, each as long as the vector.
  case structure
}

extension LogicalType {
  public var physical: PhysicalType {
    switch self {
    case .null, .boolean: .bool8
    case .int8: .int8
    case .int16: .int16
    case .int32, .date: .int32
    case .int64, .timestamp: .int64
    case .float32: .float32
    case .float64: .float64
    case .decimal: .int128
    case .text, .binary: .bytes
    case .list, .map, .polygon: .list
    case .structure, .point, .circle: .structure
    }
  }

  /// The types of a vector's children: the element of a list, the fields of a structure.
  public var childTypes: [LogicalType] {
    switch self {
    case .list(let element): [element]
    case .map(let key, let value):
      [.structure([StructField("key", key), StructField("value", value)])]
    case .polygon: [.point]
    case .structure(let fields): fields.map(\.type)
    case .point: [.float64, .float64]
    case .circle: [.float64, .float64, .float64]
    default: []
    }
  }

  /// Statements, files and tables have no type of more levels.
  public static let maximumDepth = 64

  /// Levels of vectors: 1 for a plain type.
  public var depth: Int { 1 + (childTypes.map(\.depth).max() ?? 0) }

  /// The fields of a structure, or of a list's elements; nil for other types.
  public var fields: [StructField]? {
    switch self {
    case .structure(let fields): fields
    case .list(.structure(let fields)): fields
    default: nil
    }
  }

  /// The type of field `index`: of a list of structures, a list.
  public func fieldType(_ index: Int) -> LogicalType? {
    guard let fields, fields.indices.contains(index) else { return nil }
    if case .list = self { return .list(fields[index].type) }
    return fields[index].type
  }

  public var isInteger: Bool {
    switch self {
    case .int8, .int16, .int32, .int64: true
    default: false
    }
  }

  public var isFloat: Bool { self == .float32 || self == .float64 }

  public var isNumeric: Bool {
    if case .decimal = self { return true }
    return isInteger || isFloat
  }

  public var isGeometry: Bool { self == .point || self == .circle || self == .polygon }
}

extension PhysicalType {
  /// Bytes a row takes in `Vector.base`; 0 for structures.
  public var widthBytes: Int {
    switch self {
    case .bool8, .int8: 1
    case .int16: 2
    case .int32, .float32: 4
    case .int64, .float64, .bytes, .list: 8
    case .int128: 16
    case .structure: 0
    }
  }
}

/// A run of bytes in a heap, or of elements in a list's child.
@frozen
public struct View: Hashable, Sendable, BitwiseCopyable {
  public var offset: UInt32
  public var length: UInt32

  @inlinable
  public init(offset: UInt32, length: UInt32) {
    self.offset = offset
    self.length = length
  }

  @inlinable public var start: Int { Int(offset) }
  @inlinable public var count: Int { Int(length) }
}
