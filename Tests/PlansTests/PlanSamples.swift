import Plans
import Testing
import Vectors

/// A plan with a name for the test's report.
struct NamedPlan: Sendable, CustomTestStringConvertible {
  var name: String
  var plan: PhysicalPlan

  init(_ name: String, _ plan: PhysicalPlan) {
    self.name = name
    self.plan = plan
  }

  var testDescription: String { name }
}

/// Small plans by hand that together use every operator, expression and value.
enum PlanSamples {
  static let gaia = PhysicalPlan.tableScan(
    PhysicalScan(
      schema: "public", name: "gaia", columns: [0, 2, 3, 7],
      columnTypes: [.int64, .float64, .float64, .float32],
      columnNames: ["source_id", "ra", "dec", "g_mag"], output: [0, 1, 2, 3],
      filters: [.inCone(lon: ra, lat: dec, pleiades)],
      cells: [.init(lower: 0, upper: 4), .init(lower: 16, upper: 32)]))

  static let sourceID = ScalarExpression.column(0, .int64)
  static let ra = ScalarExpression.column(1, .float64)
  static let dec = ScalarExpression.column(2, .float64)
  static let magnitude = ScalarExpression.column(3, .float32)
  static let pleiades = Cone(lonDeg: 56.75, latDeg: 24.1167, radiusDeg: 2, isInclusive: true)

  static func number(_ value: Int64) -> ScalarExpression { .literal(.integer(value), .int64) }

  static func call(
    _ name: String, _ arguments: ScalarExpression..., type: LogicalType = .boolean
  ) -> ScalarExpression {
    .call(
      FunctionCallExpression(
        name: name, argumentTypes: arguments.map(\.type), arguments: arguments, type: type))
  }

  static let count = AggregateCall(name: "count", argumentTypes: [], arguments: [], type: .int64)

  static let operators: [NamedPlan] = [
    NamedPlan("a scan", gaia),
    NamedPlan("a scan of nothing everywhere", scan(cells: false)),
    NamedPlan("a scan of no cells", scan(cells: true)),
    NamedPlan("a single row", .singleRow),
    NamedPlan(
      "values", .values([[.integer(1), .null], [.null, .text("b")]], types: [.int64, .text])),
    NamedPlan("no values", .values([], types: [])),
    NamedPlan("rows without columns", .values([[], []], types: [])),
    NamedPlan(
      "a table function",
      .tableFunction(name: "generate_series", arguments: [.integer(1)], types: [.int64])),
    NamedPlan(
      "a file",
      .file(
        PhysicalFile(
          FileSource(
            "/data/a \"b\".csv", format: "csv",
            options: ["header": nil as Value?, "columns": .list([.text("a"), .null])]),
          columns: [3, 0], types: [.text, .int64], names: ["d", "a \"b\""]))),
    NamedPlan(
      "a file of unknown format",
      .file(PhysicalFile(FileSource(""), columns: [], types: [], names: []))),
    NamedPlan(
      "a file called none",
      .file(
        PhysicalFile(FileSource("none", format: "none"), columns: [], types: [], names: []))),
    NamedPlan(
      "a filter", .filter(gaia, [call("<", magnitude, .literal(.float32(12.5), .float32))])),
    NamedPlan("a projection", .project(gaia, [ra, call("-", dec, type: .float64)])),
    NamedPlan("a projection of nothing", .project(gaia, [])),
    NamedPlan(
      "an aggregation",
      .aggregate(
        gaia, groups: [magnitude],
        [
          count,
          AggregateCall(
            name: "sum", argumentTypes: [.float64], arguments: [ra], isDistinct: true,
            filter: call(">", dec, ra), type: .float64),
        ])),
    NamedPlan("a sort", .sort(gaia, orders)),
    NamedPlan("the first rows of a sort", .topN(gaia, orders, count: 10, offset: 5)),
    NamedPlan("a limit", .limit(gaia, count: 10, offset: 0)),
    NamedPlan("an offset", .limit(gaia, count: nil, offset: .max)),
    NamedPlan("an inner join", join(.inner)),
    NamedPlan("a left join", join(.left)), NamedPlan("a full join", join(.full)),
    NamedPlan("a semi join", join(.semi)), NamedPlan("an anti join", join(.anti)),
    NamedPlan("a join with one partner", join(.single)), NamedPlan("a mark", join(.mark)),
    NamedPlan("a mark of IN", join(.markIn)),
    NamedPlan("a union", .union([gaia, gaia, gaia])), NamedPlan("a union of one", .union([gaia])),
    NamedPlan(
      "a recursion",
      .recursion(
        PhysicalRecursion(
          anchor: gaia, step: .workingTable(3, types: gaia.types), number: 3, isDistinct: true))),
    NamedPlan(
      "a recursion with all rows",
      .recursion(
        PhysicalRecursion(
          anchor: gaia, step: .workingTable(0, types: gaia.types), number: 0, isDistinct: false))),
  ]

  private static let orders = [
    SortKey(ra), SortKey(dec, isDescending: true), SortKey(sourceID, nullsFirst: true),
    SortKey(magnitude, isDescending: true, nullsFirst: false),
  ]

  private static func scan(cells: Bool) -> PhysicalPlan {
    .tableScan(
      PhysicalScan(
        schema: "", name: "a.\"b\"", columns: [], columnTypes: [], columnNames: [], output: [],
        filters: [], cells: cells ? [] : nil))
  }

  static func join(_ kind: JoinPlan.Kind) -> PhysicalPlan {
    .hashJoin(
      PhysicalJoin(
        kind: kind, left: gaia, right: .project(gaia, [sourceID, dec]),
        keys: [
          JoinKey(left: sourceID, right: sourceID),
          JoinKey(left: dec, right: .column(1, .float64), matchesNulls: true),
        ],
        residual: [call("<", ra, .column(5, .float64))]))
  }

  /// Each over the columns of `gaia`.
  static let expressions: [(name: String, expression: ScalarExpression)] = [
    ("a column", ra),
    ("a parameter", .parameter(12, .text)),
    ("a call", call("distance", ra, dec, number(0), number(1), type: .float64)),
    ("a call without arguments", call("pi", type: .float64)),
    ("a cast", .cast(sourceID, .decimal(precision: 38, scale: 3))),
    ("and", .and([call("<", ra, dec), call(">", ra, dec), .parameter(1, .boolean)])),
    ("and of nothing", .and([])),
    ("or", .or([call("<", ra, dec), call(">", ra, dec)])),
    ("or of one", .or([.parameter(1, .boolean)])),
    ("not", .not(.parameter(1, .boolean))),
    ("is null", .isNull(ra, isNegated: false)),
    ("is not null", .isNull(ra, isNegated: true)),
    (
      "a case",
      .caseWhen(
        [
          CaseBranch(condition: call("<", ra, dec), result: ra),
          CaseBranch(condition: call(">", ra, dec), result: dec),
        ], otherwise: number(1), .float64)
    ),
    (
      "a case without else",
      .caseWhen([CaseBranch(condition: call("<", ra, dec), result: ra)], otherwise: nil, .float64)
    ),
    ("in", .inSet(sourceID, [.integer(1), .integer(-2)], hasNull: false)),
    ("in with null", .inSet(sourceID, [], hasNull: true)),
    ("like", .like(.parameter(1, .text), pattern: "M%", escape: nil, isCaseInsensitive: false)),
    ("ilike", .like(.parameter(1, .text), pattern: "%\"", escape: "\\", isCaseInsensitive: true)),
    ("a closed cone", .inCone(lon: ra, lat: dec, pleiades)),
    (
      "an open cone",
      .inCone(
        lon: ra, lat: dec,
        Cone(lonDeg: -0.0, latDeg: .infinity, radiusDeg: 1e-300, isInclusive: false))
    ),
  ]

  static let values: [Value] = [
    .null, .boolean(true), .boolean(false), .integer(0), .integer(.min), .integer(.max),
    .float32(1.5), .float32(.leastNonzeroMagnitude), .float32(-.greatestFiniteMagnitude),
    .float32(.infinity), .float32(-0.0), .float32(16_777_216), .float64(0.1), .float64(1e15),
    .float64(.leastNonzeroMagnitude), .float64(.greatestFiniteMagnitude), .float64(-.infinity),
    .float64(-0.0),
    .float64(3), .decimal(.min, scale: 0), .decimal(.max, scale: 38), .decimal(-150, scale: 2),
    .text(""), .text("null"), .text("it's \"quoted\" \\n"),
    .text("a\nb\tc\r\0\u{7f}\u{85}\u{2028}"),
    .text("e\u{301} é 星 🔭 \u{10FFFF}"), .binary([]), .binary([0, 255, 16]), .date(.min),
    .date(19_000), .timestamp(.max), .timestamp(-1), .list([]),
    .list([.integer(1), .null, .list([.text("(")])]), .structure([]),
    .structure([.float64(10), .float64(-20)]),
  ]

  static let types: [LogicalType] = [
    .null, .boolean, .int8, .int16, .int32, .int64, .float32, .float64,
    .decimal(precision: 1, scale: 0), .decimal(precision: 38, scale: 38), .text, .binary, .date,
    .timestamp, .list(.list(.text)), .map(key: .text, value: .list(.int8)), .point, .circle,
    .polygon, .structure([StructField("a \"b\" ,()[]\n", .point), StructField("", .null)]),
  ]
}
