import Catalog
import Plans
import Vectors

/// A column of a result: name, type and what is known of its meaning.
public struct ResultColumn: Hashable, Sendable {
  public var name: String
  public var type: LogicalType
  public var unit: String?
  public var ucd: String?
  public var utype: String?
  public var description: String?
  /// What clients of PostgreSQL's protocol take the type for, if `type` does not say it.
  public var systemType: SystemType?

  public init(
    _ name: String, _ type: LogicalType, unit: String? = nil, ucd: String? = nil,
    utype: String? = nil, description: String? = nil, systemType: SystemType? = nil
  ) {
    self.systemType = systemType
    self.name = name
    self.type = type
    self.unit = unit
    self.ucd = ucd
    self.utype = utype
    self.description = description
  }
}

extension PlanColumn {
  init(_ column: ResultColumn) {
    self.init(
      column.name, column.type, unit: column.unit, ucd: column.ucd, utype: column.utype,
      description: column.description, systemType: column.systemType)
  }
}

extension ResultColumn {
  init(_ column: PlanColumn) {
    self.init(
      column.name, column.type, unit: column.unit, ucd: column.ucd, utype: column.utype,
      description: column.description, systemType: column.systemType)
  }

  init(_ column: ColumnDefinition) {
    self.init(
      column.name, column.type, unit: column.unit, ucd: column.ucd, utype: column.utype,
      description: column.description, systemType: column.systemType)
  }
}
