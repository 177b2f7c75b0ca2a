import Plans
import Testing
import Vectors

@Suite("Expressions in EXPLAIN")
struct ExpressionTextTests {
  struct Shown: Sendable, CustomTestStringConvertible {
    var expression: ScalarExpression
    var text: String

    init(_ expression: ScalarExpression, _ text: String) {
      self.expression = expression
      self.text = text
    }

    var testDescription: String { text }
  }

  private static let a = ScalarExpression.column(0, .int64)
  private static let b = ScalarExpression.column(1, .float64)
  private static let p = ScalarExpression.parameter(1, .boolean)
  private static let less = PlanSamples.call("<", a, b)

  private static func op(_ name: String, _ arguments: ScalarExpression...) -> ScalarExpression {
    .call(
      FunctionCallExpression(
        name: name, argumentTypes: arguments.map(\.type), arguments: arguments, type: .int64))
  }

  private static func literal(_ value: Value, _ type: LogicalType = .null) -> ScalarExpression {
    .literal(value, type)
  }

  static let precedence = [
    Shown(op("+", op("*", a, b), op("*", a, b)), "a * b + a * b"),
    Shown(op("*", op("+", a, b), op("-", a, b)), "(a + b) * (a - b)"),
    Shown(op("-", op("-", a, b), op("-", a, b)), "a - b - (a - b)"),
    Shown(op("<", op("||", a, b), op("<", a, b)), "a || b < (a < b)"),
    Shown(op("=", op("<", a, b), a), "(a < b) = a"),
    Shown(op("-", op("-", a)), "-(-a)"),
    Shown(op("-", literal(.integer(-5))), "-(-5)"),
    Shown(op("-", a, literal(.integer(-5))), "a - -5"),
    Shown(op("-", op("+", a, b)), "-(a + b)"),
    Shown(.cast(literal(.integer(-5)), .float64), "(-5)::double precision"),
    Shown(.cast(op("-", a), .int8), "(-a)::tinyint"),
    Shown(op("-", .cast(a, .int8)), "-a::tinyint"),
    Shown(.cast(.cast(a, .int8), .list(.text)), "a::tinyint::text[]"),
    Shown(.and([.or([p, less]), less, .and([p, p])]), "($1 OR a < b) AND a < b AND ($1 AND $1)"),
    Shown(.or([.and([p, p]), .not(p)]), "$1 AND $1 OR NOT $1"),
    Shown(.not(.and([p, p])), "NOT ($1 AND $1)"),
    Shown(.not(.and([p])), "NOT $1"),
    Shown(.not(.not(less)), "NOT NOT a < b"),
    Shown(.and([]), "true"),
    Shown(.or([]), "false"),
    Shown(.isNull(less, isNegated: false), "(a < b) IS NULL"),
    Shown(.isNull(op("+", a, b), isNegated: true), "a + b IS NOT NULL"),
    Shown(op("list_element", op("list_value", a, b), literal(.integer(1))), "ARRAY[a, b][1]"),
    Shown(op("pi"), "pi()"),
    Shown(
      .cast(p, .structure([StructField("x\ny", .text)])), #"$1::struct("x\ny" text)"#),
  ]

  static let forms = [
    Shown(.inSet(a, [.integer(1), .integer(-2)], hasNull: true), "a IN (1, -2, NULL)"),
    Shown(.inSet(a, [], hasNull: false), "a IN ()"),
    Shown(.not(.inSet(op("+", a, b), [.null], hasNull: false)), "a + b NOT IN (NULL)"),
    Shown(
      .inSet(a, (0..<150_000).map { .integer($0) }, hasNull: false),
      "a IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … (150,000 in all))"),
    Shown(
      .like(a, pattern: "M%", escape: "\\", isCaseInsensitive: false), #"a LIKE 'M%' ESCAPE '\'"#),
    Shown(
      .not(.like(a, pattern: "M%", escape: nil, isCaseInsensitive: true)), "a NOT ILIKE 'M%'"),
    Shown(
      .caseWhen(
        [CaseBranch(condition: less, result: a), CaseBranch(condition: p, result: b)],
        otherwise: literal(.null), .float64),
      "CASE WHEN a < b THEN a WHEN $1 THEN b ELSE NULL END"),
    Shown(
      .or((0..<1200).map { _ in p }),
      [String](repeating: "$1", count: 20).joined(separator: " OR ") + " OR … (1,200 in all)"),
    Shown(
      .inCone(
        lon: a, lat: b, Cone(lonDeg: 0, latDeg: -90, radiusDeg: 1e-5, isInclusive: false)),
      "cone(a, b; 0, -90, < 1e-05°)"),
    Shown(.column(7, .text), "#7"),
  ]

  static let literals = [
    Shown(literal(.null), "NULL"),
    Shown(literal(.boolean(true)), "true"),
    Shown(literal(.float64(0.1)), "0.1"),
    Shown(literal(.float64(.nan)), "'NaN'::double precision"),
    Shown(literal(.float32(-.infinity)), "'-Infinity'::real"),
    Shown(literal(.decimal(-150, scale: 2)), "-1.50"),
    Shown(literal(.decimal(1, scale: 99)), "1e-99"),
    Shown(literal(.text("it's")), "'it''s'"),
    Shown(literal(.text("'\u{301}")), "'''\u{301}'"),
    Shown(literal(.text("a\nb'\\\r")), #"E'a\nb''\\\u000d'"#),
    Shown(
      literal(.text(String(repeating: "x", count: 1234))),
      "'" + String(repeating: "x", count: 80) + "'… (1,234 in all)"),
    Shown(literal(.binary([0, 255])), #"'\x00ff'"#),
    Shown(literal(.date(0)), "DATE '1970-01-01'"),
    Shown(literal(.timestamp(1_500_000_000)), "TIMESTAMP '1970-01-01 00:00:01.5'"),
    Shown(literal(.list([.integer(1), .null]), .list(.int64)), "ARRAY[1, NULL]"),
    Shown(literal(.structure([.float64(1), .float64(2)]), .point), "POINT(1, 2)"),
    Shown(literal(.structure([.integer(1), .text("a")])), "ROW(1, 'a')"),
    Shown(
      literal(.structure([.float64(1), .float64(2), .float64(0.5)]), .circle), "CIRCLE(1, 2, 0.5)"),
    Shown(
      literal(
        .list([
          .structure([.float64(0), .float64(0)]), .structure([.float64(1), .float64(0)]),
          .structure([.float64(0), .float64(1)]),
        ]), .polygon), "POLYGON(0, 0, 1, 0, 0, 1)"),
  ]

  @Test("are SQL with the fewest parentheses", arguments: precedence + forms + literals)
  func shows(_ shown: Shown) {
    let scan = PhysicalPlan.tableScan(
      PhysicalScan(
        schema: "s", name: "t", columns: [0, 1], columnTypes: [.int64, .float64],
        columnNames: ["a", "b"], output: [0, 1], filters: [shown.expression], cells: nil))
    #expect(
      ExplainText.lines(of: scan, annotations: nil) == [
        "TableScan s.t [a, b]", "  Filter: " + shown.text,
      ])
  }

  @Test("may be deep")
  func deep() {
    let chain = (0..<1000).reduce(Self.a) { sum, _ in Self.op("+", sum, Self.b) }
    let text = ExplainText.lines(of: .project(.singleRow, [chain]), annotations: nil)[0]
    #expect(text == "Project #0 := #0" + String(repeating: " + #1", count: 1000))
  }
}
