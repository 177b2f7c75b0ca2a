/// A sqllogictest file: records in order.
///
/// The dialect is SQLite's (`statement`, `query`, `skipif`, `onlyif`, `hash-threshold`, `halt`) with
/// three additions: `statement error SQLSTATE`; `parameters V…` before a record gives its `$n`
/// (integers, reals, 'text', NULL, TRUE, FALSE); `restart` closes the database and opens it again.
/// `__DIR__` in SQL is an empty directory of the file's own. Expected rows stand one value a line
/// or one row a line with tabs.
struct Script {
  struct Record {
    var line: Int
    var kind: Kind
    var sql: String
    var parameters: [String]
    /// Engines named by `onlyif` and `skipif` right before the record.
    var onlyOn: [String]
    var skipOn: [String]
  }

  enum Kind {
    case statement
    /// Nil: any error.
    case failure(state: String?)
    case query(Query)
    case hashThreshold(Int)
    case restart
    case halt
  }

  struct Query {
    var types: [Character]
    var sort: Sort
    /// Nil: the record has no `----` and only has to run.
    var expected: [String]?
  }

  enum Sort: String { case nosort, rowsort, valuesort }

  struct Malformed: Error {
    var line: Int
    var what: String
  }

  private(set) var records: [Record] = []
  private var lines: [Substring]
  private var next = 0
  private var parameters: [String] = []
  private var onlyOn: [String] = []
  private var skipOn: [String] = []

  init(_ text: String) throws(Malformed) {
    // "\r\n" is one Character in Swift, so that splitting at "\n" would not see it.
    lines = text.replacing("\r\n", with: "\n")
      .split(separator: "\n", omittingEmptySubsequences: false)
    while next < lines.count { try readRecord() }
  }

  private mutating func readRecord() throws(Malformed) {
    let line = next
    let words = lines[line].split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    next += 1
    guard let first = words.first, !first.hasPrefix("#") else { return }
    switch first {
    case "onlyif": onlyOn.append(try word(words, 1, line))
    case "skipif": skipOn.append(try word(words, 1, line))
    case "parameters": parameters = Self.literals(in: lines[line].dropFirst(first.count))
    case "halt": add(.halt, line)
    case "restart": add(.restart, line)
    case "hash-threshold":
      guard let count = Int(try word(words, 1, line)) else {
        throw Malformed(line: line + 1, what: "hash-threshold needs a number")
      }
      add(.hashThreshold(count), line)
    case "statement": try readStatement(words, line)
    case "query": try readQuery(words, line)
    default: throw Malformed(line: line + 1, what: "unknown record: \(first)")
    }
  }

  private mutating func readStatement(_ words: [String], _ line: Int) throws(Malformed) {
    let outcome = try word(words, 1, line)
    let sql = readSQL()
    switch outcome {
    case "ok": add(.statement, line, sql)
    case "error": add(.failure(state: words.count > 2 ? words[2] : nil), line, sql)
    default: throw Malformed(line: line + 1, what: "statement \(outcome)")
    }
  }

  private mutating func readQuery(_ words: [String], _ line: Int) throws(Malformed) {
    let types = Array(try word(words, 1, line))
    guard types.allSatisfy({ "IRT".contains($0) }) else {
      throw Malformed(line: line + 1, what: "column types are I, R and T")
    }
    let sort = words.count > 2 ? Sort(rawValue: words[2]) : .nosort
    guard let sort else { throw Malformed(line: line + 1, what: "unknown order: \(words[2])") }
    let sql = readSQL()
    var expected: [String]?
    if next < lines.count, lines[next] == "----" {
      next += 1
      var values: [String] = []
      while next < lines.count, !lines[next].isEmpty {
        values.append(String(lines[next]))
        next += 1
      }
      expected = values
    }
    add(.query(Query(types: types, sort: sort, expected: expected)), line, sql)
  }

  /// The lines up to an empty one or `----`.
  private mutating func readSQL() -> String {
    var sql: [Substring] = []
    while next < lines.count, !lines[next].isEmpty, lines[next] != "----" {
      sql.append(lines[next])
      next += 1
    }
    return sql.joined(separator: "\n")
  }

  private mutating func add(_ kind: Kind, _ line: Int, _ sql: String = "") {
    records.append(
      Record(
        line: line + 1, kind: kind, sql: sql, parameters: parameters, onlyOn: onlyOn,
        skipOn: skipOn))
    parameters = []
    onlyOn = []
    skipOn = []
  }

  private func word(_ words: [String], _ index: Int, _ line: Int) throws(Malformed) -> String {
    guard index < words.count else {
      throw Malformed(line: line + 1, what: "something is missing after \"\(words[0])\"")
    }
    return words[index]
  }

  /// Words of a line, where a quoted text is one, quotes kept.
  private static func literals(in text: Substring) -> [String] {
    var result: [String] = []
    var current = ""
    var isQuoted = false
    for character in text {
      if character == "'" { isQuoted.toggle() }
      if character == " ", !isQuoted {
        if !current.isEmpty { result.append(current) }
        current = ""
      } else {
        current.append(character)
      }
    }
    return current.isEmpty ? result : result + [current]
  }
}
