import Base
import Engine
import Parsing
import Vectors

/// What the Tab key offers: backslash commands, names of the catalogue, and what the grammar allows
/// at the place.
struct Completion {
  private let shell: Shell
  /// The lines before the one being typed.
  private let pendingText: () -> [UInt8]

  init(_ shell: Shell, pendingText: @escaping () -> [UInt8]) {
    self.shell = shell
    self.pendingText = pendingText
  }

  /// Candidates that replace the word from byte `wordStart` to byte `caret` of `line`.
  func candidates(for line: [UInt8], wordStart: Int, caret: Int) -> [String] {
    guard wordStart <= caret, caret <= line.count else { return [] }
    let word = String(decoding: line[wordStart..<caret], as: UTF8.self)
    if line.first == UInt8(ascii: "\\") {
      let start = String(decoding: line[..<caret], as: UTF8.self)
      return commandCandidates(start, word, isFirst: wordStart == 0)
    }
    let before = pendingText()
    let text = String(decoding: before + line, as: UTF8.self)
    let request = SQLParser.completions(
      for: text, caret: before.count + caret, dialect: shell.connection.dialect)
    if request.isInsideString { return [] }
    // Readline's word may hold a qualifier that the grammar's prefix does not: `g.r`.
    let kept = String(word.dropLast(request.prefix.count))
    return candidates(for: request).map { kept + $0 }
  }

  // MARK: SQL

  private func candidates(for request: CompletionRequest) -> [String] {
    var result: [String] = []
    if request.wantsColumn { result += columns(for: request) }
    if request.wantsTable {
      let schema = request.qualifiers.last?.text.lowercased()
      let tables = tables(of: schema)
      result += tables.filter { $0.schema.lowercased() == schema ?? "public" }.map(\.name)
      if schema == nil { result += Set(tables.map(\.schema)).sorted().map { $0 + "." } }
    }
    if request.qualifiers.isEmpty {
      if request.wantsColumn {
        result += request.tablesInScope.map { $0.alias?.text ?? $0.name.last.text }
      }
      if request.wantsFunction { result += shell.tables.functionNames().map { $0 + "(" } }
      if request.wantsType { result += LogicalType.named.keys }
      // Keywords follow the case of what is typed already.
      let isLower = request.prefix.contains { $0.isLowercase }
      result += request.expectedKeywords.map { isLower ? $0.lowercased() : $0 }
    }
    let prefix = request.prefix.lowercased()
    var seen: Set<String> = []
    return result.filter { $0.lowercased().hasPrefix(prefix) && seen.insert($0).inserted }
  }

  private func tables(of schema: String?) -> [TableList.Entry] {
    let isSystem = schema == "pg_catalog" || schema == "information_schema"
    return (try? shell.tables.tables(withSystem: isSystem)) ?? []
  }

  private func columns(for request: CompletionRequest) -> [String] {
    let qualifier = request.qualifiers.last?.text.lowercased()
    var result: [String] = []
    for scope in request.tablesInScope {
      let name = scope.name.last.text.lowercased()
      if let qualifier, qualifier != scope.alias?.text.lowercased(), qualifier != name { continue }
      let names = (try? shell.tables.columnNames(ofTablesNamed: name)) ?? []
      result += names.map(Self.spelled)
    }
    return result
  }

  /// A name as SQL writes it.
  private static func spelled(_ name: String) -> String {
    let isRegular = name.utf8.enumerated().allSatisfy { index, byte in
      let letter = byte | 0x20
      return letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z")
        || byte == UInt8(ascii: "_")
        || index > 0 && byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
    return isRegular && !name.isEmpty ? name : "\"\(name)\""
  }

  // MARK: Backslash commands

  private func commandCandidates(_ line: String, _ word: String, isFirst: Bool) -> [String] {
    if isFirst {
      return BackslashCommand.all.map { "\\" + $0.name }.filter { $0.hasPrefix(word) }
    }
    let command = line.dropFirst().prefix { $0 != " " }
    let lower = word.lowercased()
    switch command {
    case "d", "d+", "dt", "dt+":
      let names = tables(of: nil).map(\.name)
      return names.filter { $0.lowercased().hasPrefix(lower) }
    case "df", "df+":
      return Set(shell.tables.functionNames()).filter { $0.hasPrefix(lower) }.sorted()
    case "h", "help": return SQLParser.helpTopics.filter { $0.lowercased().hasPrefix(lower) }
    case "pset": return ResultFormat.settingNames.filter { $0.hasPrefix(lower) }
    case "hist", "sky":
      return (shell.lastResult?.columns ?? []).filter { $0.type.isNumeric }.map(\.name)
        .filter { $0.lowercased().hasPrefix(lower) }
    case "set", "unset", "echo":
      return (["ON_ERROR_STOP", "QUIET"] + shell.variables.values.keys.sorted())
        .filter { $0.lowercased().hasPrefix(lower) }
    default: return []
    }
  }
}
