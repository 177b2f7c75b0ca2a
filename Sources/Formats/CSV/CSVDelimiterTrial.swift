import Base
import Vectors

/// What a file looks like if its fields are separated in a certain way.
///
/// A separator is believed when all records at the front of the file have the same number of fields,
/// and more than one. A blank is so common in text that it needs more: columns of numbers.
struct CSVDelimiterTrial {
  private static let comma = UInt8(ascii: ",")
  private static let blank = UInt8(ascii: " ")
  /// The first that fits is taken.
  private static let candidates = [
    comma, UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|"), blank,
  ]
  private static let recordLimit = 1024

  let delimiter: UInt8
  /// Of the first record; 0 if it cannot be read so, or is not in the window as a whole.
  private(set) var fieldCount = 0
  private(set) var recordCount = 0
  /// Whether all records have as many fields as the first one.
  private(set) var isConsistent = false
  private var first: [[UInt8]] = []
  /// Of the records behind the first.
  private var guesses: [CSVColumnGuess] = []

  /// The delimiter of the file that `input` is at the beginning of; a comma if nothing speaks for
  /// another one. `expectedCount` is the number of columns that the file is to fill.
  static func delimiter(
    of input: CSVInput, expectedCount: Int?, nullText: [UInt8]
  ) -> UInt8 {
    // Into one column goes what there is: no separator must swallow a second one.
    if expectedCount == 1 { return comma }
    let trials = candidates.filter { !nullText.contains($0) }
      .map { CSVDelimiterTrial($0, input, nullText: nullText) }
    var best: CSVDelimiterTrial?
    for trial in trials {
      guard trial.isPossible, expectedCount == nil || trial.fieldCount == expectedCount,
        trial.delimiter != blank || expectedCount != nil || trial.isTable(besides: trials.first)
      else { continue }
      if best.map({ trial.isBetter(than: $0) }) ?? true { best = trial }
    }
    return best?.delimiter ?? comma
  }

  private init(_ delimiter: UInt8, _ input: CSVInput, nullText: [UInt8]) {
    self.delimiter = delimiter
    let tokenizer = CSVTokenizer(delimiter: delimiter)
    var (position, line) = (0, 1)
    let one = CSVFieldTable(columnCount: 1, capacity: 1)
    let stop = tokenizer.read(
      input.bytes, from: &position, line: &line, isLast: input.isAtEndOfFile,
      sizeLimitBytes: .max, into: one)
    if one.rowCount == 1 { fieldCount = 1 }
    if case .failed(let failure) = stop, case .fieldCount = failure.kind {
      fieldCount = failure.column
    }
    guard fieldCount > 0, fieldCount <= CSVSniffer.columnLimit else { return }
    let table = CSVFieldTable(
      columnCount: fieldCount,
      capacity: min(Self.recordLimit, CSVFieldTable.capacity(columnCount: fieldCount)))
    (position, line) = (0, 1)
    let end = tokenizer.read(
      input.bytes, from: &position, line: &line, isLast: input.isAtEndOfFile,
      sizeLimitBytes: .max, into: table)
    recordCount = table.rowCount
    isConsistent = end == .full || end == .needsMore
    guard recordCount > 0 else { return }
    first = (0..<fieldCount).map { table.text(0, $0) }
    let conversion = CSVConversion(nullText: nullText)
    guesses = (0..<fieldCount).map { column in
      var guess = CSVColumnGuess()
      let fields = table.column(column)
      for row in 1..<max(1, recordCount) where !conversion.isNull(fields[row], in: table) {
        guess.add(table.bytes(of: fields[row]))
      }
      return guess
    }
  }

  /// One record alone proves something only when it is all there is.
  private var isPossible: Bool { fieldCount > 1 && (isConsistent || recordCount > 1) }

  private func isBetter(than other: CSVDelimiterTrial) -> Bool {
    if isConsistent != other.isConsistent { return isConsistent }
    return !isConsistent && recordCount > other.recordCount
  }

  private var typedCount: Int { guesses.count { $0.hasValues && $0.type != .text } }

  /// Whether blanks separate columns of numbers, and not the words of a text or the parts of a date.
  private func isTable(besides whole: CSVDelimiterTrial?) -> Bool {
    if let whole, whole.fieldCount == 1, whole.typedCount == 1 { return false }
    return typedCount > 1 || typedCount == 1 && CSVSniffer.areNames(first)
  }
}
