import Base
import Glibc
import Vectors

/// Values of one column as they lie in memory: `rows` rows `stride` bytes apart, each with `perRow`
/// values one behind the other.
struct FITSRuns {
  let base: UnsafeRawPointer
  let stride: Int
  let rows: Int
  let perRow: Int

  var count: Int { rows * perRow }
}

/// Turns a column's stored bytes into vectors.
///
/// | stored | NULL | |
/// |---|---|---|
/// | L | byte 0 | anything but T, F and 0 is an error |
/// | B I J K | TNULLn | with TSCALn and TZEROn |
/// | E D | NaN, unless kept | |
/// | A | begins with a NUL | ends at a NUL, and without trailing blanks |
struct FITSDecoder {
  let column: FITSColumn
  private let place: FITSPlace
  private let keepsNaN: Bool

  init(_ column: FITSColumn, _ place: FITSPlace, keepsNaN: Bool) {
    self.column = column
    self.place = place
    self.keepsNaN = keepsNaN
  }

  /// The column's values in rows, as lists if a row has an array.
  func vector(_ rows: FITSRows) throws(SQLError) -> Vector {
    let runs = FITSRuns(
      base: rows.base + (column.offset - rows.spanStart), stride: rows.stride, rows: rows.count,
      perRow: column.elementCount)
    let child = column.form.element == .text
      ? try texts(runs, width: column.textWidth, firstRow: rows.firstRow)
      : try values(runs, firstRow: rows.firstRow)
    return nested(child, rowCount: rows.count)
  }

  /// Lists around the values, innermost dimension first.
  private func nested(_ values: Vector, rowCount: Int) -> Vector {
    var result = values
    for level in column.dimensions.indices.reversed() {
      let outer = column.dimensions[..<level].reduce(rowCount, *)
      let size = UInt32(truncatingIfNeeded: column.dimensions[level])
      let list = Vector(type: .list(result.type), count: outer, children: [result])
      let views = list.values(as: View.self)
      for index in 0..<outer {
        views[index] = View(offset: UInt32(truncatingIfNeeded: index) &* size, length: size)
      }
      result = list
    }
    return result
  }

  /// All values that are not texts, one behind the other.
  func values(_ runs: FITSRuns, firstRow: Int) throws(SQLError) -> Vector {
    switch column.form.element {
    case .logical: return try logicals(runs, firstRow: firstRow)
    case .bit: return bits(runs)
    case .byte: return integers(runs, UInt8.self)
    case .int16: return integers(runs, Int16.self)
    case .int32: return integers(runs, Int32.self)
    case .int64: return integers(runs, Int64.self)
    case .float32: return singles(runs)
    case .float64: return doubles(runs)
    case .text, .complex32, .complex64:
      throw place.error(.internalError, "no numbers in column \"\(column.result.name)\"")
    }
  }

  // MARK: Numbers

  private func integers<Stored: FixedWidthInteger & SignedOrByte>(
    _ runs: FITSRuns, _ type: Stored.Type
  ) -> Vector {
    let result = Vector(type: column.elementType, count: runs.count)
    switch column.numbers {
    case .scaled(let scale, let zero):
      convert(runs, result.values(as: Double.self)) { (value: Stored) in
        Double(value) * scale + zero
      }
    case .asStored, .shifted:
      shift(runs, result, type)
    }
    if let null = column.nullValue.flatMap({ Stored(exactly: $0) }) {
      markNulls(runs, result) { (value: Stored) in value == null }
    }
    return result
  }

  private func shift<Stored: FixedWidthInteger & SignedOrByte>(
    _ runs: FITSRuns, _ result: Vector, _ type: Stored.Type
  ) {
    var zero: Int128 = 0
    if case .shifted(let shift) = column.numbers { zero = shift }
    // The type was chosen to hold the sum, so nothing is cut off.
    let small = Int64(truncatingIfNeeded: zero)
    switch result.physical {
    case .int8:
      convert(runs, result.values(as: Int8.self)) { (value: Stored) in
        Int8(truncatingIfNeeded: Int64(value) &+ small)
      }
    case .int16:
      convert(runs, result.values(as: Int16.self)) { (value: Stored) in
        Int16(truncatingIfNeeded: Int64(value) &+ small)
      }
    case .int32:
      convert(runs, result.values(as: Int32.self)) { (value: Stored) in
        Int32(truncatingIfNeeded: Int64(value) &+ small)
      }
    case .int64:
      convert(runs, result.values(as: Int64.self)) { (value: Stored) in Int64(value) &+ small }
    default:
      convert(runs, result.values(as: Int128.self)) { (value: Stored) in Int128(value) &+ zero }
    }
  }

  private func singles(_ runs: FITSRuns) -> Vector {
    let result = Vector(type: column.elementType, count: runs.count)
    if case .scaled(let scale, let zero) = column.numbers {
      let values = result.values(as: Double.self)
      convert(runs, values) { (bits: UInt32) in
        Double(Float(bitPattern: bits)) * scale + zero
      }
      clearNaN(values, result)
    } else {
      let values = result.values(as: Float.self)
      convert(runs, values) { (bits: UInt32) in Float(bitPattern: bits) }
      clearNaN(values, result)
    }
    return result
  }

  private func doubles(_ runs: FITSRuns) -> Vector {
    let result = Vector(type: column.elementType, count: runs.count)
    let values = result.values(as: Double.self)
    if case .scaled(let scale, let zero) = column.numbers {
      convert(runs, values) { (bits: UInt64) in Double(bitPattern: bits) * scale + zero }
    } else {
      convert(runs, values) { (bits: UInt64) in Double(bitPattern: bits) }
    }
    clearNaN(values, result)
    return result
  }

  /// NaN becomes NULL, or stays as a quiet one.
  private func clearNaN<T: BinaryFloatingPoint>(
    _ values: UnsafeMutablePointer<T>, _ result: Vector
  ) {
    var mask: ValidityMask?
    for index in 0..<result.count where values[index].isNaN {
      values[index] = keepsNaN ? .nan : 0
      if !keepsNaN { Self.setNull(index, in: &mask, count: result.count) }
    }
    result.validity = mask
  }

  @inline(__always)
  private func convert<Stored: FixedWidthInteger, T>(
    _ runs: FITSRuns, _ out: UnsafeMutablePointer<T>, _ transform: (Stored) -> T
  ) {
    let size = MemoryLayout<Stored>.size
    var next = out
    for row in 0..<runs.rows {
      let start = runs.base + row &* runs.stride
      for index in 0..<runs.perRow {
        let stored = (start + index &* size).loadUnaligned(as: Stored.self)
        next.initialize(to: transform(Stored(bigEndian: stored)))
        next += 1
      }
    }
  }

  @inline(__always)
  private func markNulls<Stored: FixedWidthInteger>(
    _ runs: FITSRuns, _ result: Vector, _ isNull: (Stored) -> Bool
  ) {
    var mask: ValidityMask?
    var position = 0
    let size = MemoryLayout<Stored>.size
    for row in 0..<runs.rows {
      let start = runs.base + row &* runs.stride
      for index in 0..<runs.perRow {
        let stored = (start + index &* size).loadUnaligned(as: Stored.self)
        if isNull(Stored(bigEndian: stored)) {
          Self.setNull(position, in: &mask, count: result.count)
        }
        position &+= 1
      }
    }
    result.validity = mask
  }

  private static func setNull(_ index: Int, in mask: inout ValidityMask?, count: Int) {
    let words = mask ?? ValidityMask(count: count, allValid: true)
    words.setNull(index)
    mask = words
  }

  // MARK: Logicals and bits

  private func logicals(_ runs: FITSRuns, firstRow: Int) throws(SQLError) -> Vector {
    let result = Vector(type: .boolean, count: runs.count)
    let values = result.values(as: UInt8.self)
    var mask: ValidityMask?
    var position = 0
    for row in 0..<runs.rows {
      for index in 0..<runs.perRow {
        let byte = runs.base.load(fromByteOffset: row &* runs.stride &+ index, as: UInt8.self)
        values[position] = byte == UInt8(ascii: "T") ? 1 : 0
        if byte == 0 {
          Self.setNull(position, in: &mask, count: result.count)
        } else if byte != UInt8(ascii: "T"), byte != UInt8(ascii: "F") {
          throw failure(firstRow + row, "byte \(byte) is no logical value")
        }
        position &+= 1
      }
    }
    result.validity = mask
    return result
  }

  private func bits(_ runs: FITSRuns) -> Vector {
    let result = Vector(type: .boolean, count: runs.count)
    let values = result.values(as: UInt8.self)
    var position = 0
    for row in 0..<runs.rows {
      let start = runs.base + row &* runs.stride
      for index in 0..<runs.perRow {
        let byte = start.load(fromByteOffset: index >> 3, as: UInt8.self)
        values[position] = byte >> UInt8(7 - index & 7) & 1
        position &+= 1
      }
    }
    return result
  }

  // MARK: Texts

  private func texts(
    _ runs: FITSRuns, width: Int, firstRow: Int
  ) throws(SQLError) -> Vector {
    try texts(count: runs.count, isNull: { $0 == 0 || $1 == 0 }, firstRow: firstRow) { index in
      let (row, place) = runs.perRow == 0
        ? (0, 0) : index.quotientAndRemainder(dividingBy: runs.perRow)
      return UnsafeRawBufferPointer(
        start: runs.base + row * runs.stride + place * width, count: width)
    } row: { runs.perRow == 0 ? 0 : $0 / runs.perRow }
  }

  /// Texts of any length, each from `bytes`. `isNull` gets the text's size and its first byte.
  func texts(
    count: Int, isNull: (Int, UInt8) -> Bool, firstRow: Int,
    bytes: (Int) -> UnsafeRawBufferPointer, row: (Int) -> Int
  ) throws(SQLError) -> Vector {
    var total = 0
    for index in 0..<count { total &+= bytes(index).count }
    let heap = Buffer(sizeBytes: total)
    let result = Vector(type: .text, count: count, heap: heap)
    let views = result.values(as: View.self)
    var mask: ValidityMask?
    var used = 0
    for index in 0..<count {
      let text = bytes(index)
      var size = 0
      if let start = text.baseAddress, text.count > 0 {
        size = memchr(start, 0, text.count).map { UnsafeRawPointer($0) - start } ?? text.count
        while size > 0, text[size - 1] == UInt8(ascii: " ") { size &-= 1 }
        if size > 0 { memcpy(heap.base + used, start, size) }
      }
      if isNull(text.count, text.first ?? 1) {
        Self.setNull(index, in: &mask, count: count)
      }
      let written = UnsafeRawBufferPointer(start: heap.base + used, count: size)
      guard UTF8Scalar.isValid(written) else {
        throw failure(firstRow + row(index), "text is not UTF-8")
      }
      views[index] = View(
        offset: UInt32(truncatingIfNeeded: used), length: UInt32(truncatingIfNeeded: size))
      used &+= size
    }
    result.validity = mask
    return result
  }

  /// `row` counts from 0; messages count from 1.
  func failure(_ row: Int, _ what: String) -> SQLError {
    place.damaged("row \(row + 1), column \"\(column.result.name)\": \(what)")
  }
}

/// Integers whose values all fit into Int64.
protocol SignedOrByte {}
extension UInt8: SignedOrByte {}
extension Int16: SignedOrByte {}
extension Int32: SignedOrByte {}
extension Int64: SignedOrByte {}
