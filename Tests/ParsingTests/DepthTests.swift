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
    Nesting("NOT", "SELECT ", "NOT ", "a", "", allowed: 300),
    Nesting("signs", "SELECT ", "- ", "a", "", allowed: 300),
    Nesting("CASE", "SELECT ", "CASE WHEN ", "a", " THEN 1 END", allowed: 200),
    Nesting("CAST", "SELECT ", "CAST(", "a", " AS int)", allowed: 200),
    Nesting("casts behind", "SELECT a", "::int", "", "", allowed: 300),
    Nesting("subscripts", "SELECT a", "[1]", "", "", allowed: 300),
    Nesting("subscripts within", "SELECT ", "a[", "1", "]", allowed: 200),
    Nesting("IS NULL", "SELECT a", " IS NULL", "", "", allowed: 300),
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
    Nesting("joins in a row", "SELECT * FROM a", " JOIN b USING (c)", "", "", allowed: 300),
    Nesting("arrays", "SELECT ", "ARRAY[", "1", "]", allowed: 200),
    Nesting("comparisons in parentheses", "SELECT ", "(", "a", " = b)", allowed: 300),
  ]

  static let absurd = 5_000

  @Test("a hundred thousand brackets, open or closed")
  func unclosed() {
    for text in [
      String(repeating: "((SELECT ", count: 50_000), String(repeating: "(", count: 100_000),
      "SELECT " + String(repeating: "(", count: 100_000) + String(repeating: ")", count: 100_000),
    ] {
      let state = Self.outcome(text) { _ in }
      #expect(state == .statementTooComplex || state == .syntaxError)
    }
  }

  @Test("works where it should, and is an error where it cannot", arguments: nestings)
  func depth(_ nesting: Nesting) {
    let results = Results()
    let thread = WorkerThread(stackBytes: 512 << 10) {
      for depth in Self.depths(nesting) {
        results.add(depth, Self.outcome(nesting.text(depth)) { _ in })
      }
      results.add(Self.absurd, Self.outcome(nesting.text(Self.absurd)) { _ in })
    }
    thread?.join()
    #expect(thread != nil)
    #expect(results.states[Self.absurd] == .statementTooComplex)
    #expect(results.states[nesting.allowed] == .some(nil))
  }

  /// Depths from where it works to where it does not, in steps, so that one is near the limit.
  private static func depths(_ nesting: Nesting) -> [Int] {
    [nesting.allowed, 150, 235, 355, 500]
  }

  @Test("the deepest trees can be hashed, compared and printed", arguments: nestings)
  func use(_ nesting: Nesting) {
    // Unoptimised, what the compiler writes for Hashable takes some 3 KB a level.
    let stackBytes = _isDebugAssertConfiguration() ? 4 << 20 : 512 << 10
    let thread = WorkerThread(stackBytes: stackBytes) {
      for depth in Self.depths(nesting) {
        _ = Self.outcome(nesting.text(depth)) { statement in
          #expect(statement == statement)
          #expect(statement.hashValue == statement.hashValue)
          #expect(!statement.description.isEmpty)
        }
      }
    }
    thread?.join()
    #expect(thread != nil)
  }

  /// Nil for a tree.
  private static func outcome(_ text: String, use: (Statement) -> Void) -> SQLState? {
    do {
      let parsed = try SQLParser.parse(text)
      use(parsed.statement)
      return nil
    } catch { return error.state }
  }

  /// Written by the thread, read after it was joined.
  final class Results: @unchecked Sendable {
    private(set) var states: [Int: SQLState?] = [:]
    func add(_ depth: Int, _ state: SQLState?) { states[depth] = .some(state) }
  }

  @Test("wide is not deep")
  func wide() throws {
    let terms = Array(repeating: "a = 1", count: 5_000)
    for joint in [" OR ", " AND ", " + ", ", "] {
      let text = "SELECT " + terms.map { "(\($0))" }.joined(separator: joint)
      #expect((try? SQLParser.parse(text)) != nil)
    }
  }

  @Test("steps grow with the text, not faster", arguments: nestings)
  func linear(_ nesting: Nesting) throws {
    let depth = 80
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
