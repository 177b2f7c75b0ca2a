import Base
import Vectors

/// The text of one column for one batch: the bytes of all cells one after another and where each
/// ends. Filling it is one typed loop a column; putting rows together is then only copying.
final class CellColumn {
  private let style: CellStyle
  private var text = ByteWriter(capacity: 4 << 10)
  private(set) var rowCount = 0
  private var ends: [Int] = []
  private var nulls: ValidityMask?
  private var isConstant = false

  init(style: CellStyle) { self.style = style }

  /// Replaces the contents by the cells of `vector`. NULL cells are empty, and `isNull` tells.
  func fill(from vector: Vector) throws(SQLError) {
    rowCount = vector.count
    isConstant = vector.isConstant && vector.count > 0
    let source = (isConstant ? vector.slice(from: 0, count: 1) : vector).flattenedDeeply()
    nulls = source.validity
    if source.type == .null { nulls = ValidityMask(count: source.count, allValid: false) }
    text.removeAll()
    ends.removeAll(keepingCapacity: true)
    ends.reserveCapacity(source.count)
    try style.write(source, nulls: nulls, into: &text, ends: &ends)
    if case .visible = style { findLinesAndCharacters() }
  }

  private func findLinesAndCharacters() {
    hasLineFeeds = false
    isASCII = true
    for byte in text.bytes {
      if byte == 10 { hasLineFeeds = true }
      if byte >= 0x80 { isASCII = false }
    }
  }

  @inline(__always)
  func isNull(_ row: Int) -> Bool {
    guard let nulls else { return false }
    return !nulls.isValid(isConstant ? 0 : row)
  }

  /// Bytes of all cells together.
  var sizeBytes: Int { isConstant ? text.count * rowCount : text.count }

  /// The bytes of a cell, valid until the next fill.
  @inline(__always)
  func bytes(of row: Int) -> UnsafeRawBufferPointer {
    let at = isConstant ? 0 : row
    let start = at == 0 ? 0 : ends[at &- 1]
    return UnsafeRawBufferPointer(rebasing: text.bytes[start..<ends[at]])
  }

  // MARK: Widths

  /// Whether any cell has several lines. Valid after `fill`.
  private(set) var hasLineFeeds = false
  private var isASCII = true

  /// Columns of a terminal that a line of a cell takes.
  func width(of line: UnsafeRawBufferPointer) -> Int {
    isASCII ? line.count : VisibleText.width(of: line)
  }

  /// The width of the widest line, of `nullText` where cells are NULL.
  func maximumWidth(nullText: String) -> Int {
    var widest = 0
    for row in 0..<rowCount {
      if isNull(row) {
        widest = max(widest, VisibleText.width(of: nullText))
      } else if hasLineFeeds {
        let lines = bytes(of: row).split(separator: 10, omittingEmptySubsequences: false)
        for line in lines {
          widest = max(widest, width(of: UnsafeRawBufferPointer(rebasing: line)))
        }
      } else {
        widest = max(widest, width(of: bytes(of: row)))
      }
    }
    return widest
  }
}

/// How the values of a column are dressed for the place where they will stand.
enum CellStyle {
  /// As they are.
  case plain
  /// Text is quoted where RFC 4180 or the options ask for it.
  case csv(CSVQuoting)
  /// JSON values, also for numbers, lists and structures.
  case json
  /// Cells of VOTable's TABLEDATA.
  case votable
  /// Text has nothing that a terminal would obey; line feeds stay and separate lines of the cell.
  case visible

  /// Appends the cells of a vector that is flat at every depth; NULL ones add no bytes.
  func write(
    _ vector: Vector, nulls: ValidityMask?, into out: inout ByteWriter, ends: inout [Int]
  ) throws(SQLError) {
    switch self {
    case .json:
      return eachRow(vector, nulls, &out, &ends) { JSONText.append(vector, $0, into: &$1) }
    case .votable: return writeVOTable(vector, nulls, &out, &ends)
    case .csv(let quoting) where quoting.checksNumbers:
      return try writeDressed(vector, nulls, &out, &ends)
    default: break
    }
    switch vector.type {
    case .int64: writeIntegers(vector, nulls, &out, &ends)
    case .float64:
      let values = vector.values(as: Double.self)
      eachRow(vector, nulls, &out, &ends) { NumberText.append(values[$0], to: &$1) }
    case .float32:
      let values = vector.values(as: Float.self)
      eachRow(vector, nulls, &out, &ends) { NumberText.append(values[$0], to: &$1) }
    case .boolean, .int8, .int16, .int32, .date, .timestamp, .decimal, .null:
      eachRow(vector, nulls, &out, &ends) { ValueText.append(plain: vector, $0, into: &$1) }
    case .text: writeText(vector, nulls, &out, &ends)
    default: try writeDressed(vector, nulls, &out, &ends)
    }
  }

  private func writeVOTable(
    _ vector: Vector, _ nulls: ValidityMask?, _ out: inout ByteWriter, _ ends: inout [Int]
  ) {
    switch vector.type {
    case .int64: writeIntegers(vector, nulls, &out, &ends)
    case .float64:
      let values = vector.values(as: Double.self)
      eachRow(vector, nulls, &out, &ends) { VOTableText.append(values[$0], to: &$1) }
    case .float32:
      let values = vector.values(as: Float.self)
      eachRow(vector, nulls, &out, &ends) { VOTableText.append(values[$0], to: &$1) }
    default: eachRow(vector, nulls, &out, &ends) { VOTableText.append(vector, $0, into: &$1) }
    }
  }

  private func writeIntegers(
    _ vector: Vector, _ nulls: ValidityMask?, _ out: inout ByteWriter, _ ends: inout [Int]
  ) {
    let values = vector.values(as: Int64.self)
    eachRow(vector, nulls, &out, &ends) { NumberText.append(values[$0], to: &$1) }
  }

  private func writeText(
    _ vector: Vector, _ nulls: ValidityMask?, _ out: inout ByteWriter, _ ends: inout [Int]
  ) {
    switch self {
    case .csv(let quoting):
      eachRow(vector, nulls, &out, &ends) { quoting.append(vector.bytes(at: $0), into: &$1) }
    case .visible:
      eachRow(vector, nulls, &out, &ends) { VisibleText.append(vector.bytes(at: $0), into: &$1) }
    case .plain, .json, .votable:
      eachRow(vector, nulls, &out, &ends) { $1.append(vector.bytes(at: $0)) }
    }
  }

  /// Values whose text may hold anything: written once plainly, then dressed.
  private func writeDressed(
    _ vector: Vector, _ nulls: ValidityMask?, _ out: inout ByteWriter, _ ends: inout [Int]
  ) throws(SQLError) {
    var scratch = ByteWriter()
    for row in 0..<vector.count {
      if nulls?.isValid(row) ?? true {
        scratch.removeAll()
        try ValueText.append(vector, row, into: &scratch)
        switch self {
        case .csv(let quoting): quoting.append(scratch.bytes, into: &out)
        case .visible: VisibleText.append(scratch.bytes, into: &out)
        case .plain, .json, .votable: out.append(scratch.bytes)
        }
      }
      ends.append(out.count)
    }
  }

  @inline(__always)
  private func eachRow(
    _ vector: Vector, _ nulls: ValidityMask?, _ out: inout ByteWriter, _ ends: inout [Int],
    _ body: (Int, inout ByteWriter) -> Void
  ) {
    for row in 0..<vector.count {
      if nulls?.isValid(row) ?? true { body(row, &out) }
      ends.append(out.count)
    }
  }
}
