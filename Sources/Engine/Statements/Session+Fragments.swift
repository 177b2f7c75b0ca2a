import Base
import Execution
import Parsing
import Planning
import Plans
import Storage
import Vectors

/// Queries in parts, for nodes that share the database: `EXPLAIN (FRAGMENTS n)` and `FRAGMENT`.
extension Session {
  /// A row for each part: the statement that computes it, where its rows are, and how the parts are
  /// put together.
  func fragments(
    _ explain: Explain, _ count: String, _ parameters: [Value]
  ) throws(SQLError) -> StatementResult {
    let runner = try QueryRunner(self, parameters: parameters)
    let part = try FragmentPlan(explain.statement, runner, count: count, at: explain.range)
    let query = explain.statement.description
    let rows = part.tiles.enumerated().map { (index, tile) -> [Value] in
      let statement =
        "FRAGMENT \(index + 1) OF \(part.count) AT '\(part.snapshotName)' \(query)"
      return [
        .text(String(index + 1)), .text(String(tile.rowCount)),
        tile.cells.map { .text(String($0.lower)) } ?? .null,
        tile.cells.map { .text(String($0.upper)) } ?? .null,
        .text(statement), .text(part.cut.finish),
      ]
    }
    return textResult("EXPLAIN", columns: Self.fragmentColumns, rows: rows)
  }

  static let fragmentColumns = [
    "fragment", "rows", "first_cell", "end_cell", "statement", "finish",
  ]

  func columns(
    of fragment: Fragment, parameters: [Value]
  ) throws(SQLError) -> [ResultColumn] {
    let runner = try QueryRunner(self, parameters: parameters)
    let part = try FragmentPlan(fragment.query, runner, count: fragment.count, at: fragment.range)
    return part.prepared(for: 0..<0).columns
  }

  func run(_ fragment: Fragment, _ parameters: [Value]) throws(SQLError) -> StatementResult {
    let runner = try QueryRunner(self, parameters: parameters)
    let part = try FragmentPlan(fragment.query, runner, count: fragment.count, at: fragment.range)
    guard part.snapshotName == fragment.snapshot else {
      throw SQLError(
        .objectNotInPrerequisiteState,
        "the table is not as it was: snapshot \(part.snapshotName), not \(fragment.snapshot)",
        at: fragment.range, hint: "Begin again with EXPLAIN (FRAGMENTS …).")
    }
    guard let number = Int(fragment.number), (1...part.count).contains(number) else {
      throw SQLError(
        .invalidParameterValue, "fragments are numbered from 1 to \(part.count)",
        at: fragment.range)
    }
    // With few morsels there are fewer tiles than were asked for.
    let morsels = number <= part.tiles.count ? part.tiles[number - 1].morsels : 0..<0
    let context = makeContext()
    let stream = try runner.start(
      part.prepared(for: morsels), context: context, seeing: part.snapshots)
    return StatementResult(tag: "SELECT", stream: stream, context: context)
  }
}

/// A query that is to be computed in parts.
private struct FragmentPlan {
  let cut: QueryCut
  let tiles: [ScanTile]
  let count: Int
  /// Names the rows that the table has: only the same ones give the same tiles.
  let snapshotName: String
  /// The rows that the name stands for, and what keeps their files.
  let snapshots: SnapshotCache
  private let pin: PinnedState?
  private let prepared: QueryRunner.Prepared

  static let mostFragments = 100_000

  init(
    _ query: Query, _ runner: QueryRunner, count text: String, at range: SourceRange
  ) throws(SQLError) {
    guard let count = Int(text), (1...Self.mostFragments).contains(count) else {
      throw SQLError(
        .invalidParameterValue, "a query is cut into 1 to \(Self.mostFragments) fragments",
        at: range)
    }
    self.count = count
    prepared = try runner.prepare(query)
    do throws(SQLError) {
      cut = try QueryCut(
        prepared.physical, names: prepared.columns.map(\.name),
        functions: runner.environment.functions)
    } catch {
      throw error.at(query.range)
    }
    let database = runner.session.database
    let snapshots = SnapshotCache(
      catalog: runner.environment.catalog, facts: runner.environment.facts)
    self.snapshots = snapshots
    pin = database.directory?.pin()
    let scan = cut.scan
    // The version stands for the columns, the snapshot's own name for the rows.
    let (snapshot, version) = try database.visibility.locked { () throws(SQLError) in
      (
        try snapshots.snapshot(schema: scan.schema, name: scan.name),
        database.directory?.state.version ?? 0
      )
    }
    guard let name = snapshot.storedName else {
      throw SQLError(
        .featureNotSupported, "the table has rows that are in no segment yet", at: query.range,
        hint: "CHECKPOINT brings them there; fragments read what is stored in segments.")
    }
    tiles = ScanTile.tiles(of: scan, in: snapshot, count: count)
    snapshotName = "\(version).\(name)"
  }

  func prepared(for morsels: Range<Int>) -> QueryRunner.Prepared {
    let plan = cut.fragment(morsels)
    let columns = zip(cut.names, plan.types).map { ResultColumn($0, $1) }
    return QueryRunner.Prepared(logical: prepared.logical, physical: plan, columns: columns)
  }
}
