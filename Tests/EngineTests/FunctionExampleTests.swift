import Base
import Engine
import FunctionKit
import Functions
import Testing
import Vectors

/// The catalogue's examples are what SQL answers.
@Suite("Function examples")
struct FunctionExampleTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var function: String
    var example: Example
    var testDescription: String { "\(function): \(example.sql)" }
  }

  private static func cases(_ functions: [(String, [Example])]) -> [Case] {
    functions.flatMap { name, examples in
      examples.map { Case(function: name, example: $0) }
    }
  }

  static let scalars = cases(BuiltInFunctions.all.scalars.map { ($0.name, $0.examples) })
  static let queries = cases(
    BuiltInFunctions.all.aggregates.map { ($0.name, $0.examples) }
      + BuiltInFunctions.all.windows.map { ($0.name, $0.examples) }
      + BuiltInFunctions.all.tables.map { ($0.name, $0.examples) })

  private func agrees(_ text: String, _ example: Example) -> Bool {
    if text == example.answer { return true }
    guard let found = Double(text), let stated = Double(example.answer) else { return false }
    return abs(found - stated) <= example.tolerance || found == stated
  }

  @Test("of scalar functions, alone and beside NULLs in a column")
  func scalarExamples() throws {
    let session = try Database.inMemory().makeSession()
    #expect(Self.scalars.count > 50)
    try session.lines("CREATE TABLE n AS SELECT x FROM generate_series(1, 1500) AS s(x)")
    for example in Self.scalars {
      do throws(SQLError) {
        let alone = try session.line("SELECT \(example.example.sql)")
        #expect(agrees(alone, example.example), "\(example): \(alone)")
        // Every second row takes the branch: the value is computed for a selection.
        let column = try session.lines(
          "SELECT CASE WHEN x % 2 = 0 THEN \(example.example.sql) END FROM n")
        let isSame = column.indices.allSatisfy { column[$0] == ($0 % 2 == 0 ? "NULL" : alone) }
        #expect(isSame && column.count == 1500, "\(example) in a column")
      } catch {
        Issue.record("\(example): \(error)")
      }
    }
  }

  @Test("of aggregates and table functions")
  func queryExamples() throws {
    let session = try Database.inMemory().makeSession()
    #expect(Self.queries.count > 10)
    for example in Self.queries {
      do throws(SQLError) {
        let found = try session.line(example.example.sql)
        #expect(agrees(found, example.example), "\(example): \(found)")
      } catch {
        Issue.record("\(example): \(error)")
      }
    }
  }
}
