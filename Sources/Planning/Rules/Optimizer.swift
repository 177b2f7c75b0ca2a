import Base
import FunctionKit
import Plans

/// Rewrites logical plans: each rule is one file, applied once in a fixed order.
public enum Optimizer {
  /// `order` tells the sky columns of a table, by full name.
  public static func optimize(
    _ plan: LogicalPlan, functions: FunctionSet, tables: any TableOrders
  ) -> LogicalPlan {
    var result = FoldConstants.apply(plan, functions: functions)
    result = JoinEqualities.apply(result)
    result = PushFilters.apply(result, functions: functions)
    result = RecogniseCones.apply(result, tables: tables)
    result = RecogniseSkyJoins.apply(result)
    result = PruneColumns.apply(result)
    result = PruneFields.apply(result)
    return result
  }
}

/// What the rules must know of stored tables.
public protocol TableOrders {
  /// The positions of the longitude and latitude columns by which the table is clustered.
  func skyColumns(schema: String, name: String) -> (lon: Int, lat: Int)?
  /// The column that holds the order-29 cells of those two, which Zij itself has computed.
  func cellColumn(schema: String, name: String) -> (index: Int, name: String)?
  /// The number of rows of a table, for estimates; nil where nobody knows.
  func rowCount(schema: String, name: String) -> Int?
}

extension TableOrders {
  public func cellColumn(schema: String, name: String) -> (index: Int, name: String)? { nil }
  public func rowCount(schema: String, name: String) -> Int? { nil }
}
