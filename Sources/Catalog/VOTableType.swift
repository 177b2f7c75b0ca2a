import Vectors

/// How a type is declared in the Virtual Observatory: VOTable's datatype and arraysize, and DALI's
/// xtype. VOTable fields, TAP_SCHEMA and VOSI tables all say this.
///
/// | type | datatype | arraysize | xtype |
/// |---|---|---|---|
/// | boolean, integers, floats | boolean, short (also tinyint), int, long, float, double | | |
/// | decimal | double: the nearest one | | |
/// | text | char, UTF-8 | * | |
/// | binary | unsignedByte | * | |
/// | date, timestamp | char | * | timestamp |
/// | point, circle, polygon | double, degrees | 2, 3, * | point, circle, polygon |
/// | list of numbers or booleans | the element's | * | |
/// | other lists, structures, maps | char: JSON | * | |
public struct VOTableType: Hashable, Sendable {
  public var datatype: String
  public var arraySize: String?
  public var xtype: String?

  public init(_ datatype: String, arraySize: String? = nil, xtype: String? = nil) {
    self.datatype = datatype
    self.arraySize = arraySize
    self.xtype = xtype
  }

  public init(_ type: LogicalType) {
    switch type {
    case .boolean: self.init("boolean")
    case .int8, .int16: self.init("short")
    case .int32: self.init("int")
    case .int64: self.init("long")
    case .float32: self.init("float")
    case .float64, .decimal: self.init("double")
    case .binary: self.init("unsignedByte", arraySize: "*")
    case .date, .timestamp: self.init("char", arraySize: "*", xtype: "timestamp")
    case .point: self.init("double", arraySize: "2", xtype: "point")
    case .circle: self.init("double", arraySize: "3", xtype: "circle")
    case .polygon: self.init("double", arraySize: "*", xtype: "polygon")
    case .list(let element) where Self.isArrayElement(element):
      self.init(VOTableType(element).datatype, arraySize: "*")
    case .null, .text, .list, .structure, .map: self.init("char", arraySize: "*")
    }
  }

  /// True for lists that are arrays of the VO; others are written as JSON.
  public static func isArrayElement(_ type: LogicalType) -> Bool {
    switch type {
    case .boolean, .int8, .int16, .int32, .int64, .float32, .float64: true
    default: false
    }
  }
}
