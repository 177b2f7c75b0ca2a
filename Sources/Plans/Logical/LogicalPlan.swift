import Base
import Catalog
import Sky
import Vectors

/// What a query means: a tree of relational operators over bound expressions.
public indirect enum LogicalPlan: Sendable {
  case scan(TableScan)
  /// One row without columns: the input of a SELECT without FROM.
  case singleRow
  case values(rows: [[ScalarExpression]], columns: [PlanColumn])
  case tableFunction(name: String, arguments: [Value], columns: [PlanColumn])
  /// Rows read straight from a file.
  case file(FileRead)
  case filter(LogicalPlan, [ScalarExpression])
  case project(LogicalPlan, [ScalarExpression], columns: [PlanColumn])
  case aggregate(LogicalPlan, groups: [ScalarExpression], [AggregateCall], columns: [PlanColumn])
  /// The input's columns, then one for each call.
  case window(LogicalPlan, WindowPlan, columns: [PlanColumn])
  case distinct(LogicalPlan)
  case sort(LogicalPlan, [SortKey])
  case limit(LogicalPlan, count: Int?, offset: Int)
  case join(JoinPlan)
  /// All rows of the inputs, one input after the other; the inputs have the types of `columns`.
  case union([LogicalPlan], columns: [PlanColumn])
  /// Columns of the input, then what comes of the lists' elements.
  case unnest(LogicalPlan, UnnestPlan, columns: [PlanColumn])
  /// WITH RECURSIVE.
  case recursion(RecursionPlan)
  /// In the step of the recursion of that number: the rows that the step before has found.
  case workingTable(Int, columns: [PlanColumn])

  public var columns: [PlanColumn] {
    switch self {
    case .scan(let scan): return scan.outputColumns
    case .singleRow: return []
    case .file(let file): return file.outputColumns
    case .values(_, let columns), .tableFunction(_, _, let columns), .project(_, _, let columns),
      .aggregate(_, _, _, let columns), .window(_, _, let columns), .union(_, let columns),
      .unnest(_, _, let columns), .workingTable(_, let columns):
      return columns
    case .recursion(let recursion): return recursion.anchor.columns
    case .filter(let input, _), .distinct(let input), .sort(let input, _), .limit(let input, _, _):
      return input.columns
    case .join(let join): return join.columns
    }
  }
}

/// A column that an operator gives: type, name and what is known of its meaning.
public struct PlanColumn: Hashable, Sendable {
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

  public init(_ column: ColumnDefinition) {
    self.init(
      column.name, column.type, unit: column.unit, ucd: column.ucd, utype: column.utype,
      description: column.description, systemType: column.systemType)
  }
}

/// Reads a table: some of its columns, only rows that pass all conjuncts.
public struct TableScan: Sendable {
  /// The table's full name, which finds it again in a catalogue.
  public var schema: String
  public var name: String
  /// All columns of the table.
  public var tableColumns: [PlanColumn]
  /// The table's columns that come out, in order.
  public var projection: [Int]
  /// Conjuncts over the *table's* columns.
  public var filters: [ScalarExpression]
  /// Order-29 cells outside which no row can pass `filters`; nil: anywhere.
  public var cells: [HEALPixRange]?
  /// By position in the table's columns, what is read of those that are not read whole.
  public var uses: [Int: FieldUse] = [:]

  public init(
    schema: String, name: String, tableColumns: [PlanColumn], projection: [Int],
    filters: [ScalarExpression] = [], cells: [HEALPixRange]? = nil
  ) {
    self.schema = schema
    self.name = name
    self.tableColumns = tableColumns
    self.projection = projection
    self.filters = filters
    self.cells = cells
  }

  public var outputColumns: [PlanColumn] { projection.map { tableColumns[$0] } }
}

/// A join of two inputs; its kind says which columns it has.
public struct JoinPlan: Sendable {
  public enum Kind: String, Hashable, Sendable {
    case inner, left, full
    /// Left rows with (without) a partner, once, with the left columns alone.
    case semi, anti
    /// A left join that raises 21000 where a left row has two partners; rows keep their place.
    case single
    /// Left rows in their order, and a boolean column: has the row a partner?
    case mark
    /// The same for `x IN (…)`, whose equality is the last key: NULL where it is not known. There
    /// are no residual conditions.
    case markIn

    /// Are the right columns part of the result?
    public var hasRightColumns: Bool {
      switch self {
      case .inner, .left, .full, .single: true
      case .semi, .anti, .mark, .markIn: false
      }
    }

    public var hasMark: Bool { self == .mark || self == .markIn }

    /// Does a condition on left columns alone, above the join, mean the same below it?
    public var keepsLeftRows: Bool { self != .full }
  }

  public var kind: Kind
  public var left: LogicalPlan
  public var right: LogicalPlan
  /// Pairs that must be equal: an expression over the left's columns, one over the right's.
  public var keys: [JoinKey]
  /// Further conditions over the columns of both.
  public var residual: [ScalarExpression]
  /// The condition by which the sides are joined on the sky; nil for any other join.
  public var sky: SkyJoinCondition?

  public init(
    kind: Kind, left: LogicalPlan, right: LogicalPlan, keys: [JoinKey],
    residual: [ScalarExpression], sky: SkyJoinCondition? = nil
  ) {
    self.kind = kind
    self.left = left
    self.right = right
    self.keys = keys
    self.residual = residual
    self.sky = sky
  }

  public var columns: [PlanColumn] {
    if kind.hasRightColumns { return left.columns + right.columns }
    return kind.hasMark ? left.columns + [PlanColumn("mark", .boolean)] : left.columns
  }
}

public struct JoinKey: Hashable, Sendable {
  public var left: ScalarExpression
  public var right: ScalarExpression
  /// IS NOT DISTINCT FROM in place of `=`: NULL equals NULL.
  public var matchesNulls: Bool

  public init(left: ScalarExpression, right: ScalarExpression, matchesNulls: Bool = false) {
    self.left = left
    self.right = right
    self.matchesNulls = matchesNulls
  }

  public func mapping(
    left: (ScalarExpression) -> ScalarExpression, right: (ScalarExpression) -> ScalarExpression
  ) -> JoinKey {
    JoinKey(left: left(self.left), right: right(self.right), matchesNulls: matchesNulls)
  }
}
