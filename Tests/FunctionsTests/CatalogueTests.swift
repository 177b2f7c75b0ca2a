import FunctionKit
import Functions
import Glibc
import Testing

@Suite("The catalogue of functions")
struct CatalogueTests {
  private static let root: String = {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    return parts.joined(separator: "/")
  }()

  private func contents(_ path: String) -> String? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
      bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func swiftFiles(_ folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var found: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") { continue }
      let path = "\(folder)/\(name)"
      found += name.hasSuffix(".swift") ? [path] : swiftFiles(path)
    }
    return found
  }

  @Test("names every family")
  func families() throws {
    let folder = "\(Self.root)/Functions"
    let catalogue = try #require(contents("\(folder)/Catalogue.swift"))
    var count = 0
    for path in swiftFiles(folder) {
      let text = try #require(contents(path))
      var family = ""
      for line in text.split(separator: "\n") {
        if line.hasPrefix("enum ") { family = String(line.split(separator: " ")[1]) }
        for member in ["functions", "tables"] where line.hasPrefix("  static let \(member):") {
          #expect(catalogue.contains("set.add(\(family).\(member))"), "\(path): \(family)")
          count += 1
        }
      }
    }
    #expect(count >= 18)
  }

  @Test("is what docs/functions.md says")
  func documentation() throws {
    let path = "\(Self.root)/docs/functions.md"
    let page = FunctionDocumentation.markdown(BuiltInFunctions.all)
    if getenv("ZIJ_UPDATE_DOCS") != nil {
      mkdir("\(Self.root)/docs", 0o755)
      let file = try #require(fopen(path, "wb"))
      fputs(page, file)
      fclose(file)
    }
    let matches = contents(path) == page
    #expect(matches, "run the tests with ZIJ_UPDATE_DOCS=1 and look at the difference")
  }

  @Test("has no two overloads with the same parameters")
  func distinct() {
    var seen: Set<String> = []
    for function in BuiltInFunctions.all.scalars {
      for name in [function.name] + function.aliases {
        let key = "\(name)(\(function.parameters.map { "\($0.type)" }))"
        #expect(seen.insert(key).inserted, "\(key)")
      }
    }
  }
}
