import Base
import Catalog
import FunctionKit
import Functions
import Parsing
import Plans
import Vectors

/// Gives names and types to a syntax tree: every column found, every function resolved, every
/// coercion written out. Errors carry the place and, where something similar exists, its name.
public struct Binder {
  let environment: BindingEnvironment
  /// Types found so far for `$1`, `$2` …
  var parameterTypes: [LogicalType?] = []
  /// Common table expressions in scope, innermost last.
  var commonTables: [BoundCommonTable] = []
  /// How often the steps of recursions, by their number, read their working tables.
  var recursionMentions: [Int] = []
  /// The aggregates of the SELECT being bound; nil where none are allowed.
  var aggregates: AggregateCollector?
  /// The window functions of the SELECT being bound; nil where none are allowed.
  var windows: WindowCollector?
  /// The subqueries of the clause being bound; nil where none are allowed.
  var subqueries: SubqueryCollector?
  /// The queries around the one being bound, innermost last.
  var outerQueries: [OuterQuery] = []
  /// The WINDOW clause of the SELECT being bound.
  var namedWindows: [NamedWindow] = []
  /// Where aggregates are not allowed, the clause to name in the error.
  var clause = "WHERE"
  var levels = BinderLevels()
  /// The column types that VALUES directly under INSERT must give; empty otherwise.
  var assignedTypes: [LogicalType] = []

  public init(_ environment: BindingEnvironment) {
    self.environment = environment
    if environment.parameters == nil { parameterTypes = environment.parameterTypes }
  }

  public static func bind(
    _ query: Query, in environment: BindingEnvironment
  ) throws(SQLError) -> BoundQuery {
    var binder = Binder(environment)
    return try binder.bindWhole(query)
  }

  /// Binds the source of an INSERT: its VALUES take the types of the columns they go to.
  public static func bind(
    _ query: Query, in environment: BindingEnvironment, assigning types: [LogicalType]
  ) throws(SQLError) -> BoundQuery {
    var binder = Binder(environment)
    if case .values = query.body { binder.assignedTypes = types }
    return try binder.bindWhole(query)
  }

  private mutating func bindWhole(_ query: Query) throws(SQLError) -> BoundQuery {
    let plan = try showingSystemTypes(try bindQuery(query))
    // Placeholders are numbers far from those of columns; execution would take them for columns.
    if plan.reads({ $0 < 0 || $0 >= OuterQuery.firstColumn }) {
      throw SQLError(
        .internalError, "a value of this query has no place in its plan", at: query.range,
        hint: "Compute parts of it in subqueries in FROM.")
    }
    return BoundQuery(plan: plan, parameterTypes: parameterTypes.map { $0 ?? .text })
  }
}

/// Collects the aggregate calls of one SELECT while its expressions are bound.
struct AggregateCollector {
  var calls: [AggregateCall] = []
  /// `f(x ORDER BY y)`: the order in which all aggregates see the rows; empty for any.
  var order: [SortKey] = []

  /// Placeholder columns are negative until the groups are known: call k is column -1 - k.
  mutating func add(_ call: AggregateCall) -> ScalarExpression {
    if let index = calls.firstIndex(of: call) { return .column(-1 - index, call.type) }
    calls.append(call)
    return .column(-calls.count, call.type)
  }
}
