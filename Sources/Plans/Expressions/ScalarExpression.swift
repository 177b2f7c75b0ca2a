import Base
import Vectors

/// A bound expression over the columns of its input: a plain value, no closures, functions named by
/// name and argument types, so that a plan can be written, read back and sent elsewhere.
public indirect enum ScalarExpression: Hashable, Sendable {
  /// Column `index` of the input.
  case column(Int, LogicalType)
  case literal(Value, LogicalType)
  /// `$n`, counted from 1; replaced by its value before a plan runs.
  case parameter(Int, LogicalType)
  /// A scalar function; the arguments have exactly `argumentTypes`.
  case call(FunctionCallExpression)
  case cast(ScalarExpression, LogicalType)
  /// A field of a structure by its position; of a list of structures, the list of its elements'
  /// fields.
  case field(ScalarExpression, Int, LogicalType)
  case and([ScalarExpression])
  case or([ScalarExpression])
  case not(ScalarExpression)
  case isNull(ScalarExpression, isNegated: Bool)
  /// The first branch whose condition is true; NULL without `otherwise`.
  case caseWhen([CaseBranch], otherwise: ScalarExpression?, LogicalType)
  /// `x IN (constants)`, all of the type of `x`; NULLs among them are said by `hasNull`.
  case inSet(ScalarExpression, [Value], hasNull: Bool)
  /// LIKE with a constant pattern.
  case like(ScalarExpression, pattern: String, escape: String?, isCaseInsensitive: Bool)
  /// Is a position inside a cone? Every spelling of a cone search becomes this.
  case inCone(lon: ScalarExpression, lat: ScalarExpression, Cone)

  public var type: LogicalType {
    switch self {
    case .column(_, let type), .literal(_, let type), .parameter(_, let type),
      .cast(_, let type), .field(_, _, let type), .caseWhen(_, _, let type):
      return type
    case .call(let call): return call.type
    case .and, .or, .not, .isNull, .inSet, .like, .inCone: return .boolean
    }
  }
}

public struct FunctionCallExpression: Hashable, Sendable {
  public var name: String
  public var argumentTypes: [LogicalType]
  public var arguments: [ScalarExpression]
  public var type: LogicalType
  /// Where the call stands in the text; not part of the plan's identity.
  public var range: SourceRange?

  public init(
    name: String, argumentTypes: [LogicalType], arguments: [ScalarExpression], type: LogicalType,
    range: SourceRange? = nil
  ) {
    self.name = name
    self.argumentTypes = argumentTypes
    self.arguments = arguments
    self.type = type
    self.range = range
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.name == b.name && a.argumentTypes == b.argumentTypes && a.arguments == b.arguments
      && a.type == b.type
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(arguments)
  }
}

public struct CaseBranch: Hashable, Sendable {
  public var condition: ScalarExpression
  public var result: ScalarExpression

  public init(condition: ScalarExpression, result: ScalarExpression) {
    self.condition = condition
    self.result = result
  }
}

/// A circle on the sky, degrees; `isInclusive` says whether its edge belongs to it.
public struct Cone: Hashable, Sendable {
  public var lonDeg: Double
  public var latDeg: Double
  public var radiusDeg: Double
  public var isInclusive: Bool

  public init(lonDeg: Double, latDeg: Double, radiusDeg: Double, isInclusive: Bool) {
    self.lonDeg = lonDeg
    self.latDeg = latDeg
    self.radiusDeg = radiusDeg
    self.isInclusive = isInclusive
  }
}

/// One aggregate of an aggregation: its function, arguments, DISTINCT and FILTER.
public struct AggregateCall: Hashable, Sendable {
  public var name: String
  public var argumentTypes: [LogicalType]
  public var arguments: [ScalarExpression]
  public var isDistinct: Bool
  public var filter: ScalarExpression?
  public var type: LogicalType

  public init(
    name: String, argumentTypes: [LogicalType], arguments: [ScalarExpression],
    isDistinct: Bool = false, filter: ScalarExpression? = nil, type: LogicalType
  ) {
    self.name = name
    self.argumentTypes = argumentTypes
    self.arguments = arguments
    self.isDistinct = isDistinct
    self.filter = filter
    self.type = type
  }
}

/// One key of a sort: NULLs last when ascending, as PostgreSQL has it, unless said otherwise.
public struct SortKey: Hashable, Sendable {
  public var expression: ScalarExpression
  public var isDescending: Bool
  public var nullsFirst: Bool

  public init(_ expression: ScalarExpression, isDescending: Bool = false, nullsFirst: Bool? = nil) {
    self.expression = expression
    self.isDescending = isDescending
    self.nullsFirst = nullsFirst ?? isDescending
  }
}
