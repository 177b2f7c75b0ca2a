import Base
import Plans
import Testing
import Vectors

@Suite("Plans as text")
struct PlanTextTests {
  static func literal(_ value: Value, _ type: LogicalType = .text) -> PhysicalPlan {
    .project(.singleRow, [.literal(value, type)])
  }

  static let cases =
    PlanSamples.operators
    + PlanSamples.expressions.map {
      NamedPlan("projects \($0.name)", .project(PlanSamples.gaia, [$0.expression]))
    }
    + PlanSamples.values.map { NamedPlan("\($0)", literal($0)) }
    + PlanSamples.types.map { NamedPlan("a \($0)", literal(.null, $0)) }

  @Test("reads back what it writes, on one line", arguments: cases)
  func roundTrip(_ sample: NamedPlan) throws {
    let text = sample.plan.text
    let read = try PhysicalPlan(text: text)
    #expect(read == sample.plan)
    // -0 equals 0, and é equals e and an accent: their texts tell them apart.
    #expect(Array(read.text.utf8) == Array(text.utf8))
    #expect(!text.unicodeScalars.contains { $0.value < 32 || $0 == "\u{85}" || $0 == "\u{2028}" })
  }

  @Test(
    "keeps every bit of a NaN",
    arguments: [
      0x7FF8_0000_0000_0000, 0xFFF8_0000_0000_0001, 0x7FF0_0000_0000_0001, 0x7FFF_FFFF_FFFF_FFFF,
    ] as [UInt64])
  func doubleNaN(bits: UInt64) throws {
    let plan = Self.literal(.float64(Double(bitPattern: bits)), .float64)
    let read = try PhysicalPlan(text: plan.text)
    guard case .project(_, let expressions) = read,
      case .literal(.float64(let number), .float64) = expressions[0]
    else { throw SQLError(.internalError, "another plan: \(read.text)") }
    #expect(number.bitPattern == bits)
  }

  @Test("keeps every bit of a single NaN", arguments: [0x7FC0_0000, 0xFFC0_0001] as [UInt32])
  func floatNaN(bits: UInt32) throws {
    let plan = Self.literal(.float32(Float(bitPattern: bits)), .float32)
    let read = try PhysicalPlan(text: plan.text)
    guard case .project(_, let expressions) = read,
      case .literal(.float32(let number), .float32) = expressions[0]
    else { throw SQLError(.internalError, "another plan: \(read.text)") }
    #expect(number.bitPattern == bits)
  }

  @Test("does not write where a call stood")
  func ranges() throws {
    var call = FunctionCallExpression(name: "pi", argumentTypes: [], arguments: [], type: .float64)
    call.range = SourceRange(offset: 7, length: 4)
    let plan = PhysicalPlan.project(.singleRow, [.call(call)])
    #expect(plan.text == #"(project (singlerow) (call "pi" "double precision" ()))"#)
    #expect(try PhysicalPlan(text: plan.text) == plan)
  }

  @Test("writes a scan as documented")
  func golden() {
    #expect(
      PlanSamples.gaia.text == """
        (scan "public" "gaia" (columns 0 2 3 7) \
        (types "bigint" "double precision" "double precision" "real") \
        (names "source_id" "ra" "dec" "g_mag") (output 0 1 2 3) \
        (filters (cone (column 1 "double precision") (column 2 "double precision") \
        56.75 24.1167 2.0 closed)) (cells (0 4) (16 32)) all)
        """)
  }

  @Test("reads back 1,000 random plans")
  func randomPlans() throws {
    for seed in UInt64(0)..<1000 {
      let plan = RandomPlans(seed: seed).plan()
      let text = plan.text
      let read = try PhysicalPlan(text: text)
      #expect(Array(read.text.utf8) == Array(text.utf8), "seed \(seed)")
      // A NaN equals nothing.
      if !text.contains("nan:") { #expect(read == plan, "seed \(seed)") }
    }
  }

  @Test("reads 150,000 constants of IN")
  func longList() throws {
    let values = (0..<150_000).map { Value.integer(Int64($0) * 1_000_003) }
    let plan = PhysicalPlan.filter(
      PlanSamples.gaia, [.inSet(PlanSamples.sourceID, values, hasNull: false)])
    #expect(try PhysicalPlan(text: plan.text) == plan)
  }
}
