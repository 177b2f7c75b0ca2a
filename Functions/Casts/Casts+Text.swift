import Base
import FunctionKit
import Vectors

/// Casts from and to text.
extension Casts {
  static func toText(_ from: LogicalType) -> Kernel? {
    .vectors {
      (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
      let source = arguments[0].flattened()
      let isBoolean = source.type == .boolean
      return try Kernel.buildText(count, type, validity: source.validity, context) {
        (row, out) throws(SQLError) -> Bool in
        if isBoolean {
          out.append(source.values(as: UInt8.self)[row] != 0 ? "true" : "false")
        } else {
          try ValueText.append(source, row, into: &out)
        }
        return true
      }
    }
  }

  static func fromText(_ to: LogicalType) -> Kernel? {
    switch to {
    case .boolean:
      parsing(to) { (text) -> ParsedText<Bool> in ParsedText(NumberText.parseBoolean(text)) }
    case .int8: parsingInteger(to, Int8.self)
    case .int16: parsingInteger(to, Int16.self)
    case .int32: parsingInteger(to, Int32.self)
    case .int64: parsingInteger(to, Int64.self)
    case .float32:
      parsing(to) { (text) -> ParsedText<Float> in
        number { () throws(NumberText.Failure) in try NumberText.parseFloat(text) }
      }
    case .float64:
      parsing(to) { (text) -> ParsedText<Double> in
        number { () throws(NumberText.Failure) in try NumberText.parseDouble(text) }
      }
    case .decimal(let precision, let scale):
      parsing(to) { (text) -> ParsedText<Int128> in
        number { () throws(NumberText.Failure) in
          try NumberText.parseDecimal(text, precision: precision, scale: scale)
        }
      }
    case .date:
      parsing(to) { (text) -> ParsedText<Int32> in
        date { () throws(DateText.Failure) in try DateText.parseDate(text) }
      }
    case .timestamp:
      parsing(to) { (text) -> ParsedText<Int64> in
        date { () throws(DateText.Failure) in try DateText.parseTimestamp(text) }
      }
    case .binary: textToBinary()
    case .point, .circle, .polygon, .list: building(to)
    default: nil
    }
  }

  enum ParsedText<R: VectorElement> {
    case value(R)
    case invalid
    case outOfRange

    init(_ value: R?) { self = value.map { .value($0) } ?? .invalid }
  }

  private static func number<R: VectorElement>(
    _ body: () throws(NumberText.Failure) -> R
  ) -> ParsedText<R> {
    do throws(NumberText.Failure) {
      return .value(try body())
    } catch {
      return error == .outOfRange ? .outOfRange : .invalid
    }
  }

  private static func date<R: VectorElement>(
    _ body: () throws(DateText.Failure) -> R
  ) -> ParsedText<R> {
    do throws(DateText.Failure) {
      return .value(try body())
    } catch {
      return error == .outOfRange ? .outOfRange : .invalid
    }
  }

  @inline(__always)
  private static func parsingInteger<R: FixedWidthInteger & VectorElement>(
    _ to: LogicalType, _: R.Type
  ) -> Kernel {
    parsing(to) { (text) -> ParsedText<R> in
      do throws(NumberText.Failure) {
        let value = try NumberText.parseInt64(text)
        return R(exactly: value).map { .value($0) } ?? .outOfRange
      } catch {
        return error == .outOfRange ? .outOfRange : .invalid
      }
    }
  }

  @inline(__always)
  private static func parsing<R: VectorElement>(
    _ to: LogicalType, _ parse: @escaping @Sendable (UnsafeRawBufferPointer) -> ParsedText<R>
  ) -> Kernel {
    Kernel.vectors {
      (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
      let source = arguments[0].flattened()
      let result = Vector(type: type, count: count, validity: source.validity)
      let out = result.values(as: R.self)
      let mask = source.validity?.copy(count: count) ?? ValidityMask(count: count, allValid: true)
      var failed = false
      for row in 0..<count where !source.isNull(row) {
        let text = source.bytes(at: row)
        switch parse(text) {
        case .value(let value):
          out[row] = value
          continue
        case .invalid: try Kernel.report(invalid(text, to), rows: 1, context)
        case .outOfRange: try Kernel.report(outOfRange(text, to), rows: 1, context)
        }
        failed = true
        mask.setNull(row)
      }
      if failed { result.validity = mask }
      return result
    }
  }

  static func invalid(_ text: UnsafeRawBufferPointer, _ type: LogicalType) -> DomainRule {
    DomainRule(
      type == .date || type == .timestamp ? .invalidDatetimeFormat : .invalidTextRepresentation,
      "invalid input for type \(type): \(quoted(text))")
  }

  private static func outOfRange(
    _ text: UnsafeRawBufferPointer, _ type: LogicalType
  ) -> DomainRule {
    let isTime = type == .date || type == .timestamp
    return DomainRule(
      isTime ? .datetimeOverflow : .numericValueOutOfRange,
      "value out of range for type \(type): \(quoted(text))")
  }

  /// The text in quotes, cut short when it is long.
  private static func quoted(_ text: UnsafeRawBufferPointer) -> String {
    let shown = String(decoding: UnsafeRawBufferPointer(rebasing: text.prefix(80)), as: UTF8.self)
    return "\"\(shown)\(text.count > 80 ? "…" : "")\""
  }

  /// `\x` and hexadecimal digits, or the bytes themselves.
  private static func textToBinary() -> Kernel {
    .vectors {
      (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
      let source = arguments[0].flattened()
      return try Kernel.buildText(count, type, validity: source.validity, context) {
        (row, out) throws(SQLError) -> Bool in
        let text = source.bytes(at: row)
        guard text.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "x")]) else {
          out.append(text)
          return true
        }
        let digits = UnsafeRawBufferPointer(rebasing: text.dropFirst(2))
        if Hexadecimal.decode(digits, to: &out) { return true }
        try Kernel.report(invalid(text, type), rows: 1, context)
        return false
      }
    }
  }
}
