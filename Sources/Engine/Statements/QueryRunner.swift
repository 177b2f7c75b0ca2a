import Base
import Catalog
import Execution
import FunctionKit
import Parsing
import Planning
import Plans
import Storage
import Synchronization
import Vectors

/// Takes a query from its syntax tree to a stream of rows.
struct QueryRunner {
  let session: Session
  let environment: BindingEnvironment
  /// How a plan's files are opened.
  var openFile: @Sendable (PhysicalFile, QueryContext) throws(SQLError) -> FileParts

  /// `replacing`: what the statement sees in place of the table of its name.
  init(
    _ session: Session, parameters: [Value], replacing table: (any CatalogTable)? = nil
  ) throws(SQLError) {
    self.session = session
    let files = StatementFiles(session)
    var environment = try session.bindingEnvironment(parameters: parameters, files: files)
    if let table { environment.catalog = environment.catalog.replacing(table) }
    self.environment = environment
    openFile = { (read, context) throws(SQLError) in try files.parts(read, context: context) }
  }

  /// A query ready to run: what EXPLAIN shows and what a stream is made of.
  struct Prepared {
    let logical: LogicalPlan
    let physical: PhysicalPlan
    var columns: [ResultColumn]
  }

  func prepare(_ query: Query) throws(SQLError) -> Prepared {
    let bound = try Binder.bind(query, in: environment)
    return plan(bound.plan)
  }

  func plan(_ logical: LogicalPlan) -> Prepared {
    let tables = CatalogOrders(catalog: environment.catalog)
    let optimized = Optimizer.optimize(
      logical, functions: environment.functions, tables: tables)
    let physical = PhysicalPlanner(functions: environment.functions, tables: tables)
      .plan(optimized)
    return Prepared(
      logical: optimized, physical: physical, columns: logical.columns.map(ResultColumn.init))
  }

  /// The rows of a plan of constants, without workers; nil for other plans.
  func immediate(_ prepared: Prepared, context: QueryContext) throws(SQLError) -> [Batch]? {
    let snapshots = SnapshotCache(catalog: environment.catalog, facts: environment.facts)
    return try ImmediateRows.batches(
      of: prepared.physical, in: surroundings(snapshots), context: context)
  }

  private func surroundings(_ snapshots: SnapshotCache) -> ExecutionEnvironment {
    var surroundings = ExecutionEnvironment(
      functions: environment.functions, domainErrors: environment.dialect != .sql ? .null : .raise,
      snapshot: { (schema, name) throws(SQLError) in
        try snapshots.snapshot(schema: schema, name: name)
      },
      file: openFile)
    surroundings.facts = environment.facts
    return surroundings
  }

  /// Starts a plan on the workers; it sees the rows of `known` where those were taken already.
  func start(
    _ prepared: Prepared, context: QueryContext, seeing known: SnapshotCache? = nil
  ) throws(SQLError) -> ResultStream {
    let database = session.database
    let snapshots =
      known ?? SnapshotCache(catalog: environment.catalog, facts: environment.facts)
    try snapshots.take(prepared.physical, while: database.visibility)
    let pin = database.directory?.pin()
    let execution = try PipelineBuilder.execution(
      of: prepared.physical, in: surroundings(snapshots), context: context)
    session.setRunning(RunningStatement(context: context, execution: execution))
    try database.scheduler.submit(execution)
    var retained: [AnyObject] = [snapshots]
    if let pin { retained.append(pin) }
    return ResultStream(columns: prepared.columns, execution: execution, retaining: retained)
  }
}

/// Gives a table's snapshot once a statement: every mention sees the same rows.
final class SnapshotCache: Sendable {
  private let catalog: CatalogSnapshot
  private let facts: (any SessionFacts)?
  private let known = Mutex<[String: TableSnapshot]>([:])

  init(catalog: CatalogSnapshot, facts: (any SessionFacts)? = nil) {
    self.catalog = catalog
    self.facts = facts
  }

  /// Takes the snapshots of all tables of a plan at one moment: no commit lies between them.
  func take(_ plan: PhysicalPlan, while visibility: Monitor) throws(SQLError) {
    var scans: [PhysicalScan] = []
    var waiting = [plan]
    while let next = waiting.popLast() {
      if case .tableScan(let scan) = next { scans.append(scan) }
      waiting += next.inputs
    }
    guard scans.count > 1 else { return }
    try visibility.locked { () throws(SQLError) in
      for scan in scans { _ = try snapshot(schema: scan.schema, name: scan.name) }
    }
  }

  func snapshot(schema: String, name: String) throws(SQLError) -> TableSnapshot {
    let key = "\(schema).\(name)"
    if let snapshot = known.withLock({ $0[key] }) { return snapshot }
    guard let table = catalog.table(schema: schema, name: name) else {
      throw catalog.undefined(key, at: nil)
    }
    let snapshot: TableSnapshot
    if let facts, let virtual = table as? VirtualTable {
      snapshot = try virtual.snapshot(for: facts)
    } else {
      snapshot = try table.snapshot()
    }
    known.withLock { $0[key] = snapshot }
    return snapshot
  }
}

/// Tells the planner by which columns tables are clustered.
struct CatalogOrders: TableOrders {
  let catalog: CatalogSnapshot

  func skyColumns(schema: String, name: String) -> (lon: Int, lat: Int)? {
    guard let table = catalog.table(schema: schema, name: name),
      case .sky(let lonName, let latName) = table.order,
      let lon = table.columns.firstIndex(where: { $0.name == lonName }),
      let lat = table.columns.firstIndex(where: { $0.name == latName })
    else { return nil }
    return (lon, lat)
  }

  func cellColumn(schema: String, name: String) -> (index: Int, name: String)? {
    guard let table = catalog.table(schema: schema, name: name),
      let index = table.columns.firstIndex(where: { $0.isHidden && $0.name == Table.cellColumn })
    else { return nil }
    return (index, Table.cellColumn)
  }

  func rowCount(schema: String, name: String) -> Int? {
    guard let table = catalog.table(schema: schema, name: name) else { return nil }
    // Some virtual tables would have to make their rows to count them.
    if let virtual = table as? VirtualTable { return virtual.rowCount?() }
    return (try? table.snapshot())?.rowCount
  }
}
