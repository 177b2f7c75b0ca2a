import Plans
import Testing
import Vectors

@Suite("EXPLAIN")
struct ExplainTextTests {
  private static let gaia = LogicalPlan.scan(
    TableScan(
      schema: "public", name: "gaia",
      tableColumns: [
        PlanColumn("source_id", .int64), PlanColumn("ra", .float64), PlanColumn("dec", .float64),
        PlanColumn("G mag", .float32),
      ],
      projection: [0, 1, 2],
      filters: [
        .inCone(
          lon: .column(1, .float64), lat: .column(2, .float64), PlanSamples.pleiades),
        PlanSamples.call("<", .column(3, .float32), .literal(.float32(12.5), .float32)),
      ], cells: (0..<31).map { .init(lower: $0 * 8, upper: $0 * 8 + 4) }))

  private static func text(_ plan: LogicalPlan) -> String {
    ExplainText.lines(of: plan).joined(separator: "\n")
  }

  private static func text(_ plan: PhysicalPlan, _ annotations: [String]? = nil) -> String {
    ExplainText.lines(of: plan, annotations: annotations).joined(separator: "\n")
  }

  @Test("shows the nearest stars of a cone")
  func logicalTop() {
    let distance = PlanSamples.call(
      "distance", PlanSamples.ra, PlanSamples.dec, .literal(.float64(56.75), .float64),
      .literal(.float64(24.1167), .float64), type: .float64)
    let plan = LogicalPlan.limit(
      .sort(
        .project(
          Self.gaia, [PlanSamples.sourceID, distance],
          columns: [PlanColumn("source_id", .int64), PlanColumn("dist", .float64)]),
        [SortKey(.column(1, .float64))]), count: 10, offset: 2)
    #expect(
      Self.text(plan) == """
        Limit 10 offset 2
          Sort by dist
            Project source_id, dist := distance(ra, dec, 56.75, 24.1167)
              TableScan public.gaia [source_id, ra, dec]
                Filter: cone(ra, dec; 56.75, 24.1167, 2°) AND "G mag" < 12.5
                Cells: 31 HEALPix ranges
        """)
  }

  @Test("shows a grouped, distinct join")
  func logicalJoin() {
    let values = LogicalPlan.values(
      rows: [[PlanSamples.number(1), .literal(.text("a"), .text)]],
      columns: [PlanColumn("source_id", .int64), PlanColumn("label", .text)])
    let join = LogicalPlan.join(
      JoinPlan(
        kind: .left, left: Self.gaia, right: values,
        keys: [JoinKey(left: PlanSamples.sourceID, right: .column(0, .int64))],
        residual: [PlanSamples.call("<>", .column(4, .text), .literal(.text("it's"), .text))]))
    let plan = LogicalPlan.distinct(
      .aggregate(
        .filter(join, [.isNull(.column(4, .text), isNegated: true)]),
        groups: [.column(4, .text), .column(0, .int64)], [PlanSamples.count],
        columns: [
          PlanColumn("label", .text), PlanColumn("id", .int64), PlanColumn("count", .int64),
        ]))
    #expect(
      Self.text(plan) == """
        Distinct
          Aggregate
            Keys: label, id := gaia.source_id
            Output: count := count(*)
            Filter label IS NOT NULL
              Join left
                Keys: gaia.source_id = source_id
                Filter: label <> 'it''s'
                TableScan public.gaia [source_id, ra, dec]
                  Filter: cone(ra, dec; 56.75, 24.1167, 2°) AND "G mag" < 12.5
                  Cells: 31 HEALPix ranges
                Values 1 row [source_id, label]
        """)
  }

  @Test("shows files and table functions")
  func logicalLeaves() {
    let columns = [PlanColumn("x", .int64)]
    #expect(
      Self.text(
        .file(
          FileRead(
            FileSource(
              "/data/a.csv", format: "csv",
              options: ["header": nil as Value?, "delimiter": .text(";")]), columns: columns)))
        == "FileScan '/data/a.csv' (FORMAT csv, delimiter ';', header) [x]")
    #expect(
      Self.text(
        .tableFunction(
          name: "generate_series", arguments: [.integer(1), .integer(9)], columns: columns))
        == "TableFunction generate_series(1, 9) [x]")
    #expect(Self.text(.singleRow) == "SingleRow")
  }

  @Test("names a physical plan's columns where it can, and annotates in preorder")
  func physical() {
    let grouped = PhysicalPlan.aggregate(
      PlanSamples.join(.inner),
      groups: [PlanSamples.sourceID, PlanSamples.call("abs", PlanSamples.dec, type: .float64)],
      [
        AggregateCall(
          name: "sum", argumentTypes: [.float64], arguments: [PlanSamples.ra], isDistinct: true,
          filter: PlanSamples.call(">", PlanSamples.ra, PlanSamples.number(0)), type: .float64)
      ])
    let plan = PhysicalPlan.topN(
      grouped,
      [
        SortKey(.column(2, .float64), isDescending: true, nullsFirst: false),
        SortKey(.column(0, .int64), nullsFirst: true),
      ], count: 10, offset: 0)
    let annotations = ["rows=10", "", "join", "left", "project", "rows=3 row groups=3 of 59"]
    #expect(
      Self.text(plan, annotations) == """
        TopN 10 by #2 DESC NULLS LAST, source_id NULLS FIRST  rows=10
          Aggregate
            Keys: gaia.source_id, #1 := abs(gaia.dec)
            Output: #2 := sum(DISTINCT ra) FILTER (WHERE ra > 0)
            HashJoin inner  join
              Keys: gaia.source_id = gaia.source_id, gaia.dec IS NOT DISTINCT FROM gaia.dec
              Filter: ra < gaia.dec
              TableScan public.gaia [source_id, ra, dec, g_mag]  left
                Filter: cone(ra, dec; 56.75, 24.1167, 2°)
                Cells: 2 HEALPix ranges
              Project source_id, dec  project
                TableScan public.gaia [source_id, ra, dec, g_mag]  rows=3 row groups=3 of 59
                  Filter: cone(ra, dec; 56.75, 24.1167, 2°)
                  Cells: 2 HEALPix ranges
        """)
  }

  @Test(
    "shows the other physical operators",
    arguments: [
      (.singleRow, "SingleRow"),
      (.values([[.integer(1)]], types: [.int64]), "Values 1 row, 1 column"),
      (
        .file(
          PhysicalFile(
            FileSource("a.csv"), columns: [2, 0], types: [.text, .text], names: ["z", "x"])),
        "FileScan 'a.csv' [z, x]"
      ),
      (.tableFunction(name: "f", arguments: [.null], types: []), "TableFunction f(NULL)"),
      (.limit(.singleRow, count: nil, offset: 3), "Limit offset 3\n  SingleRow"),
      (
        .sort(.values([], types: [.text]), [SortKey(.column(0, .text))]),
        "Sort by #0\n  Values 0 rows, 1 column"
      ),
      (
        .project(.singleRow, [.literal(.integer(1), .int64)]), "Project #0 := 1\n  SingleRow"
      ),
      (.filter(.singleRow, []), "Filter true\n  SingleRow"),
    ] as [(PhysicalPlan, String)])
  func physicalLeaves(plan: PhysicalPlan, expected: String) {
    #expect(Self.text(plan) == expected)
  }
}
