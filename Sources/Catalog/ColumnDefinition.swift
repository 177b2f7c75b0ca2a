import Vectors

/// A column of a table as users see it.
public struct ColumnDefinition: Hashable, Sendable {
  public var name: String
  public var type: LogicalType
  public var isNullable: Bool
  /// Left out of `*`, `\d` and TAP_SCHEMA, addressable by name: `_healpix_29`.
  public var isHidden: Bool
  /// VOUnit text.
  public var unit: String?
  public var ucd: String?
  public var utype: String?
  public var description: String?
  /// What clients of PostgreSQL's protocol take the type for, if `type` does not say it.
  public var systemType: SystemType?

  public init(
    _ name: String, _ type: LogicalType, isNullable: Bool = true, isHidden: Bool = false,
    unit: String? = nil, ucd: String? = nil, utype: String? = nil, description: String? = nil,
    systemType: SystemType? = nil
  ) {
    self.systemType = systemType
    self.name = name
    self.type = type
    self.isNullable = isNullable
    self.isHidden = isHidden
    self.unit = unit
    self.ucd = ucd
    self.utype = utype
    self.description = description
  }
}

/// The order in which a table's rows are stored.
public enum TableOrder: Hashable, Sendable {
  case none
  /// By `_healpix_29` of a longitude and a latitude column, degrees.
  case sky(lon: String, lat: String)
  case columns([String])
}
