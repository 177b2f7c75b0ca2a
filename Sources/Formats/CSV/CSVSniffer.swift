import Base
import Engine
import Vectors

/// Finds out a file's number of columns, whether it begins with names, and the types: from the first
/// 10,000 records, or from what the first block holds.
struct CSVSniffer {
  static let recordLimit = 10_000

  private(set) var columns: [ResultColumn]
  private(set) var hasHeader = false

  /// Looks at the window of `input`, from `offset` on, and consumes nothing. `expected` fixes names
  /// and types.
  init(
    _ input: CSVInput, from offset: Int, options: CSVOptions, expected: [ResultColumn]?
  ) throws(SQLError) {
    let tokenizer = CSVTokenizer(delimiter: options.delimiter)
    let first = try Self.firstRecord(input, from: offset, tokenizer)
    let conversion = CSVConversion(nullText: options.nullText)
    columns = expected ?? []
    if let expected {
      try Self.check(fieldCount: first.count, against: expected.count, in: input.path)
      hasHeader = Self.decideHeader(first, expected, options.header)
      if hasHeader { try Self.checkOrder(first, expected, in: input.path) }
      return
    }
    guard !first.isEmpty else { return }
    let guesses = try Self.guesses(
      input, from: offset, tokenizer, conversion, columnCount: first.count)
    switch options.header {
    case .on: hasHeader = true
    case .off: hasHeader = false
    case .automatic: hasHeader = Self.looksLikeHeader(first, guesses.body)
    }
    let types = (hasHeader ? guesses.body : guesses.all).map(\.type)
    let names = Self.names(hasHeader ? first : first.map { _ in [] })
    columns = zip(names, types).map { ResultColumn($0, $1) }
  }

  /// The fields of the first record, however many.
  private static func firstRecord(
    _ input: CSVInput, from offset: Int, _ tokenizer: CSVTokenizer
  ) throws(SQLError) -> [[UInt8]] {
    var start = offset
    var line = 1
    // Empty lines before the first record say nothing about the number of columns.
    while start < input.bytes.count, input.bytes[start] == 10 || input.bytes[start] == 13 {
      start += 1
    }
    if start == input.bytes.count { return [] }
    var columnCount = 1
    while true {
      let table = CSVFieldTable(columnCount: columnCount, capacity: 1)
      var position = start
      let stop = tokenizer.read(
        input.bytes, from: &position, line: &line, isLast: input.isAtEndOfFile,
        sizeLimitBytes: .max, into: table)
      if table.rowCount == 1 { return (0..<columnCount).map { table.text(0, $0) } }
      switch stop {
      case .failed(let failure):
        guard case .fieldCount = failure.kind else { throw failure.error(in: input.path) }
        columnCount = failure.column
      case .needsMore where !input.isAtEndOfFile: try input.refill()
      case .needsMore, .full: return []
      }
    }
  }

  private static func guesses(
    _ input: CSVInput, from offset: Int, _ tokenizer: CSVTokenizer, _ conversion: CSVConversion,
    columnCount: Int
  ) throws(SQLError) -> (all: [CSVColumnGuess], body: [CSVColumnGuess]) {
    var first = [CSVColumnGuess](repeating: CSVColumnGuess(), count: columnCount)
    var body = first
    let table = CSVFieldTable(columnCount: columnCount, capacity: Batch.capacity)
    var position = offset
    var line = 1
    var rowCount = 0
    while rowCount < recordLimit {
      let stop = tokenizer.read(
        input.bytes, from: &position, line: &line, isLast: input.isAtEndOfFile,
        sizeLimitBytes: .max, into: table)
      for column in 0..<columnCount {
        let fields = table.column(column)
        for row in 0..<table.rowCount where !conversion.isNull(fields[row], in: table) {
          let bytes = table.bytes(of: fields[row])
          first[column].add(bytes)
          if rowCount + row > 0 { body[column].add(bytes) }
        }
      }
      rowCount += table.rowCount
      if stop == .needsMore, rowCount < 2, !input.isAtEndOfFile {
        try input.refill()
        continue
      }
      // A bad record is reported when its turn comes, with the rows before it in place.
      if stop != .full || table.rowCount == 0 { break }
    }
    return (first, body)
  }
}

// MARK: Headers

extension CSVSniffer {
  /// Names stand above a column whose values are no text, or, if all are text, look like names.
  private static func looksLikeHeader(_ first: [[UInt8]], _ body: [CSVColumnGuess]) -> Bool {
    let typed = zip(first, body).filter { $1.hasValues && $1.type != .text }
    if typed.isEmpty { return areNames(first) }
    return typed.contains { field, guess in
      if field.isEmpty { return false }
      var alone = CSVColumnGuess()
      field.withUnsafeBytes { alone.add($0) }
      return alone.type == .text
    }
  }

  /// Different words that begin with a letter or an underscore.
  private static func areNames(_ fields: [[UInt8]]) -> Bool {
    Set(fields).count == fields.count
      && fields.allSatisfy { field in
        guard let first = field.first else { return false }
        let letter = first | 0x20
        return first == UInt8(ascii: "_") || first >= 0x80
          || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
      }
  }

  private static func decideHeader(
    _ first: [[UInt8]], _ expected: [ResultColumn], _ option: CSVOptions.Header
  ) -> Bool {
    switch option {
    case .on: return true
    case .off: return false
    case .automatic: break
    }
    if Set(first.map(folded)) == Set(expected.map { $0.name.lowercased() }) { return true }
    guard areNames(first) else { return false }
    return zip(first, expected).contains { field, column in
      var alone = CSVColumnGuess()
      field.withUnsafeBytes { alone.add($0) }
      return column.type != .text && alone.type == .text
    }
  }

  /// Refuses a header that names the table's columns in another order: filling them by position
  /// would put values into the wrong ones.
  private static func checkOrder(
    _ first: [[UInt8]], _ expected: [ResultColumn], in path: String
  ) throws(SQLError) {
    let found = first.map(folded)
    let wanted = expected.map { $0.name.lowercased() }
    guard found != wanted, Set(found) == Set(wanted) else { return }
    throw SQLError(
      .badCopyFileFormat, "\(path), line 1: the columns are in another order than the table's",
      hint: "Name them in the file's order: COPY t (\(found.joined(separator: ", "))) FROM …")
  }

  private static func folded(_ field: [UInt8]) -> String {
    let trimmed = field.withUnsafeBytes { Array(NumberText.trimmed($0)) }
    return String(decoding: trimmed, as: UTF8.self).lowercased()
  }

  private static func check(
    fieldCount: Int, against expected: Int, in path: String
  ) throws(SQLError) {
    guard fieldCount > 0, fieldCount != expected else { return }
    throw CSVFailure(line: 1, column: fieldCount, kind: .fieldCount(expected)).error(in: path)
  }

  /// Names without blanks at their ends; `column3` for an empty one, `ra_2` for a second `ra`.
  private static func names(_ fields: [[UInt8]]) -> [String] {
    var taken: Set<String> = []
    return fields.enumerated().map { index, field in
      let trimmed = field.withUnsafeBytes { Array(NumberText.trimmed($0)) }
      let base =
        trimmed.isEmpty
        ? "column\(index + 1)" : String(decoding: trimmed, as: UTF8.self)
      var name = base
      var number = 2
      while !taken.insert(name.lowercased()).inserted {
        name = "\(base)_\(number)"
        number += 1
      }
      return name
    }
  }
}
