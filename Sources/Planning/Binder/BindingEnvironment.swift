import Base
import Catalog
import FunctionKit
import Parsing
import Plans
import Vectors

/// What names mean while a statement is bound.
public struct BindingEnvironment: Sendable {
  public var catalog: CatalogSnapshot
  public var functions: FunctionSet
  public var dialect: Dialect
  /// The values of `$1`, `$2` …; nil when a statement is prepared and their types are inferred.
  public var parameters: [Value]?
  /// The types that a client has declared for `$1`, `$2` …; nil where it leaves them open, and missing
  /// ones are open, too.
  public var parameterTypes: [LogicalType?] = []
  /// Finds out the columns of a file in FROM; errors have their place in the reference.
  public var fileColumns:
    (@Sendable (FileSource, FileReference) throws(SQLError) -> [PlanColumn])?

  /// The session, for names of objects: `'gaia'::regclass`.
  public var facts: (any SessionFacts)?

  public init(
    catalog: CatalogSnapshot, functions: FunctionSet, dialect: Dialect = .sql,
    parameters: [Value]? = nil
  ) {
    self.catalog = catalog
    self.functions = functions
    self.dialect = dialect
    self.parameters = parameters
  }
}

/// A bound query: its plan and the types inferred for its parameters.
public struct BoundQuery: Sendable {
  public var plan: LogicalPlan
  public var parameterTypes: [LogicalType]
  public var columns: [PlanColumn] { plan.columns }
}
