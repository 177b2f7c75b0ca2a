import Base
import Engine
import Vectors

/// How results look on a terminal; the settings of `\pset`, `\x`, `\a` and `\t`.
public struct TableStyle: Sendable, Hashable {
  public enum Layout: String, Sendable, CaseIterable { case aligned, unaligned }

  public var layout = Layout.aligned
  /// One line a value instead of one line a row.
  public var isExpanded = false
  /// Rows without names and without the count below.
  public var tuplesOnly = false
  /// Whether the count of rows stands below.
  public var hasFooter = true
  public var nullText = ""
  /// Between the values of an unaligned row.
  public var fieldSeparator = "|"
  /// Between unaligned rows.
  public var recordSeparator = "\n"

  /// Whether control characters in unaligned values are shown as escapes, as a terminal needs and
  /// other programs do not. Aligned tables always do.
  public var escapesControls = true

  public init() {}

  public func encoder(for columns: [ResultColumn]) -> any RowEncoder {
    switch (layout, isExpanded) {
    case (.aligned, false): AlignedEncoder(columns, style: self)
    case (.aligned, true): ExpandedEncoder(columns, style: self)
    case (.unaligned, _): UnalignedEncoder(columns, style: self)
    }
  }

  /// `(1 row)`, `(2 rows)`.
  static func footer(rowCount: Int) -> String {
    rowCount == 1 ? "(1 row)" : "(\(rowCount) rows)"
  }
}

/// The first rows of a result, kept until the widths of its columns are known: about a thousand of
/// them or 4 MiB. Later rows that are wider stick out.
struct WidthSample {
  private(set) var batches: [Batch] = []
  private var rowCount = 0
  private var sizeBytes = 0

  var isFull: Bool { rowCount >= 1000 || sizeBytes >= Batch.byteBudget }

  mutating func add(_ batch: Batch) {
    batches.append(batch)
    rowCount += batch.rowCount
    sizeBytes += batch.sizeBytes
  }

  mutating func take() -> [Batch] {
    defer { batches = [] }
    return batches
  }
}
