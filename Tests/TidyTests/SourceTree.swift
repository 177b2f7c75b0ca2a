import Foundation

/// The sources of the package, by module.
enum SourceTree {
  struct File {
    /// From the package's root: `Sources/Base/Disk/Disk.swift`.
    let path: String
    let module: String
    let text: String
    /// The text without comments and the contents of string literals.
    let code: String

    var lineCount: Int { text.split(separator: "\n", omittingEmptySubsequences: false).count - 1 }
  }

  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Folders with code and the module of each; below `Sources` the folder is the module.
  static let files: [File] =
    collect("Sources", module: nil) + collect("Functions", module: "Functions")
    + collect("Grammar", module: "Grammar") + collect("Bench", module: "zij-bench")

  static var swiftFiles: [File] { files.filter { $0.path.hasSuffix(".swift") } }

  private static func collect(_ folder: String, module: String?) -> [File] {
    let base = root.appendingPathComponent(folder)
    let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
    return names.sorted().compactMap { name in
      guard [".swift", ".c", ".h"].contains(where: name.hasSuffix) else { return nil }
      guard
        let text = try? String(contentsOf: base.appendingPathComponent(name), encoding: .utf8)
      else { return nil }
      let owner = module ?? name.split(separator: "/").first.map(String.init) ?? ""
      return File(
        path: folder + "/" + name, module: owner, text: text,
        code: SwiftText.withoutCommentsAndStrings(text))
    }
  }
}
