import Base
import Foundation
import Testing

@testable import Parsing

/// IVOA's validation queries, each marked valid or not, where the fixtures are present.
@Suite("IVOA's ADQL queries")
struct ADQLFixtureTests {
  struct Fixture {
    var file: String
    var isValid: Bool
    var text: String
  }

  /// Why a query is judged otherwise here, by a part of its text.
  static let outOfScope = [
    "my_undefined_function": "which functions exist is the binder's business",
  ]

  @Test("are accepted and refused as marked")
  func fixtures() throws {
    let fixtures = try Self.fixtures()
    guard !fixtures.isEmpty else {
      print("skipped: no ADQL fixtures")
      return
    }
    var agreed = 0
    for fixture in fixtures {
      let isAccepted = (try? SQLParser.parse(fixture.text, dialect: .adql21)) != nil
      let text = fixture.text.split { $0.isWhitespace }.joined(separator: " ")
      let isExcepted = Self.outOfScope.keys.contains { text.contains($0) }
      // An exception that has become right must be struck off the list.
      #expect((isAccepted == fixture.isValid) != isExcepted, "\(fixture.file): \(fixture.text)")
      if isAccepted == fixture.isValid { agreed += 1 }
    }
    #expect(agreed == fixtures.count - Self.outOfScope.count)
  }

  static func fixtures() throws -> [Fixture] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let folder =
      ProcessInfo.processInfo.environment["ZIJ_FIXTURES"].map { URL(fileURLWithPath: $0) }
      ?? root.appendingPathComponent("../shared/fixtures")
    let queries = folder.appendingPathComponent("adql/ivoa")
    let files =
      (try? FileManager.default.contentsOfDirectory(at: queries, includingPropertiesForKeys: nil))
      ?? []
    return try files.filter { $0.pathExtension == "xml" }.sorted { $0.path < $1.path }
      .flatMap { try fixtures(in: $0) }
  }

  /// The `<adql valid="…">` elements of a file, by hand: there is no XML reader below the engine.
  private static func fixtures(in file: URL) throws -> [Fixture] {
    let text = try String(contentsOf: file, encoding: .utf8)
    return text.components(separatedBy: "<adql ").dropFirst().compactMap { part in
      guard let open = part.firstIndex(of: ">"), let close = part.range(of: "</adql>") else {
        return nil
      }
      var query = String(part[part.index(after: open)..<close.lowerBound])
      if query.hasPrefix("<![CDATA[") { query = String(query.dropFirst(9).dropLast(3)) }
      for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")] {
        query = query.replacingOccurrences(of: entity, with: character)
      }
      return Fixture(
        file: file.lastPathComponent, isValid: part[..<open].contains("valid=\"true\""), text: query
      )
    }
  }
}
