import Base
import Vectors

/// Turns a column of fields into a vector.
///
/// An unquoted field that equals the NULL marker is NULL. Blanks around numbers and dates are
/// allowed; text is taken as it is and must be UTF-8.
struct CSVConversion {
  let nullText: [UInt8]
  /// Whether NaN stays NaN; else it is NULL.
  var keepsNaN = true

  enum Outcome {
    case vector(Vector)
    /// The first row whose field does not convert.
    case failed(row: Int)
  }

  /// Types that fields can be read as.
  static func canRead(_ type: LogicalType) -> Bool {
    switch type {
    case .boolean, .int8, .int16, .int32, .int64, .float32, .float64, .decimal, .text, .binary,
      .date, .timestamp:
      true
    default: false
    }
  }

  func convert(_ table: CSVFieldTable, column: Int, to type: LogicalType) -> Outcome {
    switch type {
    case .boolean:
      fixed(table, column, type) { NumberText.parseBoolean($0).map { UInt8($0 ? 1 : 0) } }
    case .int8: fixed(table, column, type) { Self.integer($0).flatMap { Int8(exactly: $0) } }
    case .int16: fixed(table, column, type) { Self.integer($0).flatMap { Int16(exactly: $0) } }
    case .int32: fixed(table, column, type) { Self.integer($0).flatMap { Int32(exactly: $0) } }
    case .int64: fixed(table, column, type) { Self.integer($0) }
    case .float32:
      withoutNaN(fixed(table, column, type) { try? NumberText.parseFloat($0) }, Float.self)
    case .float64:
      withoutNaN(fixed(table, column, type) { try? NumberText.parseDouble($0) }, Double.self)
    case .decimal(let precision, let scale):
      fixed(table, column, type) {
        try? NumberText.parseDecimal($0, precision: precision, scale: scale)
      }
    case .date: fixed(table, column, type) { try? DateText.parseDate($0) }
    case .timestamp: fixed(table, column, type) { try? DateText.parseTimestamp($0) }
    case .text: text(table, column)
    case .binary: binary(table, column)
    default: .failed(row: 0)
    }
  }

  @inline(__always)
  private static func integer(_ text: UnsafeRawBufferPointer) -> Int64? {
    try? NumberText.parseInt64(text)
  }

  @inline(__always)
  func isNull(_ field: CSVField, in table: CSVFieldTable) -> Bool {
    if field.isQuoted || field.count != nullText.count { return false }
    return field.count == 0 || table.bytes(of: field).elementsEqual(nullText)
  }

  @inline(__always)
  private func fixed<T: BitwiseCopyable>(
    _ table: CSVFieldTable, _ column: Int, _ type: LogicalType,
    _ parse: (UnsafeRawBufferPointer) -> T?
  ) -> Outcome {
    let count = table.rowCount
    let result = Vector(type: type, count: count)
    let values = result.values(as: T.self)
    let fields = table.column(column)
    var mask: ValidityMask?
    for row in 0..<count {
      let field = fields[row]
      if let value = parse(table.bytes(of: field)), nullText.isEmpty || !isNull(field, in: table) {
        values[row] = value
      } else if isNull(field, in: table) {
        setNull(row, in: &mask, count: count)
        UnsafeMutableRawPointer(values + row).initializeMemory(
          as: UInt8.self, repeating: 0, count: MemoryLayout<T>.size)
      } else {
        return .failed(row: row)
      }
    }
    result.validity = mask
    return .vector(result)
  }

  private func withoutNaN<T: BinaryFloatingPoint>(_ outcome: Outcome, _ type: T.Type) -> Outcome {
    guard !keepsNaN, case .vector(let vector) = outcome else { return outcome }
    let values = vector.values(as: T.self)
    var mask = vector.validity
    for row in 0..<vector.count where values[row].isNaN {
      values[row] = 0
      setNull(row, in: &mask, count: vector.count)
    }
    vector.validity = mask
    return .vector(vector)
  }

  private func setNull(_ row: Int, in mask: inout ValidityMask?, count: Int) {
    let words = mask ?? ValidityMask(count: count, allValid: true)
    words.setNull(row)
    mask = words
  }

  private func text(_ table: CSVFieldTable, _ column: Int) -> Outcome {
    let count = table.rowCount
    let fields = table.column(column)
    var total = 0
    for row in 0..<count { total &+= fields[row].count }
    let heap = Buffer(sizeBytes: total)
    let result = Vector(type: .text, count: count, heap: heap)
    let views = result.values(as: View.self)
    var mask: ValidityMask?
    var used = 0
    for row in 0..<count {
      let field = fields[row]
      let start = used
      if isNull(field, in: table) {
        setNull(row, in: &mask, count: count)
      } else {
        used &+= copy(table.bytes(of: field), unescaping: field.hasEscapes, to: heap.base + used)
      }
      views[row] = View(
        offset: UInt32(truncatingIfNeeded: start), length: UInt32(truncatingIfNeeded: used &- start)
      )
    }
    result.validity = mask
    if UTF8Scalar.isValid(UnsafeRawBufferPointer(start: heap.base, count: used)) {
      return .vector(result)
    }
    for row in 0..<count where !UTF8Scalar.isValid(result.bytes(at: row)) {
      return .failed(row: row)
    }
    // Each is valid alone, so two were cut within a character: not possible with ASCII delimiters.
    return .vector(result)
  }

  /// Copies a field's bytes and gives how many were written.
  @inline(__always)
  private func copy(
    _ bytes: UnsafeRawBufferPointer, unescaping: Bool, to target: UnsafeMutableRawPointer
  ) -> Int {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return 0 }
    guard unescaping else {
      target.copyMemory(from: source, byteCount: bytes.count)
      return bytes.count
    }
    let plain = CSVFieldTable.unescaped(Array(bytes))
    plain.withUnsafeBytes { plainBytes in
      if let start = plainBytes.baseAddress {
        target.copyMemory(from: start, byteCount: plainBytes.count)
      }
    }
    return plain.count
  }

  private func binary(_ table: CSVFieldTable, _ column: Int) -> Outcome {
    let builder = VectorBuilder(type: .binary)
    let fields = table.column(column)
    var value = ByteWriter()
    for row in 0..<table.rowCount {
      if isNull(fields[row], in: table) {
        builder.appendNull()
      } else {
        let text = table.bytes(of: fields[row])
        value.removeAll()
        guard text.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "x")]),
          Hexadecimal.decode(UnsafeRawBufferPointer(rebasing: text.dropFirst(2)), to: &value)
        else { return .failed(row: row) }
        _ = builder.append(bytes: value.bytes)
      }
    }
    return .vector(builder.finish())
  }
}
