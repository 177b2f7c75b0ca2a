import Base
import Testing

@testable import Parsing

/// A way to nest.
struct Nesting: CustomTestStringConvertible, Sendable {
  var name: String
  var head: String
  var open: String
  var middle: String
  var close: String
  /// A depth that must work.
  var allowed: Int

  init(
    _ name: String, _ head: String, _ open: String, _ middle: String, _ close: String,
    allowed: Int = 100
  ) {
    (self.name, self.head, self.open, self.middle, self.close) = (name, head, open, middle, close)
    self.allowed = allowed
  }

  var testDescription: String { name }

  func text(_ depth: Int) -> String {
    head + String(repeating: open, count: depth) + middle + String(repeating: close, count: depth)
  }
}

@Suite("Deep nesting on a stack of 512 KB")
struct DepthTests {
  static let nestings = [
    Nesting("parentheses", "SELECT ", "(", "1", ")", allowed: 300),
    Nesting("sums in parentheses", "SELECT ", "(1+", "1", ")", allowed: 300),
    Nesting("calls", "SELECT ", "f(", "1", ")", allowed: 200),
    Nesting("calls after operators", "SELECT ", "1 + f(2 * ", "1", ")", allowed: 200),
    Nesting("NOT", "SELECT ", "NOT ", "a", "", allowed: 500),
    Nesting("signs", "SELECT ", "- ", "a", "", allowed: 500),
    Nesting("CASE", "SELECT ", "CASE WHEN ", "a", " THEN 1 END", allowed: 200),
    Nesting("CAST", "SELECT ", "CAST(", "a", " AS int)", allowed: 200),
    Nesting("casts behind", "SELECT a", "::int", "", "", allowed: 500),
    Nesting("subscripts", "SELECT a", "[1]", "", "", allowed: 500),
    Nesting("subscripts within", "SELECT ", "a[", "1", "]", allowed: 200),
    Nesting("IS NULL", "SELECT a", " IS NULL", "", "", allowed: 500),
    Nesting("scalar queries", "SELECT ", "(SELECT ", "1", ")", allowed: 100),
    Nesting("scalar queries plus one", "", "SELECT (", "SELECT 1", ") + 1", allowed: 100),
    Nesting("queries in parentheses", "", "(", "SELECT 1", ")", allowed: 300),
    Nesting("derived tables", "SELECT * FROM ", "(SELECT * FROM ", "t", ") AS q", allowed: 100),
    Nesting("IN queries", "SELECT * FROM t WHERE ", "a IN (SELECT a FROM t WHERE ", "b", ")"),
    Nesting("IN lists", "SELECT ", "a IN (", "1", ")", allowed: 200),
    Nesting("BETWEEN", "SELECT ", "a BETWEEN (", "1", ") AND 2", allowed: 150),
    Nesting("EXISTS", "SELECT ", "EXISTS (SELECT ", "1", ")", allowed: 100),
    Nesting("WITH", "", "WITH a AS (", "SELECT 1", ") SELECT 1", allowed: 100),
    Nesting("joins in parentheses", "SELECT * FROM ", "(", "a", " JOIN b USING (c))", allowed: 200),
    Nesting("joins in a row", "SELECT * FROM a", " JOIN b USING (c)", "", "", allowed: 500),
    Nesting("arrays", "SELECT ", "ARRAY[", "1", "]", allowed: 200),
    Nesting("brackets left open", "SELECT ", "((SELECT ", "", ""),
    Nesting("comparisons in parentheses", "SELECT ", "(", "a", " = b)", allowed: 300),
  ]

  @Test("works where it should, and is an error where it cannot", arguments: nestings)
  func depth(_ nesting: Nesting) {
    let results = Results()
    let thread = WorkerThread(stackBytes: 512 << 10) {
      // Every depth from where it works to where it does not, in steps: the deepest tree that is
      // let through must be safe to print, hash and free as well.
      for depth in [nesting.allowed] + Array(stride(from: 100, to: 1200, by: 37)) + [100_000] {
        results.add(depth, Self.outcome(nesting.text(depth)))
      }
    }
    thread?.join()
    #expect(thread != nil)
    #expect(results.states[100_000] != .some(nil))
    if nesting.close.isEmpty && nesting.middle.isEmpty && nesting.open.hasPrefix("((") { return }
    #expect(results.states[100_000] == .statementTooComplex)
    #expect(results.states[nesting.allowed] == .some(nil))
  }

  /// Nil for a tree.
  private static func outcome(_ text: String) -> SQLState? {
    do {
      let statement = try SQLParser.parse(text).statement
      _ = statement.hashValue
      return statement.description.isEmpty ? .internalError : nil
    } catch { return error.state }
  }

  /// Written by the thread, read after it was joined.
  final class Results: @unchecked Sendable {
    private(set) var states: [Int: SQLState?] = [:]
    func add(_ depth: Int, _ state: SQLState?) { states[depth] = .some(state) }
  }

  @Test("wide is not deep")
  func wide() throws {
    let terms = Array(repeating: "a = 1", count: 20_000)
    for joint in [" OR ", " AND ", " + ", ", "] {
      let text = "SELECT " + terms.map { "(\($0))" }.joined(separator: joint)
      #expect((try? SQLParser.parse(text)) != nil)
    }
  }

  @Test("steps grow with the text, not faster", arguments: nestings)
  func linear(_ nesting: Nesting) throws {
    for depth in [50, 80] {
      let bytes = Array(nesting.text(depth).utf8)
      try bytes.withUnsafeBufferPointer { bytes in
        let list = try TokenList(bytes, vocabulary: Language.vocabulary)
        let steps = list.tokens.withUnsafeBufferPointer { tokens in
          list.partners.withUnsafeBufferPointer { partners in
            var matcher = Matcher(Language.program(.sql), tokens: tokens, partners: partners)
            _ = matcher.run(from: 0)
            return matcher.stepCount
          }
        }
        // Looking ahead over nested parentheses costs a few steps a level for each.
        #expect(steps < list.count * (150 + 12 * depth), "\(steps) for \(list.count)")
      }
    }
  }
}
