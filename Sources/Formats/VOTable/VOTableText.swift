import Base
import Catalog
import Vectors

/// Values as the cells of VOTable's TABLEDATA: numbers with `NaN`, `+Inf` and `-Inf`, booleans `T`
/// and `F`, timestamps with `T` between date and time, arrays and shapes as numbers with blanks between
/// them. Lists that are no arrays, structures and maps are JSON.
enum VOTableText {
  /// Appends row `row`, which is not NULL, of a vector that is flat at
  /// every depth.
  static func append(_ vector: Vector, _ row: Int, into out: inout ByteWriter) {
    switch vector.type {
    case .boolean:
      out.append(vector.values(as: UInt8.self)[row] != 0 ? UInt8(ascii: "T") : UInt8(ascii: "F"))
    case .float32: append(vector.values(as: Float.self)[row], to: &out)
    case .float64: append(vector.values(as: Double.self)[row], to: &out)
    case .text: XMLText.append(vector.bytes(at: row), into: &out)
    case .timestamp: timestamp(vector.values(as: Int64.self)[row], into: &out)
    case .binary: appendBytes(vector.bytes(at: row), &out)
    case .point, .circle: appendFields(vector, row, &out)
    case .polygon: appendPolygon(vector, row, &out)
    case .list(let element) where VOTableType.isArrayElement(element):
      appendArray(vector, row, &out)
    case .list, .structure, .map:
      var json = ByteWriter()
      JSONText.append(vector, row, into: &json)
      XMLText.append(json.bytes, into: &out)
    case .null, .int8, .int16, .int32, .int64, .decimal, .date:
      ValueText.append(plain: vector, row, into: &out)
    }
  }

  static func timestamp(_ nanoseconds: Int64, into out: inout ByteWriter) {
    DateText.append(timestamp: nanoseconds, separator: UInt8(ascii: "T"), to: &out)
  }

  @inline(__always)
  static func append(_ value: Double, to out: inout ByteWriter) {
    if value.isFinite { return NumberText.append(value, to: &out) }
    out.append(value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf")
  }

  @inline(__always)
  static func append(_ value: Float, to out: inout ByteWriter) {
    if value.isFinite { return NumberText.append(value, to: &out) }
    out.append(value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf")
  }

  private static func appendBytes(_ bytes: UnsafeRawBufferPointer, _ out: inout ByteWriter) {
    for (index, byte) in bytes.enumerated() {
      if index > 0 { out.append(UInt8(ascii: " ")) }
      NumberText.append(Int64(byte), to: &out)
    }
  }

  private static func appendFields(_ vector: Vector, _ row: Int, _ out: inout ByteWriter) {
    for (index, child) in vector.children.enumerated() {
      if index > 0 { out.append(UInt8(ascii: " ")) }
      append(child.values(as: Double.self)[row], to: &out)
    }
  }

  private static func appendPolygon(_ vector: Vector, _ row: Int, _ out: inout ByteWriter) {
    let view = vector.values(as: View.self)[row]
    let points = vector.children[0]
    for index in view.start..<view.start + view.count {
      if index > view.start { out.append(UInt8(ascii: " ")) }
      appendFields(points, index, &out)
    }
  }

  private static func appendArray(_ vector: Vector, _ row: Int, _ out: inout ByteWriter) {
    let view = vector.values(as: View.self)[row]
    let elements = vector.children[0]
    for index in view.start..<view.start + view.count {
      if index > view.start { out.append(UInt8(ascii: " ")) }
      if elements.isNull(index) {
        out.append(VOTableNull.text(of: elements.type))
      } else {
        append(elements, index, into: &out)
      }
    }
  }
}

/// What stands for NULL inside arrays, where VOTable has nothing else: NaN, `?`, and the smallest
/// integer, which the field declares.
enum VOTableNull {
  static func text(of type: LogicalType) -> StaticString {
    switch type {
    case .boolean: "?"
    case .int8, .int16: "-32768"
    case .int32: "-2147483648"
    case .int64: "-9223372036854775808"
    default: "NaN"
    }
  }

  /// A cell of TABLEDATA that is NULL: empty, but for arrays of floats, whose readers want numbers.
  static func cell(of type: LogicalType) -> StaticString {
    switch type {
    case .point: "NaN NaN"
    case .circle: "NaN NaN NaN"
    case .polygon: "NaN NaN NaN NaN NaN NaN"
    case .list(.float32), .list(.float64): "NaN"
    default: ""
    }
  }

  /// The number that the field of an array declares; nil where none is needed.
  static func declared(for type: LogicalType) -> StaticString? {
    guard case .list(let element) = type, element.isInteger else { return nil }
    return text(of: element)
  }
}
