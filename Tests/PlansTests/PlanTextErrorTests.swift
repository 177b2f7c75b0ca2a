import Base
import Plans
import Synchronization
import Testing
import Vectors

@Suite("Plan texts that are wrong")
struct PlanTextErrorTests {
  struct Wrong: Sendable, CustomTestStringConvertible {
    var text: String
    var offset: Int
    var what: String

    init(_ text: String, _ offset: Int, _ what: String) {
      self.text = text
      self.offset = offset
      self.what = what
    }

    var testDescription: String { "\(what): \(text)" }
  }

  static func filter(_ expression: String) -> String {
    #"(filter (values (types "real")) "# + expression + ")"
  }

  static let wrong = [
    Wrong("", 0, "a parenthesis expected"),
    Wrong("scan", 0, "a parenthesis expected"),
    Wrong("(", 0, #"no operator is called """#),
    Wrong("(teleport)", 0, #"no operator is called "teleport""#),
    Wrong("(singlerow", 10, "a closing parenthesis expected"),
    Wrong("(singlerow) ()", 12, "text behind the end of the plan"),
    Wrong(#"(file "a"#, 6, "quoted text has no end"),
    Wrong(#"(file "a\q" none (options) (types))"#, 8, "unknown escape"),
    Wrong(#"(file "\u{d800}" none (options) (types))"#, 7, "not a character's number"),
    Wrong(#"(file "\u"#, 7, "not a character's number"),
    Wrong(#"(file "\"#, 7, "unknown escape"),
    Wrong(#"(file "a" csv (types))"#, 10, "one of none expected"),
    Wrong(#"(file "a" none (options) (columns 0) (types "teapot"))"#, 44, "not a type"),
    Wrong(#"(file "a" none (options) (columns 0) (types "decimal(39,0)"))"#, 44, "not a type"),
    Wrong(#"(file "a" none (options) (columns) (kinds))"#, 35, #""(types" expected"#),
    Wrong("(limit (singlerow) -1 0)", 19, "number out of range: -1"),
    Wrong("(limit (singlerow) 1 99999999999999999999)", 21, "not a Int"),
    Wrong("(limit (singlerow) few 0)", 19, "not a Int"),
    Wrong(#"(values (types "real") (row))"#, 23, "0 values for 1 columns"),
    Wrong(#"(values (types) (row 1))"#, 16, "1 values for 0 columns"),
    Wrong(
      #"(values (types "real") (row 99999999999999999999))"#, 28,
      "not a value: 99999999999999999999"),
    Wrong(#"(values (types "real") (row 0x10))"#, 28, "not a value: 0x10"),
    Wrong(#"(values (types "real") (row 1e999))"#, 28, "not a value: 1e999"),
    Wrong(#"(values (types "real") (row nan:0))"#, 28, "not a value: nan:0"),
    Wrong(#"(values (types "real") (row (real nan)))"#, 34, "not a number"),
    Wrong(#"(values (types "real") (row (real 1e39)))"#, 34, "not a number"),
    Wrong(#"(values (types "real") (row (binary 0)))"#, 36, "not bytes in hexadecimal digits"),
    Wrong(#"(values (types "real") (row (binary 0g)))"#, 36, "not bytes in hexadecimal digits"),
    Wrong(#"(values (types "real") (row (date 2147483648)))"#, 34, "not a Int32"),
    Wrong(#"(values (types "real") (row (decimal 1 39)))"#, 39, "number out of range: 39"),
    Wrong(#"(values (types "real") (row (tensor)))"#, 28, #"no value is called "tensor""#),
    Wrong(
      #"(scan "" "" (columns 0) (types) (names) (output) (filters) anywhere)"#, 12,
      "not a type and a name for each column"),
    Wrong(
      #"(scan "" "" (columns) (types) (names) (output 0) (filters) anywhere)"#, 38,
      "no such column"),
    Wrong(
      #"(scan "" "" (columns 4) (types "real") (names "") (output 1) (filters) anywhere)"#, 58,
      "number out of range: 1"),
    Wrong(
      #"(scan "" "" (columns) (types) (names) (output) (filters) here)"#, 57,
      "one of anywhere expected"),
    Wrong(filter(#"(column 1 "real")"#), 32, "column 1 of 1"),
    Wrong(filter(#"(column -1 "real")"#), 40, "number out of range: -1"),
    Wrong(filter(#"(column 0 "text")"#), 32, "column 0 is real, not text"),
    Wrong(filter(#"(parameter 0 "text")"#), 43, "number out of range: 0"),
    Wrong(filter(#"(call "f" "real" ("real"))"#), 32, "0 arguments of 1 types"),
    Wrong(filter(#"(maybe)"#), 32, #"no expression is called "maybe""#),
    Wrong("(sort (singlerow) (up first))", 18, #""(asc" or "(desc" expected"#),
    Wrong(filter("(not)"), 36, "an expression expected"),
    Wrong(filter(#"(cone (parameter 1 "real") 1 2 3 open)"#), 59, "an expression expected"),
    Wrong(
      "(outerjoin (singlerow) (singlerow) (keys) (residual))", 0,
      #"no operator is called "outerjoin""#),
  ]

  @Test("are refused with the place", arguments: wrong)
  func refusals(_ wrong: Wrong) {
    #expect(
      throws: SQLError(
        .dataCorrupted, "corrupt plan text at byte \(wrong.offset): \(wrong.what)")
    ) { try PhysicalPlan(text: wrong.text) }
  }

  /// A kind of nesting: what repeats, and what stands before, inside and behind.
  struct Nesting: Sendable, CustomTestStringConvertible {
    var name: String
    var before = ""
    var open: String
    var core: String
    var close = ")"
    var behind = ""
    /// This deep is read, one deeper is refused.
    var limit: Int

    func text(_ depth: Int) -> String {
      before + String(repeating: open, count: depth) + core
        + String(repeating: close, count: depth) + behind
    }

    var testDescription: String { name }
  }

  static let nestings = [
    Nesting(name: "operators", open: "(filter ", core: "(singlerow)", limit: 999),
    Nesting(
      name: "expressions", before: "(filter (singlerow) ", open: "(not ",
      core: #"(literal null "text")"#, behind: ")", limit: 998),
    Nesting(
      name: "cases", before: "(filter (singlerow) ", open: #"(case "text" "#,
      core: #"(literal null "text")"#, behind: ")", limit: 998),
    Nesting(
      name: "calls", before: "(filter (singlerow) ", open: #"(call "f" "text" ("text") "#,
      core: #"(literal null "text")"#, behind: ")", limit: 998),
    Nesting(
      name: "values", before: #"(values (types "text") (row "#, open: "(list ", core: "(list)",
      behind: "))", limit: 997),
    Nesting(
      name: "types", before: #"(values (types "text"#, open: "[", core: "", close: "]",
      behind: #""))"#, limit: 1),
    Nesting(
      name: "array types", before: #"(values (types "text"#, open: "[]", core: "", close: "",
      behind: #""))"#, limit: 32),
  ]

  @Test("are refused where they nest too deeply, on a small stack", arguments: nestings)
  func nesting(_ nesting: Nesting) throws {
    let outcome = Mutex("not run")
    // Unoptimised frames are about twice as large.
    let stackBytes = _isDebugAssertConfiguration() ? 4 << 20 : 2 << 20
    let thread = WorkerThread(stackBytes: stackBytes) {
      let message = Self.outcome(of: nesting)
      outcome.withLock { $0 = message }
    }
    try #require(thread != nil)
    thread?.join()
    #expect(outcome.withLock { $0 } == "read and refused")
  }

  private static func outcome(of nesting: Nesting) -> String {
    do throws(SQLError) {
      let deepest = nesting.text(nesting.limit)
      let plan = try PhysicalPlan(text: deepest)
      if plan.text != deepest { return "written otherwise" }
      if ExplainText.lines(of: plan, annotations: nil).isEmpty { return "not explained" }
    } catch { return "\(error)" }
    for depth in [nesting.limit + 1, 100_000] {
      do throws(SQLError) {
        _ = try PhysicalPlan(text: nesting.text(depth))
        return "read at depth \(depth)"
      } catch {
        if error.state != .dataCorrupted { return "\(error)" }
      }
    }
    return "read and refused"
  }

  @Test("are never worse than refused: 20,000 mutations")
  func mutations() throws {
    let random = SeededRandom(seed: 20_260)
    let plans = PlanTextTests.cases.map(\.plan) + (0..<200).map { RandomPlans(seed: $0).plan() }
    let samples = plans.map { Array($0.text.utf8) }
    let pieces = [
      "(", ")", "\"", " ", "\\", "\\u{", "-", "9", "none", "(list", "nan:", "[]", "\u{0}",
    ]
    var accepted = 0
    for _ in 0..<20_000 {
      var text = samples[random.next(below: samples.count)]
      for _ in 0...random.next(below: 3) {
        let place = random.next(below: text.count + 1)
        let end = min(text.count, place + random.next(below: 9))
        switch random.next(below: 4) {
        case 0: text.removeSubrange(place..<end)
        case 1: text.insert(contentsOf: text[place..<end], at: random.next(below: text.count + 1))
        case 2: if place < text.count { text[place] = UInt8(truncatingIfNeeded: random.next()) }
        default: text.insert(contentsOf: pieces[random.next(below: pieces.count)].utf8, at: place)
        }
      }
      do throws(SQLError) {
        let plan = try PhysicalPlan(text: String(decoding: text, as: UTF8.self))
        accepted += 1
        let again = try PhysicalPlan(text: plan.text)
        #expect(again.text == plan.text)
        _ = plan.types
        _ = ExplainText.lines(of: plan, annotations: nil)
      } catch {
        #expect(error.state == .dataCorrupted, "\(error)")
      }
    }
    // Otherwise the mutations would be too wild to reach the deeper checks.
    #expect((500..<15_000).contains(accepted), "\(accepted)")
  }
}
