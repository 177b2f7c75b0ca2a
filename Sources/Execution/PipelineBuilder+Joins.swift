import Base
import FunctionKit
import Plans
import Storage
import Vectors

/// Joins: the held side is a pipeline of its own, the other one looks things up in it.
extension PipelineBuilder {
  mutating func hashJoin(
    _ join: PhysicalJoin, _ own: OperatorMetrics
  ) throws(SQLError) -> Open {
    let filter = keyFilter(join)
    var left = try build(join.left, below: filter, join.keys.first?.left)
    let right = try build(join.right)
    let sink = JoinBuildSink(
      kind: join.kind, types: join.right.types,
      keys: try compiler.compile(join.keys.map(\.right)),
      keyTypes: join.keys.map(\.right.type), matchesNulls: join.keys.map(\.matchesNulls),
      filter: filter, evaluation: evaluation)
    left.dependencies.append(close(right, sink, own))
    let keys = try compiler.compile(join.keys.map(\.left))
    let residual = try compiler.compile(join.residual)
    let evaluation = evaluation
    left.transforms.append(
      TransformStep(metrics: own) { sink.probe(keys: keys, residual: residual, evaluation) })
    return join.kind == .full ? fullJoin(join, left, sink, own) : left
  }

  /// Which right rows have no partner is known when the left side is at its end: until then the pairs
  /// are kept.
  private mutating func fullJoin(
    _ join: PhysicalJoin, _ left: Open, _ sink: JoinBuildSink, _ own: OperatorMetrics
  ) -> Open {
    let pairs = CollectSink(types: join.types, context: evaluation.query)
    let number = close(left, pairs, nil)
    let (leftTypes, context) = (join.left.types, evaluation.query)
    let unused = OperatorMetrics()
    return Open(dependencies: [number], sourceMetrics: unused) {
      UnionSource(
        [
          UnionSource.Input(BatchSource(pairs.store.batches), [], unused),
          UnionSource.Input(sink.unmatched(leftTypes: leftTypes), [], own),
        ], context: context)
    }
  }

  mutating func union(_ inputs: [PhysicalPlan], _ own: OperatorMetrics) throws(SQLError) -> Open {
    var parts: [Open] = []
    for input in inputs { parts.append(try build(input)) }
    let (opened, context) = (parts, evaluation.query)
    return Open(dependencies: parts.flatMap(\.dependencies), sourceMetrics: own) {
      () throws(SQLError) in
      var sources: [UnionSource.Input] = []
      for part in opened {
        sources.append(
          UnionSource.Input(try part.makeSource(), part.transforms, part.sourceMetrics))
      }
      return UnionSource(sources, context: context)
    }
  }

  /// For inner and semi joins, which have no rows without partners.
  func keyFilter(_ join: PhysicalJoin) -> JoinKeyFilter? {
    guard join.kind == .inner || join.kind == .semi, let key = join.keys.first else { return nil }
    let isNumber = join.keys.count == 1 && !key.matchesNulls && KeyWords.fits(key.right.type)
    return JoinKeyFilter(isNumber ? key.right.type : nil, memory: evaluation.query.memory)
  }

  mutating func skyJoin(
    _ join: PhysicalSkyJoin, _ own: OperatorMetrics
  ) throws(SQLError) -> Open {
    let left = SkyJoinSide(
      types: join.leftTypes, position: try compile(join.condition.left),
      hasCells: join.leftHasCells)
    let right = SkyJoinSide(
      types: join.rightTypes, position: try compile(join.condition.right),
      hasCells: join.rightHasCells)
    let residual = try compiler.compile(join.residual)
    let sink = SkyJoinBuildSink(
      join.buildsLeft ? left : right, condition: join.condition, evaluation: evaluation)
    if join.kind == .left, join.buildsLeft {
      return try reducedSkyJoin(join, left, right, residual, sink, own)
    }
    let side = SkyJoinProbe.Side(
      own: join.buildsLeft ? right : left, residual: residual, isLeftJoin: join.kind == .left,
      holdsLeft: join.buildsLeft)
    let near = side.own.hasCells && !side.isLeftJoin ? sink : nil
    let first = try build(join.left, near: join.buildsLeft ? nil : near)
    let second = try build(join.right, near: join.buildsLeft ? near : nil)
    var open = join.buildsLeft ? second : first
    open.dependencies.append(close(join.buildsLeft ? first : second, sink, own))
    probe(sink, side, own, &open)
    return open
  }

  func probe(
    _ sink: SkyJoinBuildSink, _ side: SkyJoinProbe.Side, _ own: OperatorMetrics, _ open: inout Open
  ) {
    let evaluation = evaluation
    open.transforms.append(
      TransformStep(metrics: own) {
        SkyJoinProbe(table: sink.built, side: side, evaluation: evaluation)
      })
  }

  /// Holds the left side, then the rows of the right one that are near it, and joins the held left
  /// side with these.
  mutating func reducedSkyJoin(
    _ join: PhysicalSkyJoin, _ left: SkyJoinSide, _ right: SkyJoinSide,
    _ residual: [CompiledExpression], _ heldLeft: SkyJoinBuildSink, _ own: OperatorMetrics
  ) throws(SQLError) -> Open {
    let leftNumber = close(try build(join.left), heldLeft, own)
    var near = try build(join.right, near: right.hasCells ? heldLeft : nil)
    near.dependencies.append(leftNumber)
    let evaluation = evaluation
    near.transforms.append(
      TransformStep(metrics: OperatorMetrics()) {
        SkyNear(table: heldLeft.built, side: right, evaluation: evaluation)
      })
    var again = right
    again.warns = false
    let heldRight = SkyJoinBuildSink(again, condition: join.condition, evaluation: evaluation)
    let rightNumber = close(near, heldRight, own)
    var open = Open(dependencies: [rightNumber], sourceMetrics: OperatorMetrics()) {
      BatchSource(heldLeft.store.batches)
    }
    let side = SkyJoinSide(
      types: left.types, position: left.position, hasCells: false, warns: false)
    probe(
      heldRight,
      SkyJoinProbe.Side(own: side, residual: residual, isLeftJoin: true, holdsLeft: false), own,
      &open)
    return open
  }

  func compile(_ position: SkyPosition) throws(SQLError) -> SkyPositionNodes {
    if let point = position.point { return .point(try compiler.compile(point)) }
    return .coordinates(
      lon: try compiler.compile(position.lon), lat: try compiler.compile(position.lat))
  }
}
