import Base
import Storage
import Vectors

/// What an operator above a scan finds out about the rows it can use, while or before the scan runs.
protocol ScanRestriction: AnyObject, Sendable {
  /// False while it would let everything pass.
  var isKnown: Bool { get }
  /// True if rows whose key is NULL pass.
  var keepsNulls: Bool { get }
  /// The rows, by their keys, that may be of use; nil for all.
  func selection(of keys: Vector) -> SelectionVector?
  /// False if no row of a group may be of use whose keys lie in this zone.
  func mayHold(_ zone: ColumnZone) -> Bool
}

extension ScanRestriction {
  func mayHold(_ zone: ColumnZone) -> Bool { true }
}

/// A restriction with its key, computed from a scan's own columns. The scan tries it behind its
/// filters, and reads its other columns only where rows are left.
struct RestrictedKey: Sendable {
  let key: CompiledExpression
  let restriction: any ScanRestriction
  /// The table's column that the key is, if it is one as it stands.
  let column: Int?
  let context: EvaluationContext

  init(
    key: CompiledExpression, column: Int?, _ restriction: any ScanRestriction,
    _ context: EvaluationContext
  ) {
    self.key = key
    self.column = column
    self.restriction = restriction
    var context = context
    // Rows that fail for being NULL are seen here only; those that stay are computed again above.
    context.countsWarnings = !restriction.keepsNulls
    self.context = context
  }
}
