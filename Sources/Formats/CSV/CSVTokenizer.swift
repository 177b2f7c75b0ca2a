import Base

/// Cuts a window of bytes into records and fields (RFC 4180).
///
/// Lines end with LF, CRLF or CR. A quote counts only at the beginning of a field. Empty lines are
/// skipped unless there is just one column, where they are a record with an empty field.
struct CSVTokenizer {
  let delimiter: UInt8

  /// What ended a run over the window.
  enum Stop: Equatable {
    /// The table is full.
    case full
    /// The window ends inside a record, or at its very end.
    case needsMore
    case failed(CSVFailure)
  }

  /// Fills `table` from `offset` on and moves `offset` and `line` behind the last whole record.
  /// `isLast` says that no bytes follow the window.
  func read(
    _ window: UnsafeRawBufferPointer, from offset: inout Int, line: inout Int, isLast: Bool,
    sizeLimitBytes: Int, into table: CSVFieldTable
  ) -> Stop {
    guard let base = window.baseAddress else { return .needsMore }
    table.rowCount = 0
    table.base = base
    let first = offset
    while table.rowCount < table.capacity, offset &- first < sizeLimitBytes {
      if offset == window.count { return .needsMore }
      if table.columnCount > 1, let next = endOfLine(window, offset, isLast: isLast) {
        if next == offset { return .needsMore }
        offset = next
        line &+= 1
        continue
      }
      var cursor = Cursor(window: window, offset: offset, line: line, isLast: isLast)
      switch readRecord(&cursor, table) {
      case .done:
        table.lines[table.rowCount] = line
        table.rowCount &+= 1
        offset = cursor.offset
        line = cursor.line
      case .needsMore: return .needsMore
      case .failed(let failure): return .failed(failure)
      }
    }
    return .full
  }

  private struct Cursor {
    let window: UnsafeRawBufferPointer
    var offset: Int
    var line: Int
    let isLast: Bool
  }

  private enum RecordEnd {
    case done, needsMore
    case failed(CSVFailure)
  }

  /// Position behind the line end at `offset`; `offset` itself when more bytes are needed to tell;
  /// nil when there is none.
  @inline(__always)
  private func endOfLine(
    _ window: UnsafeRawBufferPointer, _ offset: Int, isLast: Bool
  ) -> Int? {
    let byte = window[offset]
    if byte == 10 { return offset &+ 1 }
    guard byte == 13 else { return nil }
    if offset &+ 1 == window.count { return isLast ? offset &+ 1 : offset }
    return window[offset &+ 1] == 10 ? offset &+ 2 : offset &+ 1
  }

  @inline(__always)
  private func readRecord(_ cursor: inout Cursor, _ table: CSVFieldTable) -> RecordEnd {
    var target = table.fields + table.rowCount
    var column = 0
    let startLine = cursor.line
    while true {
      let field: CSVField
      if cursor.offset < cursor.window.count, cursor.window[cursor.offset] == CSVQuoting.quote {
        switch readQuoted(&cursor) {
        case .success(let quoted): field = quoted
        case .failure(.incomplete):
          if !cursor.isLast { return .needsMore }
          return .failed(CSVFailure(line: startLine, column: column, kind: .unclosedQuote))
        case .failure(let kind):
          return .failed(CSVFailure(line: cursor.line, column: column, kind: kind))
        }
      } else {
        let end = findEnd(cursor.window, from: cursor.offset)
        if end == cursor.window.count, !cursor.isLast { return .needsMore }
        field = CSVField(start: cursor.offset, end: end)
        cursor.offset = end
      }
      if column < table.columnCount {
        target.pointee = field
        target += table.capacity
      }
      column &+= 1
      if cursor.offset < cursor.window.count, cursor.window[cursor.offset] == delimiter {
        cursor.offset &+= 1
        continue
      }
      if cursor.offset < cursor.window.count {
        guard let next = endOfLine(cursor.window, cursor.offset, isLast: cursor.isLast),
          next != cursor.offset
        else { return .needsMore }
        cursor.offset = next
      }
      if column != table.columnCount {
        return .failed(
          CSVFailure(line: startLine, column: column, kind: .fieldCount(table.columnCount)))
      }
      cursor.line &+= 1
      return .done
    }
  }

  /// Reads a field in quotes; the cursor is then behind the closing one.
  private func readQuoted(_ cursor: inout Cursor) -> Result<CSVField, CSVFailure.Kind> {
    let window = cursor.window
    let start = cursor.offset &+ 1
    var offset = start
    var hasEscapes = false
    var lineBreaks = 0
    while offset < window.count {
      let byte = window[offset]
      if byte == 10 { lineBreaks &+= 1 }
      guard byte == CSVQuoting.quote else {
        offset &+= 1
        continue
      }
      if offset &+ 1 == window.count {
        if !cursor.isLast { return .failure(.incomplete) }
      } else if window[offset &+ 1] == CSVQuoting.quote {
        hasEscapes = true
        offset &+= 2
        continue
      } else if !isEnd(window[offset &+ 1]) {
        cursor.line &+= lineBreaks
        return .failure(.textBehindQuote)
      }
      cursor.offset = offset &+ 1
      cursor.line &+= lineBreaks
      return .success(CSVField(start: start, end: offset, isQuoted: true, hasEscapes: hasEscapes))
    }
    return .failure(.incomplete)
  }

  @inline(__always)
  private func isEnd(_ byte: UInt8) -> Bool { byte == delimiter || byte == 10 || byte == 13 }

  /// The next delimiter or line end, or the end of the window.
  @inline(__always)
  private func findEnd(_ window: UnsafeRawBufferPointer, from offset: Int) -> Int {
    var offset = offset
    let count = window.count
    while count &- offset >= 8 {
      let word = UInt64(littleEndian: window.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      let found =
        Self.zeroBytes(word ^ (Self.ones &* UInt64(delimiter)))
        | Self.zeroBytes(word ^ (Self.ones &* 10)) | Self.zeroBytes(word ^ (Self.ones &* 13))
      if found != 0 { return offset &+ found.trailingZeroBitCount &>> 3 }
      offset &+= 8
    }
    while offset < count, !isEnd(window[offset]) { offset &+= 1 }
    return offset
  }

  private static let ones: UInt64 = 0x0101_0101_0101_0101

  /// The top bit of every byte that is zero; bits above the lowest one may be wrong.
  @inline(__always)
  private static func zeroBytes(_ word: UInt64) -> UInt64 {
    (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
  }
}

/// Why a file is no CSV, and where.
struct CSVFailure: Error, Equatable {
  enum Kind: Error, Equatable {
    case incomplete, unclosedQuote, textBehindQuote
    /// How many fields were expected.
    case fieldCount(Int)
  }

  var line: Int
  /// Counts from 0; the number of fields for `.fieldCount`.
  var column: Int
  var kind: Kind

  func error(in path: String) -> SQLError {
    let place = "\(path), line \(line)"
    switch kind {
    case .incomplete, .unclosedQuote:
      return SQLError(
        .badCopyFileFormat, "\(place), field \(column + 1): the quote is never closed")
    case .textBehindQuote:
      return SQLError(
        .badCopyFileFormat, "\(place), field \(column + 1): text behind the closing quote",
        hint: "A quote inside of a quoted field is written twice.")
    case .fieldCount(let expected):
      return SQLError(
        .badCopyFileFormat,
        "\(place): \(column) field\(column == 1 ? "" : "s") instead of \(expected)",
        hint: "Another delimiter is chosen with (DELIMITER ';').")
    }
  }
}
