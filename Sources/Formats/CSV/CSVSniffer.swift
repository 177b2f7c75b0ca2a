import Base
import Engine
import Vectors

/// Finds out what separates the fields, how many there are, whether the file begins with names, and
/// the types.
struct CSVSniffer {
  /// Files with more columns are hardly meant as such.
  static let columnLimit = 16_384

  let delimiter: UInt8
  private(set) var columns: [ResultColumn]
  private(set) var hasHeader = false
  /// Bytes from the window's beginning to the first record of values.
  private(set) var headerSizeBytes = 0
  /// Whether the type comes from a sample, column by column.
  private(set) var isGuessed: [Bool] = []

  /// Looks at the window of `input` and consumes nothing. `fills` are the columns that the file's
  /// are put into one by one; `known` are those whose types count for columns of the same name.
  init(
    _ input: CSVInput, on disk: any Disk, _ options: CSVOptions, fills: [ResultColumn]?,
    known: [ResultColumn] = [], _ context: QueryContext
  ) throws(SQLError) {
    delimiter = options.delimiter
      ?? CSVDelimiterTrial.delimiter(
        of: input, expectedCount: fills?.count, nullText: options.nullText)
    let tokenizer = CSVTokenizer(delimiter: delimiter)
    let (first, endOfFirst) = try Self.firstRecord(input, tokenizer)
    columns = fills ?? []
    defer { headerSizeBytes = hasHeader ? endOfFirst : 0 }
    if let fills {
      isGuessed = fills.map { _ in false }
      try Self.check(fieldCount: first.count, against: fills.count, in: input.path)
      hasHeader = Self.decideHeader(first, fills, options.header)
      if hasHeader { try Self.checkOrder(first, fills, in: input.path) }
      return
    }
    guard !first.isEmpty else { return }
    var sample = CSVSample(columnCount: first.count, options, tokenizer, context)
    try sample.take(input, on: disk)
    switch options.header {
    case .on: hasHeader = true
    case .off: hasHeader = false
    case .automatic: hasHeader = Self.looksLikeHeader(first, sample.body)
    }
    let types = (hasHeader ? sample.body : sample.all).map(\.type)
    let names = try Self.names(hasHeader ? first : first.map { _ in [] }, options, input.path)
    columns = zip(names, types).map { ResultColumn($0, $1) }
    isGuessed = columns.map { _ in true }
    for (index, column) in columns.enumerated() {
      guard let type = known.first(where: { $0.name.lowercased() == column.name.lowercased() })
      else { continue }
      columns[index].type = type.type
      isGuessed[index] = false
    }
  }

  /// The fields of the first record, however many, and where it ends.
  private static func firstRecord(
    _ input: CSVInput, _ tokenizer: CSVTokenizer
  ) throws(SQLError) -> (fields: [[UInt8]], end: Int) {
    var start = 0
    var line = 1
    // Empty lines before the first record say nothing about the number of columns.
    while start < input.bytes.count, input.bytes[start] == 10 || input.bytes[start] == 13 {
      start += 1
    }
    if start == input.bytes.count { return ([], 0) }
    var columnCount = 1
    while true {
      line = 1
      let table = CSVFieldTable(columnCount: columnCount, capacity: 1)
      var position = start
      let stop = tokenizer.read(
        input.bytes, from: &position, line: &line, isLast: input.isAtEndOfFile,
        sizeLimitBytes: .max, into: table)
      if table.rowCount == 1 { return ((0..<columnCount).map { table.text(0, $0) }, position) }
      switch stop {
      case .failed(let failure):
        guard case .fieldCount = failure.kind else { throw failure.error(in: input.path) }
        guard failure.column <= columnLimit else {
          throw SQLError(
            .programLimitExceeded,
            "\(input.path): \(failure.column) columns are more than the limit of \(columnLimit)")
        }
        columnCount = failure.column
      case .needsMore where !input.isAtEndOfFile: try input.refill()
      case .needsMore, .full: return ([], 0)
      }
    }
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
  static func areNames(_ fields: [[UInt8]]) -> Bool {
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

  /// The option's names or those of the header, without blanks at their ends; `column3` for an empty
  /// one, `ra_2` for a second `ra`.
  private static func names(
    _ fields: [[UInt8]], _ options: CSVOptions, _ path: String
  ) throws(SQLError) -> [String] {
    if let names = options.names, names.count != fields.count {
      throw SQLError(
        .invalidParameterValue,
        "\(path): \(names.count) names are given for \(fields.count) columns")
    }
    var taken: Set<String> = []
    var result: [String] = []
    for (index, field) in fields.enumerated() {
      let trimmed = field.withUnsafeBytes { Array(NumberText.trimmed($0)) }
      guard trimmed.withUnsafeBytes(UTF8Scalar.isValid) else {
        throw SQLError(
          .badCopyFileFormat, "\(path), line 1, field \(index + 1): the name is not UTF-8",
          hint: CSVRows.encodingHint)
      }
      let base = options.names.map { $0[index] }
        ?? (trimmed.isEmpty ? "column\(index + 1)" : String(decoding: trimmed, as: UTF8.self))
      var name = base
      var number = 2
      while !taken.insert(name.lowercased()).inserted {
        name = "\(base)_\(number)"
        number += 1
      }
      result.append(name)
    }
    return result
  }
}
