import Testing

@Suite("The tidy rules")
struct TidyRuleTests {
  struct Text: Sendable, CustomTestStringConvertible {
    let name: String
    let source: String
    let code: String
    var testDescription: String { name }

    init(_ name: String, _ source: String, _ code: String) {
      self.name = name
      self.source = source
      self.code = code
    }
  }

  static let texts = [
    Text("line comment", "a // print(\nb", "a          \nb"),
    Text("block comment", "a /* x /* y */ z */ b", "a                   b"),
    Text("string", #"f("exit(", 1)"#, #"f("     ", 1)"#),
    Text("escaped quote", #"f("a\"b") // c"#, #"f("    ")     "#),
    Text("raw string", ##"f(#"a"b"#, 1)"##, ##"f(#"   "#, 1)"##),
    Text("interpolation", #"f("\(g("x")) y") z"#, #"f("           ") z"#),
    Text("long string", "\"\"\"\na \"b\" {\n\"\"\"c", "\"\"\"\n       \n\"\"\"c"),
    Text("slashes in a string", #"f("//") + 1"#, #"f("  ") + 1"#),
  ]

  @Test("see neither comments nor strings", arguments: texts)
  func blanking(_ text: Text) {
    #expect(SwiftText.withoutCommentsAndStrings(text.source) == text.code)
  }

  @Test("measure functions")
  func lengths() {
    let code = """
      protocol P {
        func a() throws(E)
        func b(x: Int)
      }
      struct S {
        init(
          x: Int = { 3 }()
        ) {
          y()
        }
        func c<T>(
          _ t: T
        ) -> Int
          where T: P
        {
          if true {
          }
        }
      }
      """
    let expected = [
      FunctionLengths.Function(name: "init", line: 6, lineCount: 5),
      FunctionLengths.Function(name: "c", line: 11, lineCount: 8),
    ]
    #expect(FunctionLengths.measure(code) == expected)
  }

  @Test("name imports from above and unknown ones")
  func layers() {
    let code = "import Base\n@testable import Engine\nimport struct Vectors.Batch\nimport Foundation"
    #expect(Layers.violations(of: "Planning", in: code).count == 2)
    #expect(Layers.violations(of: "Formats", in: "import CReadline").count == 1)
    #expect(Layers.violations(of: "zij", in: "import CReadline\nimport Foundation") == [])
    #expect(Layers.violations(of: "Planning", in: "import Execution").count == 1)
    #expect(Layers.violations(of: "Sky", in: "import Glibc") == [])
  }

  @Test(
    "find what a library must not do",
    arguments: [
      "print(1)", "exit(1)", "signal(2)", "sigaction(2)", "fatalError()", "try! f()", "a as! B",
      "setlocale(1)", "chdir(a)",
    ])
  func rules(code: String) {
    let hits = Rules.belowExecutables.filter { !Rules.lines(matching: $0.pattern, in: code).isEmpty }
    #expect(hits.count == 1)
  }

  @Test(
    "leave alone what only looks like it",
    arguments: ["a.print(1)", "func print(", "reprint(1)", "query.exit(1)", "as? B", "try f()"])
  func lookalikes(code: String) {
    for rule in Rules.belowExecutables {
      #expect(Rules.lines(matching: rule.pattern, in: code) == [])
    }
  }

  @Test("find file access that is not the module's own")
  func fileAccess() {
    let code = "import Glibc\nlet a = open(b, O_RDONLY)\ntry file.read(at: 0)\n"
    #expect(Rules.fileAccess(in: code, declared: []) == [2])
    #expect(Rules.fileAccess(in: code, declared: ["open"]) == [])
    #expect(Rules.fileAccess(in: "Glibc.open(b)", declared: ["open"]) == [1])
  }

  @Test("know names that say nothing")
  func names() {
    #expect(Rules.hasEmptyName("Sources/Base/StringUtils.swift"))
    #expect(Rules.hasEmptyName("Sources/Common/A.swift"))
    #expect(!Rules.hasEmptyName("Sources/Base/Buffer.swift"))
  }
}
