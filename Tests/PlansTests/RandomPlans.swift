import Base
import Plans
import Vectors

/// Makes plans at random: every operator, expression, value and type, columns that exist.
struct RandomPlans {
  private let random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  private func chance(_ parts: Int) -> Bool { random.next(below: parts) == 0 }

  private func many<T>(_ bound: Int, _ make: () -> T) -> [T] {
    (0..<random.next(below: bound)).map { _ in make() }
  }

  private func pick<T>(_ choices: [T]) -> T { choices[random.next(below: choices.count)] }

  // MARK: Types and values

  func type(depth: Int = 2) -> LogicalType {
    let simple: [LogicalType] = [
      .null, .boolean, .int8, .int16, .int32, .int64, .float32, .float64, .text, .binary, .date,
      .timestamp, .point, .circle, .polygon,
    ]
    switch random.next(below: depth > 0 ? 19 : 16) {
    case let index where index < simple.count: return simple[index]
    case 15:
      let precision = 1 + random.next(below: 38)
      return .decimal(precision: precision, scale: random.next(below: precision + 1))
    case 16: return .list(type(depth: depth - 1))
    case 17: return .map(key: type(depth: depth - 1), value: type(depth: depth - 1))
    default:
      return .structure(
        (0...random.next(below: 3)).map { _ in
          StructField(text(withAccents: false), type(depth: depth - 1))
        })
    }
  }

  func value(depth: Int = 2) -> Value {
    let bits = random.next()
    switch random.next(below: depth > 0 ? 12 : 10) {
    case 0: return .null
    case 1: return .boolean(bits & 1 == 0)
    case 2: return .integer(Int64(bitPattern: bits >> UInt64(random.next(below: 64))))
    case 3: return .float32(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case 4: return .float64(double())
    case 5:
      let digits = Int128(Int64(bitPattern: bits)) &* Int128(Int64(bitPattern: random.next()))
      return .decimal(digits, scale: random.next(below: 39))
    case 6: return .text(text())
    case 7: return .binary(many(9) { UInt8(truncatingIfNeeded: random.next()) })
    case 8: return .date(Int32(truncatingIfNeeded: bits))
    case 9: return .timestamp(Int64(bitPattern: bits))
    case 10: return .list(many(4) { value(depth: depth - 1) })
    default: return .structure(many(4) { value(depth: depth - 1) })
    }
  }

  private func double() -> Double {
    chance(2) ? Double(bitPattern: random.next()) : Double(random.next(below: 36_000)) / 100
  }

  /// Without accents for the names of fields: `LogicalType.description` does not double a quote
  /// that carries one.
  private func text(withAccents: Bool = true) -> String {
    let scalars: [Unicode.Scalar] = [
      "a", "b", "Z", "0", "_", " ", "\"", "\\", "\n", "\t", "\0", "\u{7f}", "\u{85}", "\u{2028}",
      "é", "\u{301}", "°", "星", "🔭", "(", ")", "[", "]", "'",
    ]
    let kept = many(6) { pick(scalars) }.filter { withAccents || $0 != "\u{301}" }
    return String(String.UnicodeScalarView(kept))
  }

  // MARK: Expressions

  func expression(over columns: [LogicalType], depth: Int = 3) -> ScalarExpression {
    func inner() -> ScalarExpression { expression(over: columns, depth: depth - 1) }
    switch random.next(below: depth > 0 ? 14 : 4) {
    case 0, 1:
      guard !columns.isEmpty else { return .parameter(1, type()) }
      let index = random.next(below: columns.count)
      return .column(index, columns[index])
    case 2: return .literal(value(), type())
    case 3: return .parameter(1 + random.next(below: 9), type())
    case 4: return .call(call(inner))
    case 5: return .cast(inner(), type())
    case 6: return .and(many(4, inner))
    case 7: return .or(many(4, inner))
    case 8: return .not(inner())
    case 9: return .isNull(inner(), isNegated: chance(2))
    case 10:
      let branches = many(3) { CaseBranch(condition: inner(), result: inner()) }
      return .caseWhen(branches, otherwise: chance(2) ? nil : inner(), type())
    case 11: return .inSet(inner(), many(5) { value() }, hasNull: chance(2))
    case 12:
      return .like(
        inner(), pattern: text(), escape: chance(2) ? nil : text(), isCaseInsensitive: chance(2))
    default:
      let cone = Cone(
        lonDeg: double(), latDeg: double(), radiusDeg: double(), isInclusive: chance(2))
      return .inCone(lon: inner(), lat: inner(), cone)
    }
  }

  private func call(_ inner: () -> ScalarExpression) -> FunctionCallExpression {
    let arguments = many(4, inner)
    return FunctionCallExpression(
      name: pick(["+", "<", "||", "distance", text()]), argumentTypes: arguments.map(\.type),
      arguments: arguments, type: type())
  }

  // MARK: Plans

  func plan(depth: Int = 4) -> PhysicalPlan {
    switch random.next(below: depth > 0 ? 14 : 5) {
    case 0: return .singleRow
    case 1:
      let types = many(4) { type() }
      return .values(many(4) { types.map { _ in value() } }, types: types)
    case 2:
      return .tableFunction(name: text(), arguments: many(3) { value() }, types: many(4) { type() })
    case 3:
      let types = many(4) { type() }
      var options: [String: Value?] = [:]
      for _ in 0..<random.next(below: 3) { options[text()] = .some(chance(2) ? nil : value()) }
      let source = FileSource(text(), format: chance(2) ? nil : text(), options: options)
      return .file(
        PhysicalFile(
          source, columns: types.map { _ in random.next(below: 9) }, types: types,
          names: types.map { _ in text() }))
    case 4: return .tableScan(scan())
    case 5: return skyJoin(plan(depth: depth - 1), plan(depth: depth - 1))
    case 7:
      let input = plan(depth: depth - 1)
      return .union([PhysicalPlan](repeating: input, count: 1 + random.next(below: 3)))
    case 6: return join(plan(depth: depth - 1), plan(depth: depth - 1))
    default: return unary(plan(depth: depth - 1))
    }
  }

  private func unary(_ input: PhysicalPlan) -> PhysicalPlan {
    let columns = input.types
    func terms() -> [ScalarExpression] { many(3) { expression(over: columns) } }
    func keys() -> [SortKey] {
      terms().map { SortKey($0, isDescending: chance(2), nullsFirst: chance(2)) }
    }
    switch random.next(below: 7) {
    case 6: return .window(input, window(over: columns, keys()))
    case 0: return .filter(input, terms())
    case 1: return .project(input, terms())
    case 2:
      let (groups, calls) = (terms(), many(3) { aggregate(over: columns) })
      return chance(3)
        ? .partialAggregate(input, groups: groups, calls)
        : .aggregate(input, groups: groups, calls)
    case 3: return .sort(input, keys())
    case 4:
      return .topN(input, keys(), count: random.next(below: 100), offset: random.next(below: 9))
    default:
      return .limit(
        input, count: chance(3) ? nil : random.next(below: 100), offset: random.next(below: 9))
    }
  }

  private func window(over columns: [LogicalType], _ order: [SortKey]) -> WindowPlan {
    let bounds: [WindowFrame.Bound] = [
      .unboundedPreceding, .preceding(random.next(below: 9)), .currentRow, .following(3),
      .unboundedFollowing, .precedingBy(.integer(2)), .followingBy(.float64(0.5)),
    ]
    return WindowPlan(
      partitions: many(3) { expression(over: columns) }, order: order,
      calls: many(3) {
        let call = aggregate(over: columns)
        return WindowCall(
          name: call.name, isAggregate: chance(2), argumentTypes: call.argumentTypes,
          arguments: call.arguments, filter: call.filter,
          frame: WindowFrame(units: pick([.rows, .range, .groups]), start: pick(bounds), end: pick(bounds)),
          type: call.type)
      })
  }

  private func aggregate(over columns: [LogicalType]) -> AggregateCall {
    let arguments = many(3) { expression(over: columns) }
    return AggregateCall(
      name: pick(["count", "sum", text()]), argumentTypes: arguments.map(\.type),
      arguments: arguments, isDistinct: chance(2),
      filter: chance(2) ? nil : expression(over: columns), type: type())
  }

  private func scan() -> PhysicalScan {
    let types = many(5) { type() }
    let cells =
      chance(2)
      ? nil
      : many(4) { Int64(random.next(below: 1_000_000)) }.map { (lower: $0, upper: $0 + 4) }
    return PhysicalScan(
      schema: text(), name: text(), columns: types.indices.map { $0 * 3 }, columnTypes: types,
      columnNames: types.map { _ in text() },
      output: types.isEmpty ? [] : many(4) { random.next(below: types.count) },
      filters: many(3) { expression(over: types) },
      cells: cells?.map { .init(lower: $0.lower, upper: $0.upper) },
      morsels: chance(5) ? 3..<17 : nil)
  }

  private func join(_ left: PhysicalPlan, _ right: PhysicalPlan) -> PhysicalPlan {
    .hashJoin(
      PhysicalJoin(
        kind: pick([.inner, .left, .full, .semi, .anti, .single, .mark, .markIn]), left: left,
        right: right,
        keys: many(3) {
          JoinKey(
            left: expression(over: left.types), right: expression(over: right.types),
            matchesNulls: chance(2))
        },
        residual: many(2) { expression(over: left.types + right.types) }))
  }

  private func skyJoin(_ left: PhysicalPlan, _ right: PhysicalPlan) -> PhysicalPlan {
    func position(_ types: [LogicalType]) -> SkyPosition {
      SkyPosition(
        lon: .cast(expression(over: types), .float64), lat: .literal(.float64(double()), .float64))
    }
    let kind: JoinPlan.Kind = chance(2) ? .inner : .left
    let leftHasCells = left.types.last == .int64 && chance(2)
    let rightHasCells = right.types.last == .int64 && chance(2)
    let types = left.types.dropLast(leftHasCells ? 1 : 0)
      + right.types.dropLast(rightHasCells ? 1 : 0)
    return .skyJoin(
      PhysicalSkyJoin(
        kind: kind, left: left, right: right, leftHasCells: leftHasCells,
        rightHasCells: rightHasCells,
        condition: SkyJoinCondition(
          left: position(left.types), right: position(right.types), radiusDeg: double(),
          isInclusive: chance(2)),
        buildsLeft: chance(2),
        residual: many(2) { expression(over: Array(types)) }))
  }
}
