import Plans
import Vectors

extension PhysicalPlanner {
  func skyJoin(_ join: JoinPlan, _ sky: SkyJoinCondition) -> PhysicalPlan {
    let leftWidth = join.left.columns.count
    let equalities = join.keys.map { key -> ScalarExpression in
      let right = key.right.mappingColumns { $0 + leftWidth }
      return .call(
        FunctionCallExpression(
          name: "=", argumentTypes: [key.left.type, right.type], arguments: [key.left, right],
          type: .boolean))
    }
    // A left join pays for holding its left side with a second look at it.
    let leastFactor = join.kind == .inner ? 1 : 16
    let buildsLeft = estimate(join.left) < estimate(join.right) / leastFactor
    let (left, right) = (plan(join.left), plan(join.right))
    let leftWithCells = addingCells(of: sky.left, to: left)
    let rightWithCells = addingCells(of: sky.right, to: right)
    return .skyJoin(
      PhysicalSkyJoin(
        kind: join.kind, left: leftWithCells ?? left, right: rightWithCells ?? right,
        leftHasCells: leftWithCells != nil, rightHasCells: rightWithCells != nil, condition: sky,
        buildsLeft: buildsLeft, residual: equalities + join.residual))
  }

  // MARK: Cells

  /// The plan with one more column at its end, the order-29 cells of a position; nil where no table
  /// stores them.
  private func addingCells(of position: SkyPosition, to plan: PhysicalPlan) -> PhysicalPlan? {
    guard let lon = Self.column(position.lon), let lat = Self.column(position.lat) else {
      return nil
    }
    switch plan {
    case .tableScan(let scan): return addingCells(lon, lat, to: scan)
    case .filter(let input, let terms):
      return addingCells(of: position, to: input).map { .filter($0, terms) }
    case .project(let input, let expressions):
      let below = SkyPosition(lon: expressions[lon], lat: expressions[lat])
      guard let new = addingCells(of: below, to: input) else { return nil }
      return .project(new, expressions + [.column(input.types.count, .int64)])
    default: return nil
    }
  }

  /// The column itself or a real one made double, from which cells are computed.
  private static func column(_ expression: ScalarExpression) -> Int? {
    switch expression {
    case .column(let index, _), .cast(.column(let index, .float32), .float64): index
    default: nil
    }
  }

  private func addingCells(_ lon: Int, _ lat: Int, to old: PhysicalScan) -> PhysicalPlan? {
    guard let cell = tables?.cellColumn(schema: old.schema, name: old.name),
      let sky = tables?.skyColumns(schema: old.schema, name: old.name),
      old.columns[old.output[lon]] == sky.lon, old.columns[old.output[lat]] == sky.lat
    else { return nil }
    var scan = old
    let place = scan.columns.firstIndex { $0 >= cell.index } ?? scan.columns.count
    if place == scan.columns.count || scan.columns[place] != cell.index {
      scan.columns.insert(cell.index, at: place)
      scan.columnTypes.insert(.int64, at: place)
      scan.columnNames.insert(cell.name, at: place)
      scan.output = scan.output.map { $0 < place ? $0 : $0 + 1 }
      scan.filters = scan.filters.map { $0.mappingColumns { $0 < place ? $0 : $0 + 1 } }
    }
    scan.output.append(place)
    return .tableScan(scan)
  }
}
