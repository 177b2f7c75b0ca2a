import Vectors

/// A column or a part of one in an Arrow schema.
public struct ArrowField: Hashable, Sendable {
  public var name: String
  public var type: ArrowType
  public var isNullable = true
  public var children: [ArrowField] = []
  public var metadata: [String: String] = [:]
  /// Set when the values are indices into a dictionary; `type` is that of its values then.
  public var dictionary: Dictionary?

  public struct Dictionary: Hashable, Sendable {
    public var id: Int64
    public var indexBits: Int
    public var isSigned: Bool
  }

  /// Key of metadata for what a structure or list means beyond its layout.
  static let extensionName = "ARROW:extension:name"

  public init(
    _ name: String, _ type: ArrowType, children: [ArrowField] = [],
    metadata: [String: String] = [:]
  ) {
    self.name = name
    self.type = type
    self.children = children
    self.metadata = metadata
  }

  /// How a column of `type` is written. Points, circles and polygons are structures of doubles and
  /// lists of such, with the extension names `zij.point`, `zij.circle` and `zij.polygon`.
  public init(_ name: String, _ type: LogicalType, metadata: [String: String] = [:]) {
    self.init(name, ArrowType(type), metadata: metadata)
    switch type {
    case .list(let element): children = [ArrowField("item", element)]
    case .structure(let fields): children = fields.map { ArrowField($0.name, $0.type) }
    case .map(let key, let value):
      var entries = ArrowField("entries", .structure([]))
      entries.isNullable = false
      entries.children = [ArrowField("key", key), ArrowField("value", value)]
      entries.children[0].isNullable = false
      children = [entries]
    case .point: shape("zij.point", Self.coordinates)
    case .circle: shape("zij.circle", Self.coordinates + [ArrowField("radius", .float64)])
    case .polygon:
      shape("zij.polygon", [ArrowField("item", .structure, children: Self.coordinates)])
    default: break
    }
  }

  /// Longitude and latitude in degrees.
  private static var coordinates: [ArrowField] {
    [ArrowField("lon", LogicalType.float64), ArrowField("lat", LogicalType.float64)]
  }

  private mutating func shape(_ name: String, _ children: [ArrowField]) {
    self.children = children
    metadata[Self.extensionName] = name
  }
}

extension ArrowType {
  /// The type in which values of `type` are written.
  init(_ type: LogicalType) {
    self =
      switch type {
      case .null: .null
      case .boolean: .boolean
      case .int8: .integer(bits: 8, isSigned: true)
      case .int16: .integer(bits: 16, isSigned: true)
      case .int32: .integer(bits: 32, isSigned: true)
      case .int64: .integer(bits: 64, isSigned: true)
      case .float32: .float(bits: 32)
      case .float64: .float(bits: 64)
      case .decimal(let precision, let scale):
        .decimal(precision: precision, scale: scale, bits: 128)
      case .text: .utf8(isLarge: false)
      case .binary: .binary(isLarge: false)
      case .date: .date
      case .timestamp: .timestamp(.nanosecond, zone: nil)
      case .list, .polygon: .list(isLarge: false)
      case .structure, .point, .circle: .structure
      case .map: .map
      }
  }
}
