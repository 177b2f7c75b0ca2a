import Base
import FunctionKit
import Functions
import Testing
import Vectors

/// What must hold for every scalar function, whoever wrote it.
@Suite("Every scalar function")
struct ScalarLawTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var overloads: [ScalarFunction]
    var testDescription: String { name }
  }

  /// But structures, whose type is made by the binder.
  static let cases: [Case] =
    Dictionary(
      grouping: BuiltInFunctions.all.scalars.filter {
        $0.isDeterministic && $0.name != "struct_value"
      }, by: \.name)
    .map { Case(name: $0.key, overloads: $0.value) }.sorted { $0.name < $1.name }

  private let context = FunctionContext(domainErrors: .null)

  private func arguments(
    _ function: ScalarFunction, count: Int, nulls: Bool, seed: UInt64 = 7
  ) -> [Vector] {
    var random = Sequence64(seed)
    return Samples.types(function).enumerated().map { index, type in
      Samples.column(
        type, function: function.name, parameter: index, count: count, nulls: nulls, &random)
    }
  }

  private func run(
    _ function: ScalarFunction, _ arguments: [Vector], _ count: Int
  ) -> [String] {
    let type = Samples.resultType(function.result.type, arguments.map(\.type))
    do {
      let answer = try function.evaluate(arguments, count: count, returning: type, in: context)
      #expect(answer.count == count && answer.type == type, "\(function.signature)")
      return answer.shown
    } catch {
      return ["\(error.state)"]
    }
  }

  @Test("gives every row the same answer in any batch size", arguments: cases)
  func batchSizes(_ named: Case) {
    for function in named.overloads {
      let all = arguments(function, count: 1024, nulls: true)
      let whole = run(function, all, 1024)
      guard whole.count == 1024 else {
        Issue.record("\(function.signature): \(whole)")
        continue
      }
      for size in [0, 1, 63, 64, 65, 1023] {
        let part = run(function, all.map { $0.slice(from: 0, count: size) }, size)
        #expect(part == Array(whole[..<size]), "\(function.signature), \(size) rows")
      }
      let tail = run(function, all.map { $0.slice(from: 65, count: 70) }, 70)
      #expect(tail == Array(whole[65..<135]), "\(function.signature), from row 65")
    }
  }

  @Test("does not care how its arguments are encoded", arguments: cases)
  func encodings(_ named: Case) {
    for function in named.overloads {
      let all = arguments(function, count: 40, nulls: true)
      let flat = run(function, all, 40)
      #expect(run(function, all.map { $0.asDictionary() }, 40) == flat, "\(function.signature)")
      for index in all.indices {
        var mixed = all
        mixed[index] = all[index].asDictionary()
        #expect(run(function, mixed, 40) == flat, "\(function.signature), argument \(index)")
        for row in 0..<6 {
          let constant = Vector.constant(
            all[index].value(at: row), type: all[index].type, count: 40)
          mixed[index] = constant
          let answer = run(function, mixed, 40)
          mixed[index] = constant.flattened()
          #expect(
            answer == run(function, mixed, 40),
            "\(function.signature), constant \(index), row \(row)")
          // Beside constants a dictionary takes its own way.
          let dictionary = all.indices.map {
            $0 == index
              ? all[$0].asDictionary()
              : Vector.constant(all[$0].value(at: row), type: all[$0].type, count: 40)
          }
          #expect(
            run(function, dictionary, 40) == run(function, dictionary.map { $0.flattened() }, 40),
            "\(function.signature), dictionary \(index), row \(row)")
        }
      }
    }
  }

  @Test("gives NULL for NULL when it says so", arguments: cases)
  func nulls(_ named: Case) {
    for function in named.overloads where function.nulls == .propagate {
      let all = arguments(function, count: 130, nulls: true)
      let answers = run(function, all, 130)
      guard answers.count == 130 else { continue }
      for row in 0..<130 where all.contains(where: { $0.isNull(row) }) {
        #expect(answers[row] == "null", "\(function.signature), row \(row)")
      }
      for index in all.indices {
        var mixed = all
        mixed[index] = Vector.nulls(all[index].type, count: 130)
        let nulls = run(function, mixed, 130)
        #expect(nulls.allSatisfy { $0 == "null" }, "\(function.signature), argument \(index)")
      }
    }
  }

  @Test("has a summary and an example by one of its overloads", arguments: cases)
  func documented(_ named: Case) {
    #expect(named.overloads.allSatisfy { !$0.summary.isEmpty })
    #expect(named.overloads.contains { !$0.examples.isEmpty })
  }
}
