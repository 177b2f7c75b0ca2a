import Vectors

/// A top-level column of an ORC file.
public struct ORCColumnSchema: Hashable, Sendable {
  public var name: String
  public var type: LogicalType
  /// What is known of the column besides: "unit", "ucd", "utype", "description" and others.
  public var attributes: [String: String]

  public init(name: String, type: LogicalType, attributes: [String: String] = [:]) {
    self.name = name
    self.type = type
    self.attributes = attributes
  }

  /// The attribute that keeps a type which ORC's own types do not tell, such as `point`.
  static let typeAttribute = "zij.type"
}

extension LogicalType {
  /// What this type is read back as when nobody tells more than ORC's own types do.
  var storedInORC: LogicalType {
    switch self {
    case .null: .boolean
    case .list(let element): .list(element.storedInORC)
    case .map(let key, let value): .map(key: key.storedInORC, value: value.storedInORC)
    case .structure(let fields):
      .structure(fields.map { StructField($0.name, $0.type.storedInORC) })
    case .point:
      .structure([StructField("longitude", .float64), StructField("latitude", .float64)])
    case .circle:
      .structure([
        StructField("longitude", .float64), StructField("latitude", .float64),
        StructField("radius", .float64),
      ])
    case .polygon: .list(LogicalType.point.storedInORC)
    default: self
    }
  }
}
