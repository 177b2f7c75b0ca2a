import Base
import FunctionKit
import Testing
import Vectors

@Suite("Overload resolution")
struct ResolutionTests {
  private static let identity = Kernel.vectors { (arguments: [Vector], _, _, _) in arguments[0] }

  private static let set: FunctionSet = {
    var set = FunctionSet()
    for type in [LogicalType.int32, .int64, .float32, .float64, .date] {
      set.add([
        ScalarFunction(
          "f", takes: Quantity("a", type), Quantity("b", type), returns: Quantity("r", type),
          summary: "Tests.", kernel: identity)
      ])
    }
    set.add([
      ScalarFunction(
        "f", takes: Quantity("a", .anyDecimal), Quantity("b", .anyDecimal),
        returns: Quantity("r", .decimalResult(.sum)), summary: "Tests.", kernel: identity),
      ScalarFunction(
        "pile", takes: Quantity("x", .any), Quantity("more", .sameAs(0)), variadic: true,
        returns: Quantity("r", .listOf(0)), summary: "Tests.", kernel: identity),
    ])
    return set
  }()

  static let decimal = LogicalType.decimal(precision: 9, scale: 2)
  static let calls: [(String, [ArgumentType], [LogicalType], LogicalType)] = [
    ("f", [.init(.int32), .init(.int32)], [.int32, .int32], .int32),
    ("F", [.init(.int8), .init(.int32)], [.int32, .int32], .int32),
    ("f", [.init(.int32), .init(.int64)], [.int64, .int64], .int64),
    ("f", [.init(.int64), .init(.float32)], [.float64, .float64], .float64),
    ("f", [.init(.date), .init(.text, isUntypedText: true)], [.date, .date], .date),
    (
      "f", [.init(decimal), .init(.int32)], [decimal, .decimal(precision: 10, scale: 0)],
      .decimal(precision: 13, scale: 2)
    ),
    ("f", [.init(decimal), .init(.float64)], [.float64, .float64], .float64),
    ("f", [.init(.int32), .init(.null)], [.int32, .int32], .int32),
    ("pile", [.init(.int32), .init(.float64)], [.float64, .float64], .list(.float64)),
    ("pile", [.init(.text)], [.text], .list(.text)),
  ]

  @Test("takes the cheapest overload", arguments: calls.indices)
  func cheapest(_ index: Int) throws {
    let (name, arguments, types, result) = Self.calls[index]
    let call = try Self.set.resolveScalar(name, arguments, at: nil)
    #expect(call.argumentTypes == types)
    #expect(call.resultType == result)
  }

  @Test("lists what there is when nothing fits")
  func nothingFits() {
    #expect(throws: SQLError.self) {
      try Self.set.resolveScalar("f", [ArgumentType(.boolean), ArgumentType(.boolean)], at: nil)
    }
    do {
      _ = try Self.set.resolveScalar("pyle", [ArgumentType(.boolean)], at: nil)
      Issue.record("no error")
    } catch {
      #expect(error.state == .undefinedFunction)
      #expect(error.hint == "Did you mean \"pile\"?")
    }
  }

  static let rules: [(DecimalRule, LogicalType, LogicalType, LogicalType)] = [
    (.sum, decimal, .decimal(precision: 5, scale: 4), .decimal(precision: 12, scale: 4)),
    (.product, decimal, decimal, .decimal(precision: 18, scale: 4)),
    (.quotient, decimal, decimal, .decimal(precision: 38, scale: 6)),
    (.remainder, decimal, .decimal(precision: 4, scale: 0), .decimal(precision: 9, scale: 2)),
    (.total, decimal, decimal, .decimal(precision: 38, scale: 2)),
    (
      .sum, .decimal(precision: 38, scale: 38), .decimal(precision: 38, scale: 0),
      .decimal(precision: 38, scale: 38)
    ),
  ]

  @Test("gives decimals their precision and scale", arguments: rules)
  func decimals(_ rule: DecimalRule, _ a: LogicalType, _ b: LogicalType, _ result: LogicalType) {
    #expect(rule.type(a, b) == result)
  }
}

@Suite("Kernels")
struct KernelTests {
  private static let sum = Kernel.arithmetic(
    fast: { (a: Int32, b: Int32) -> (Int32, Int32) in
      let sum = a &+ b
      return (sum, (a ^ sum) & (b ^ sum))
    },
    exact: { (a: Int32, b: Int32) -> RowOutcome<Int32> in
      let (sum, overflow) = a.addingReportingOverflow(b)
      return overflow ? .outOfRange : .value(sum)
    })

  private func add(_ a: [Value], _ b: [Value], _ context: FunctionContext) throws -> [Value] {
    let vectors = [Vector.of(a, type: .int32), Vector.of(b, type: .int32)]
    let answer = try Self.sum.evaluate(vectors, a.count, .int32, context)
    return (0..<a.count).map { answer.value(at: $0) }
  }

  private static let most = Value.integer(Int64(Int32.max))

  @Test("raises an error in sql")
  func raises() {
    #expect(throws: SQLError.self) { try add([Self.most], [.integer(1)], FunctionContext()) }
  }

  @Test("gives NULL and counts it in adql")
  func counts() throws {
    let context = FunctionContext(domainErrors: .null)
    let answer = try add(
      [Self.most, .integer(2), .null], [.integer(1), .integer(3), .integer(1)], context)
    #expect(answer == [.null, .integer(5), .null])
    #expect(context.warnings.all.map(\.rows) == [1])
  }

  @Test("does not look at rows that are NULL")
  func ignoresNulls() throws {
    let a = Vector.of([Self.most, .integer(1)], type: .int32)
    let mask = ValidityMask(count: 2, allValid: true)
    mask.setNull(0)
    a.validity = mask
    let b = Vector.of([.integer(1), .integer(1)], type: .int32)
    let answer = try Self.sum.evaluate([a, b], 2, .int32, FunctionContext())
    #expect(answer.value(at: 0) == .null && answer.value(at: 1) == .integer(2))
  }
}
