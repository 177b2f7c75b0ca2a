import Foundation
import Testing

@Suite("The source tree")
struct TidyTests {
  private static let isLibrary: @Sendable (SourceTree.File) -> Bool = {
    (Layers.numbers[$0.module] ?? 0) < Layers.firstExecutable
  }
  private static var libraryFiles: [SourceTree.File] { SourceTree.swiftFiles.filter(isLibrary) }

  @Test("is there")
  func found() {
    let modules = Set(SourceTree.files.map(\.module))
    #expect(modules.isSuperset(of: ["Base", "Functions", "Grammar", "zij", "zij-bench"]))
    #expect(modules.subtracting(Layers.numbers.keys) == [])
  }

  @Test("imports only from lower layers")
  func layers() {
    for file in SourceTree.swiftFiles {
      let violations = Layers.violations(of: file.module, in: file.code)
      #expect(violations == [], "\(file.path)")
    }
  }

  @Test("has no file of more than 1,000 lines")
  func fileLengths() {
    for file in SourceTree.files { #expect(file.lineCount <= 1000, "\(file.path)") }
  }

  @Test("has no function of more than 70 lines")
  func functionLengths() {
    for file in SourceTree.swiftFiles {
      for function in FunctionLengths.measure(file.code) {
        #expect(function.lineCount <= 70, "\(file.path):\(function.line): \(function.name)")
      }
    }
  }

  @Test("keeps the rules below the executables", arguments: Rules.belowExecutables.map(\.name))
  func rules(name: String) throws {
    let rule = try #require(Rules.belowExecutables.first { $0.name == name })
    for file in Self.libraryFiles {
      for line in Rules.lines(matching: rule.pattern, in: file.code) {
        Issue.record("\(file.path):\(line): \(rule.name): \(rule.why)")
      }
    }
  }

  @Test("reaches files only through Disk")
  func disk() {
    let byModule = Dictionary(grouping: Self.libraryFiles, by: \.module)
    for files in byModule.values {
      let declared = files.reduce(into: Set<String>()) {
        $0.formUnion(Rules.declaredFunctions(in: $1.code))
      }
      for file in files where !file.path.hasPrefix("Sources/Base/Disk/") {
        for line in Rules.fileAccess(in: file.code, declared: declared) {
          Issue.record("\(file.path):\(line): file access outside of Disk")
        }
      }
    }
  }

  @Test("has no names that say nothing")
  func names() {
    for file in SourceTree.files { #expect(!Rules.hasEmptyName(file.path), "\(file.path)") }
  }

  @Test("begins each module with a paragraph on it", arguments: Layers.modulesWithHeader)
  func headers(module: String) throws {
    let file = try #require(
      SourceTree.files.first { $0.path == "Sources/\(module)/\(module).swift" })
    let paragraph = file.text.split(separator: "\n").prefix { $0.hasPrefix("//") }
    #expect(!paragraph.isEmpty, "\(file.path) begins with a paragraph on the module")
  }
}
