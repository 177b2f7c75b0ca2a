import Vectors

/// How PostgreSQL and its clients know a type: its number (OID), its name and its size.
///
/// Numbers below 10,000 are PostgreSQL's own. The sky's shapes have numbers of ours, from 16,384 on,
/// and travel as text.
public struct PostgresType: Hashable, Sendable {
  public let oid: UInt32
  /// As in `pg_type.typname`.
  public let name: String
  /// Bytes of a value; -1 for any number of them.
  public let sizeBytes: Int16
  /// The type of arrays of this one.
  public let arrayOID: UInt32

  public static let boolean = PostgresType(oid: 16, name: "bool", sizeBytes: 1, arrayOID: 1000)
  public static let bytea = PostgresType(oid: 17, name: "bytea", sizeBytes: -1, arrayOID: 1001)
  public static let int8 = PostgresType(oid: 20, name: "int8", sizeBytes: 8, arrayOID: 1016)
  public static let int2 = PostgresType(oid: 21, name: "int2", sizeBytes: 2, arrayOID: 1005)
  public static let int4 = PostgresType(oid: 23, name: "int4", sizeBytes: 4, arrayOID: 1007)
  public static let text = PostgresType(oid: 25, name: "text", sizeBytes: -1, arrayOID: 1009)
  public static let float4 = PostgresType(oid: 700, name: "float4", sizeBytes: 4, arrayOID: 1021)
  public static let float8 = PostgresType(oid: 701, name: "float8", sizeBytes: 8, arrayOID: 1022)
  public static let date = PostgresType(oid: 1082, name: "date", sizeBytes: 4, arrayOID: 1182)
  public static let timestamp =
    PostgresType(oid: 1114, name: "timestamp", sizeBytes: 8, arrayOID: 1115)
  public static let numeric = PostgresType(oid: 1700, name: "numeric", sizeBytes: -1, arrayOID: 1231)

  public static let point =
    PostgresType(oid: 16_384, name: "skypoint", sizeBytes: -1, arrayOID: 16_385)
  public static let circle =
    PostgresType(oid: 16_386, name: "skycircle", sizeBytes: -1, arrayOID: 16_387)
  public static let polygon =
    PostgresType(oid: 16_388, name: "skypolygon", sizeBytes: -1, arrayOID: 16_389)

  /// Every type that a result can have, arrays apart.
  public static let all = [
    boolean, bytea, int8, int2, int4, text, float4, float8, date, timestamp, numeric, point, circle,
    polygon,
  ]

  /// The type whose values clients are told to expect; arrays are what their elements are, told apart
  /// by `oid(of:)`. Structures and maps are text, and so is what has no type.
  public init(element type: LogicalType) {
    switch type {
    case .boolean: self = .boolean
    case .int8, .int16: self = .int2
    case .int32: self = .int4
    case .int64: self = .int8
    case .float32: self = .float4
    case .float64: self = .float8
    case .decimal: self = .numeric
    case .binary: self = .bytea
    case .date: self = .date
    case .timestamp: self = .timestamp
    case .point: self = .point
    case .circle: self = .circle
    case .polygon: self = .polygon
    case .list(let element): self.init(element: element)
    case .null, .text, .structure, .map: self = .text
    }
  }

  private init(oid: UInt32, name: String, sizeBytes: Int16, arrayOID: UInt32) {
    self.oid = oid
    self.name = name
    self.sizeBytes = sizeBytes
    self.arrayOID = arrayOID
  }

  /// The number of a type; that of an array for lists, however deep.
  public static func oid(of type: LogicalType) -> UInt32 {
    let element = PostgresType(element: type)
    if case .list = type { return element.arrayOID }
    return element.oid
  }

  public static func sizeBytes(of type: LogicalType) -> Int16 {
    if case .list = type { return -1 }
    return PostgresType(element: type).sizeBytes
  }

  /// Precision and scale of a decimal, or of the decimals in a list, as PostgreSQL packs them; -1 for
  /// other types.
  public static func modifier(of type: LogicalType) -> Int32 {
    if case .list(let element) = type { return modifier(of: element) }
    guard case .decimal(let precision, let scale) = type else { return -1 }
    return Int32(precision << 16 | scale) + 4
  }

  /// The type that a client means by a number; nil for 0 and for numbers that leave it open.
  public static func logicalType(ofOID oid: UInt32) -> LogicalType? {
    switch oid {
    case 16: .boolean
    case 17: .binary
    case 20: .int64
    case 21: .int16
    case 23, 24, 26, 2205, 2206, 4089: .int32
    case 700: .float32
    case 701: .float64
    case 1082: .date
    case 1114, 1184: .timestamp
    case 1700: .decimal(precision: 38, scale: 10)
    case 18, 19, 25, 114, 1042, 1043, 2950: .text
    default: all.first { $0.arrayOID == oid }.flatMap { logicalType(ofOID: $0.oid) }.map { .list($0) }
    }
  }
}
