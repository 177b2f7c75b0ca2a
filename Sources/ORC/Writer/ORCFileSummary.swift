import Vectors

/// What a finished file holds, for whoever keeps its statistics elsewhere.
public struct ORCFileSummary: Sendable {
  public var rowCount: Int
  public var sizeBytes: Int
  public var stripes: [ORCStripe]
  /// First row in the file and number of rows of every row group, over all stripes.
  public var rowGroups: [Range<Int>]
  /// One a top-level column.
  public var columns: [ORCGroupStatistics]
}

/// The bounds and counts of one column in every row group, as plain arrays over all stripes.
public struct ORCGroupStatistics: Sendable {
  /// Bounds of the values that are neither NULL nor NaN.
  public enum Bounds: Sendable {
    case none
    /// Integers, dates (days) and timestamps (nanoseconds). Without values: `Int64.max`, `.min`.
    case integers(minimum: [Int64], maximum: [Int64])
    /// Real numbers. Without values: ∞, −∞.
    case doubles(minimum: [Double], maximum: [Double])
  }

  public internal(set) var bounds: Bounds
  public internal(set) var nullCounts: [Int] = []
  public internal(set) var nanCounts: [Int] = []
  /// The same of a structure's fields: a point's longitude and latitude, for example.
  public internal(set) var fields: [ORCGroupStatistics]

  init(_ writer: ColumnWriter) {
    switch writer.type {
    case .int8, .int16, .int32, .int64, .date, .timestamp:
      bounds = .integers(minimum: [], maximum: [])
    case .float32, .float64: bounds = .doubles(minimum: [], maximum: [])
    default: bounds = .none
    }
    fields =
      writer.type.physical == .structure ? writer.children.map { ORCGroupStatistics($0) } : []
  }

  /// Adds the row groups of the stripe that `writer` has just finished.
  mutating func append(_ writer: ColumnWriter) {
    nullCounts += writer.groups.map(\.nullCount)
    nanCounts += writer.groups.map(\.nanCount)
    switch bounds {
    case .none: break
    case .integers(var minimum, var maximum):
      bounds = .none
      minimum += writer.groups.map { $0.integers?.minimum ?? .max }
      maximum += writer.groups.map { $0.integers?.maximum ?? .min }
      bounds = .integers(minimum: minimum, maximum: maximum)
    case .doubles(var minimum, var maximum):
      bounds = .none
      minimum += writer.groups.map { $0.doubles?.minimum ?? .infinity }
      maximum += writer.groups.map { $0.doubles?.maximum ?? -.infinity }
      bounds = .doubles(minimum: minimum, maximum: maximum)
    }
    for index in fields.indices { fields[index].append(writer.children[index]) }
  }
}
