import Base
import FunctionKit
import Functions
import Testing
import Vectors

/// Kernels whose work grows with the values, not only with the rows.
@Suite("Kernels that work long on a row")
struct WatchTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var arguments: [LogicalType]
    var values: [Value]
    var testDescription: String { name }
  }

  static let numbers = Value.list((0..<100_000).map { .integer($0) })
  static let list = LogicalType.list(.int64)

  static let cases = [
    Case(name: "array_position", arguments: [list, .int64], values: [numbers, .integer(-1)]),
    Case(name: "array_remove", arguments: [list, .int64], values: [numbers, .integer(-1)]),
    Case(name: "=", arguments: [list, list], values: [numbers, numbers]),
    Case(name: "||", arguments: [list, list], values: [numbers, numbers]),
    Case(
      name: "list_any", arguments: [list, .int64, .text],
      values: [numbers, .integer(-1), .text("=")]),
    Case(name: "list_series", arguments: [.int64, .int64], values: [.integer(1), .integer(100_000)]),
    Case(
      name: "~", arguments: [.text, .text],
      values: [.text(String(repeating: "x", count: 100_000)), .text("xy")]),
    Case(
      name: "~", arguments: [.text, .text],
      values: [.text(String(repeating: "a", count: 30)), .text("(a|a)*[bd]")]),
  ]

  private static func run(_ test: Case, _ context: FunctionContext) throws -> Vector {
    let types = test.arguments.map { ArgumentType($0) }
    let call = try BuiltInFunctions.all.resolveScalar(test.name, types, at: nil)
    let arguments = zip(test.values, test.arguments).map { Vector.of([$0], type: $1) }
    return try call.function.evaluate(arguments, count: 1, returning: call.resultType, in: context)
  }

  @Test("can be cancelled within it", arguments: cases)
  func cancelled(test: Case) {
    let query = QueryContext()
    query.cancel()
    let error = #expect(throws: SQLError.self) { try Self.run(test, FunctionContext(query: query)) }
    #expect(error?.state == .queryCanceled)
  }

  @Test("are left to the running query", arguments: cases)
  func folding(test: Case) {
    var context = FunctionContext()
    context.isFolding = true
    #expect(throws: SQLError.self) { try Self.run(test, context) }
  }

  @Test("keep within the query's memory", arguments: cases.filter { ["||", "list_series", "array_remove"].contains($0.name) })
  func memory(test: Case) throws {
    let small = QueryContext(memory: MemoryAccount(limitBytes: 300_000))
    let error = #expect(throws: SQLError.self) { try Self.run(test, FunctionContext(query: small)) }
    #expect(error?.state == .outOfMemory)
    #expect(small.memory.usedBytes == 0)
    let large = QueryContext(memory: MemoryAccount(limitBytes: 16 << 20))
    _ = try Self.run(test, FunctionContext(query: large))
    #expect(large.memory.usedBytes == 0)
    #expect(large.memory.peakBytes >= 800_000)
  }
}
