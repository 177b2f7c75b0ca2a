import Arrow
import Base
import Engine
import Vectors

/// GetInfo: who driver and database are, as a union of texts, truths and numbers.
extension Metadata {
  private enum Info {
    case text(String)
    case boolean(Bool)
    case number(Int64)

    /// Position of the child of the union that holds it.
    var kind: UInt8 {
      switch self {
      case .text: 0
      case .boolean: 1
      case .number: 2
      }
    }
  }

  private static let known: [(code: UInt32, info: Info)] = [
    (0, .text("Zij")), (1, .text(ZijVersion.text)), (3, .boolean(true)), (4, .boolean(false)),
    (100, .text("ADBC Zij Driver")), (101, .text(ZijVersion.text)), (103, .number(1_001_000)),
  ]

  /// Codes that are not known are left out, as ADBC says.
  static func info(_ codes: [UInt32]?) throws(DriverError) -> FixedRows {
    let wanted =
      codes.map { codes in
        codes.compactMap { code in known.first { $0.code == code } }
      } ?? known
    var kinds: [UInt8] = []
    var offsets: [Int32] = []
    var children: [[Value]] = [[], [], []]
    for (_, info) in wanted {
      let kind = Int(info.kind)
      kinds.append(info.kind)
      offsets.append(Int32(children[kind].count))
      switch info {
      case .text(let text): children[kind].append(.text(text))
      case .boolean(let value): children[kind].append(.boolean(value))
      case .number(let value): children[kind].append(.integer(value))
      }
    }
    let names = ExportedArray(
      length: wanted.count, buffers: [nil, region(wanted.map(\.code))])
    var parts: [ExportedArray] = []
    for (index, type) in unionTypes.enumerated() {
      let values = children.indices.contains(index) ? children[index] : []
      parts.append(try column(Vector.of(values, type: type)))
    }
    let union = ExportedArray(
      length: wanted.count, buffers: [region(kinds), region(offsets)], children: parts)
    let rows = ExportedArray(length: wanted.count, buffers: [nil], children: [names, union])
    return FixedRows(infoFields, rows)
  }

  static func column(_ vector: Vector) throws(DriverError) -> ExportedArray {
    do throws(SQLError) { return try ArrayExport.column(vector) } catch { throw DriverError(error) }
  }

  private static func region<T: FixedWidthInteger>(_ values: [T]) -> ByteRegion {
    ByteRegion(copying: values.flatMap { value in withUnsafeBytes(of: value) { Array($0) } })
  }

  private static let unionTypes: [LogicalType] = [
    .text, .boolean, .int64, .int32, .list(.text), .map(key: .int32, value: .list(.int32)),
  ]

  private static var infoFields: [ArrowField] {
    let names = [
      "string_value", "bool_value", "int64_value", "int32_bitmask", "string_list",
      "int32_to_int32_list_map",
    ]
    var code = ArrowField("info_name", ArrowType.integer(bits: 32, isSigned: false))
    code.isNullable = false
    let union = ArrowField(
      "info_value", .denseUnion(count: names.count),
      children: zip(names, unionTypes).map { ArrowField($0, $1) })
    return [code, union]
  }
}
