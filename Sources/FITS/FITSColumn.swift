import Base
import Engine
import Vectors

/// One column of a binary table: where its bytes lie in a row and what they mean in SQL.
struct FITSColumn: Sendable {
  /// How stored numbers become values: value = stored · TSCALn + TZEROn.
  enum Numbers: Sendable, Hashable {
    case asStored
    /// TSCALn is 1 and TZEROn whole: exact. This is how FITS says unsigned and signed byte.
    case shifted(Int128)
    case scaled(Double, zero: Double)
  }

  var result: ResultColumn
  let form: FITSForm
  /// First byte in the row, and bytes there.
  let offset: Int
  let widthBytes: Int
  let numbers: Numbers
  /// TNULLn: the stored number that means NULL.
  let nullValue: Int64?
  /// Sizes of the array in a row, outermost first; empty for one value, and for arrays in the heap.
  let dimensions: [Int]
  /// Bytes of one text.
  let textWidth: Int
  /// The type of one value.
  let elementType: LogicalType

  /// Values that a row takes from the row's bytes.
  var elementCount: Int { dimensions.reduce(1, *) }
  var isVariable: Bool { form.descriptor != nil }

  /// Column `number` (from 1) with `form` at `offset`.
  init(
    _ number: Int, form: FITSForm, offset: Int, header: FITSHeader, place: FITSPlace
  ) throws(SQLError) {
    self.form = form
    self.offset = offset
    widthBytes = form.sizeBytes ?? 0
    numbers = try Self.numbers(number, form, header, place)
    nullValue = form.element.isInteger
      ? header["TNULL\(number)"]?.value.integer.flatMap { Int64(exactly: $0) } : nil
    let shape = Self.shape(form, Self.dimensions(header.text("TDIM\(number)")))
    dimensions = shape.dimensions
    textWidth = shape.textWidth
    elementType = Self.elementType(form.element, numbers)
    var type = elementType
    let isText = form.element == .text
    if form.descriptor != nil { type = isText ? .text : .list(type) }
    for _ in dimensions { type = .list(type) }
    let name = header["TTYPE\(number)"]
    let title = name?.value.string ?? ""
    let comment = name?.comment ?? ""
    result = ResultColumn(
      title.isEmpty ? "col\(number)" : title, type, unit: header.text("TUNIT\(number)"),
      ucd: header.text("TUCD\(number)"), utype: header.text("TUTYP\(number)"),
      description: header.text("TCOMM\(number)") ?? header.text("TDESC\(number)")
        ?? (comment.isEmpty ? nil : comment))
  }

  // MARK: Numbers

  private static func numbers(
    _ number: Int, _ form: FITSForm, _ header: FITSHeader, _ place: FITSPlace
  ) throws(SQLError) -> Numbers {
    guard form.element.isInteger || form.element == .float32 || form.element == .float64 else {
      return .asStored
    }
    let scale = try factor("TSCAL\(number)", standard: 1, header, place)
    let zero = try factor("TZERO\(number)", standard: 0, header, place)
    if scale == 1, zero == 0 { return .asStored }
    if scale == 1, form.element.isInteger, let whole = header["TZERO\(number)"]?.value.integer,
      whole.magnitude <= 1 << 64
    {
      return .shifted(whole)
    }
    return .scaled(scale, zero: zero)
  }

  private static func factor(
    _ keyword: String, standard: Double, _ header: FITSHeader, _ place: FITSPlace
  ) throws(SQLError) -> Double {
    guard let card = header[keyword] else { return standard }
    guard let value = card.value.number, value.isFinite else {
      throw place.damaged("\(keyword) is not a number")
    }
    return value
  }

  /// The smallest type that holds every value exactly.
  private static func elementType(_ element: FITSForm.Element, _ numbers: Numbers) -> LogicalType {
    switch (element, numbers) {
    case (.logical, _), (.bit, _): .boolean
    case (.text, _): .text
    case (_, .scaled): .float64
    case (.byte, .asStored): .int16
    case (.int16, .asStored): .int16
    case (.int32, .asStored): .int32
    case (.int64, .asStored): .int64
    case (.float32, _): .float32
    case (.byte, .shifted(let zero)): integerType(0 + zero, 255 + zero)
    case (.int16, .shifted(let zero)): integerType(zero - 1 << 15, zero + 1 << 15 - 1)
    case (.int32, .shifted(let zero)): integerType(zero - 1 << 31, zero + 1 << 31 - 1)
    case (.int64, .shifted(let zero)): integerType(zero - 1 << 63, zero + 1 << 63 - 1)
    default: .float64
    }
  }

  private static func integerType(_ low: Int128, _ high: Int128) -> LogicalType {
    if Int8(exactly: low) != nil, Int8(exactly: high) != nil { return .int8 }
    if Int16(exactly: low) != nil, Int16(exactly: high) != nil { return .int16 }
    if Int32(exactly: low) != nil, Int32(exactly: high) != nil { return .int32 }
    if Int64(exactly: low) != nil, Int64(exactly: high) != nil { return .int64 }
    return .decimal(precision: 20, scale: 0)
  }

  // MARK: Shapes

  /// `(3,2)` as 3, 2; nil for anything else. More than eight are hardly meant.
  private static func dimensions(_ text: String?) -> [Int]? {
    guard let text = text?.filter({ $0 != " " }), text.hasPrefix("("), text.hasSuffix(")") else {
      return nil
    }
    let parts = text.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
    let sizes = parts.compactMap { Int($0) }.filter { $0 >= 1 }
    return sizes.count == parts.count && sizes.count <= 8 ? sizes : nil
  }

  /// The first size of TDIM runs fastest, so it is the innermost list. A TDIM that does not fit
  /// into the row is ignored: the values are there without it.
  private static func shape(
    _ form: FITSForm, _ sizes: [Int]?
  ) -> (dimensions: [Int], textWidth: Int) {
    if form.descriptor != nil { return ([], 0) }
    let fits = sizes.flatMap { product($0) }.map { $0 <= form.repeatCount } ?? false
    if form.element == .text {
      if fits, let sizes, sizes.count > 1 {
        return (Array(sizes.dropFirst().reversed()), sizes[0])
      }
      if let width = form.textWidth { return ([form.repeatCount / width], width) }
      return ([], form.repeatCount)
    }
    if fits, let sizes, sizes.count > 1 { return (sizes.reversed(), 0) }
    return form.repeatCount == 1 && form.element != .bit ? ([], 0) : ([form.repeatCount], 0)
  }

  private static func product(_ sizes: [Int]) -> Int? {
    var result = 1
    for size in sizes {
      let (product, overflow) = result.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      result = product
    }
    return result
  }
}
