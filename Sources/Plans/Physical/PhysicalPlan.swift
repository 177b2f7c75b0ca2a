import Base
import Sky
import Vectors

/// How a query will run: operators over numbered input columns. A plain value that is written and
/// read as text (`PhysicalPlan.text`, `PhysicalPlan(text:)`).
public indirect enum PhysicalPlan: Hashable, Sendable {
  case tableScan(PhysicalScan)
  case singleRow
  /// Constant rows, column-wise.
  case values([[Value]], types: [LogicalType])
  case tableFunction(name: String, arguments: [Value], types: [LogicalType])
  case file(PhysicalFile)
  /// Columns of the input, then what comes of the lists' elements.
  case unnest(PhysicalPlan, UnnestPlan)
  case filter(PhysicalPlan, [ScalarExpression])
  case project(PhysicalPlan, [ScalarExpression])
  /// Groups by hash; without groups one row comes out always.
  case aggregate(PhysicalPlan, groups: [ScalarExpression], [AggregateCall])
  /// Groups within each morsel of the scan below: the morsel's number, keys and aggregates, in the
  /// order of the morsels. What a node sends of an aggregation that is merged elsewhere.
  case partialAggregate(PhysicalPlan, groups: [ScalarExpression], [AggregateCall])
  /// Window functions: the input's columns, then one for each call; rows keep their order.
  case window(PhysicalPlan, WindowPlan)
  case sort(PhysicalPlan, [SortKey])
  /// The first `count` rows behind `offset` in the order of the keys.
  case topN(PhysicalPlan, [SortKey], count: Int, offset: Int)
  case limit(PhysicalPlan, count: Int?, offset: Int)
  /// The right side is held in memory; rows come out in the order of the left one.
  case hashJoin(PhysicalJoin)
  /// One side is held in memory by its tiles of the sky; rows come out in the order of the other.
  case skyJoin(PhysicalSkyJoin)
  /// All rows of the inputs, one input after the other; there is at least one.
  case union([PhysicalPlan])
  /// The step runs again and again over the rows that it found last.
  case recursion(PhysicalRecursion)
  case workingTable(Int, types: [LogicalType])

  public var types: [LogicalType] {
    switch self {
    case .tableScan(let scan): scan.types
    case .singleRow: []
    case .values(_, let types), .tableFunction(_, _, let types): types
    case .file(let file): file.types
    case .unnest(let input, let unnest): unnest.types(over: input.types)
    case .filter(let input, _), .sort(let input, _), .topN(let input, _, _, _),
      .limit(let input, _, _):
      input.types
    case .project(_, let expressions): expressions.map(\.type)
    case .aggregate(_, let groups, let calls): groups.map(\.type) + calls.map(\.type)
    case .partialAggregate(_, let groups, let calls):
      [.int64] + groups.map(\.type) + calls.map(\.type)
    case .window(let input, let window): input.types + window.types
    case .hashJoin(let join): join.types
    case .skyJoin(let join): join.leftTypes + join.rightTypes
    case .union(let inputs): inputs.first?.types ?? []
    case .recursion(let recursion): recursion.anchor.types
    case .workingTable(_, let types): types
    }
  }

  public var inputs: [PhysicalPlan] {
    switch self {
    case .tableScan, .singleRow, .values, .tableFunction, .file, .workingTable: []
    case .filter(let input, _), .project(let input, _), .aggregate(let input, _, _),
      .partialAggregate(let input, _, _), .window(let input, _), .sort(let input, _),
      .topN(let input, _, _, _), .limit(let input, _, _):
      [input]
    case .unnest(let input, _): [input]
    case .hashJoin(let join): [join.left, join.right]
    case .skyJoin(let join): [join.left, join.right]
    case .union(let inputs): inputs
    case .recursion(let recursion): [recursion.anchor, recursion.step]
    }
  }
}

public struct PhysicalScan: Hashable, Sendable {
  public var schema: String
  public var name: String
  /// Positions in the table's columns, ascending, of all columns that are read.
  public var columns: [Int]
  /// Their types.
  public var columnTypes: [LogicalType]
  /// Their names, for EXPLAIN.
  public var columnNames: [String]
  /// Which of `columns` come out, as positions in `columns`.
  public var output: [Int]
  /// Conjuncts over `columns`, cheapest first.
  public var filters: [ScalarExpression]
  /// Order-29 cells to look in; nil: everywhere.
  public var cells: [HEALPixRange]?
  /// What is read of each of `columns`; empty if all are read whole.
  public var uses: [FieldUse]
  /// Which morsels to read, of those that remain of the table; nil: all.
  public var morsels: Range<Int>?

  public init(
    schema: String, name: String, columns: [Int], columnTypes: [LogicalType],
    columnNames: [String], output: [Int], filters: [ScalarExpression], cells: [HEALPixRange]?,
    uses: [FieldUse] = [], morsels: Range<Int>? = nil
  ) {
    self.uses = uses
    self.schema = schema
    self.name = name
    self.columns = columns
    self.columnTypes = columnTypes
    self.columnNames = columnNames
    self.output = output
    self.filters = filters
    self.cells = cells
    self.morsels = morsels
  }

  public var types: [LogicalType] { output.map { columnTypes[$0] } }
}

public struct PhysicalJoin: Hashable, Sendable {
  public var kind: JoinPlan.Kind
  public var left: PhysicalPlan
  public var right: PhysicalPlan
  public var keys: [JoinKey]
  public var residual: [ScalarExpression]

  public init(
    kind: JoinPlan.Kind, left: PhysicalPlan, right: PhysicalPlan, keys: [JoinKey],
    residual: [ScalarExpression]
  ) {
    self.kind = kind
    self.left = left
    self.right = right
    self.keys = keys
    self.residual = residual
  }

  public var types: [LogicalType] { kind.types(left: left.types, right: right.types) }
}

extension JoinPlan.Kind {
  /// The types of what comes out.
  public func types(left: [LogicalType], right: [LogicalType]) -> [LogicalType] {
    if hasRightColumns { return left + right }
    return hasMark ? left + [.boolean] : left
  }
}
