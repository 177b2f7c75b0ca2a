import Base

extension ArrowField {
  /// More fields than this, nested ones included, are no schema of a table.
  private static let countLimit = 100_000

  /// The fields of a schema.
  static func fields(of schema: FlatTableReader) throws(SQLError) -> [ArrowField] {
    guard try schema.number(0, Int16(0)) == 0 else {
      throw SQLError(.featureNotSupported, "Arrow data of a big-endian machine is not read")
    }
    var count = 0
    var budget = schema.budget
    var fields: [ArrowField] = []
    for table in try schema.tables(1, &budget) {
      fields.append(try ArrowField(table, depth: 0, &count, &budget))
    }
    return fields
  }

  private init(
    _ table: FlatTableReader, depth: Int, _ count: inout Int, _ budget: inout FlatBudget
  ) throws(SQLError) {
    count += 1
    guard depth < 64, count <= Self.countLimit else {
      throw ArrowError.corrupt("a schema of too many fields")
    }
    self.init(
      try table.text(0, &budget) ?? "",
      try ArrowType(kind: table.number(2, UInt8(0)), table.table(3), &budget))
    isNullable = try table.number(1, UInt8(0)) != 0
    for child in try table.tables(5, &budget) {
      children.append(try ArrowField(child, depth: depth + 1, &count, &budget))
    }
    for pair in try table.tables(6, &budget) {
      metadata[try pair.text(0, &budget) ?? ""] = try pair.text(1, &budget) ?? ""
    }
    guard let encoding = try table.table(4) else { return }
    let index = try encoding.table(1)
    dictionary = Dictionary(
      id: try encoding.number(0, Int64(0)), indexBits: Int(try index?.number(0, Int32(0)) ?? 32),
      isSigned: try index?.number(1, UInt8(0)) ?? 1 != 0)
  }
}

extension ArrowType {
  /// By the number in the union `Type` and the table of that type.
  fileprivate init(
    kind: UInt8, _ table: FlatTableReader?, _ budget: inout FlatBudget
  ) throws(SQLError) {
    func int(_ slot: Int, _ absent: Int32 = 0) throws(SQLError) -> Int {
      Int(try table?.number(slot, absent) ?? absent)
    }
    func short(_ slot: Int, _ absent: Int16) throws(SQLError) -> Int16 {
      try table?.number(slot, absent) ?? absent
    }
    switch kind {
    case 1: self = .null
    case 2:
      self = .integer(bits: try int(0), isSigned: try table?.number(1, UInt8(0)) ?? 0 != 0)
    case 3: self = .float(bits: [16, 32, 64][Int(max(0, min(2, try short(0, 0))))])
    case 4, 19: self = .binary(isLarge: kind == 19)
    case 5, 20: self = .utf8(isLarge: kind == 20)
    case 6: self = .boolean
    case 7: self = .decimal(precision: try int(0), scale: try int(1), bits: try int(2, 128))
    case 8: self = try short(0, 1) == 0 ? .date : .dateMilliseconds
    case 10:
      guard let unit = TimeUnit(rawValue: try short(0, 0)) else {
        throw ArrowError.corrupt("unit of a timestamp")
      }
      self = .timestamp(unit, zone: try table?.text(1, &budget))
    case 12, 21: self = .list(isLarge: kind == 21)
    case 13: self = .structure
    case 15: self = .fixedBinary(sizeBytes: try int(0))
    case 16: self = .fixedList(count: try int(0))
    case 17: self = .map
    case 23: self = .binaryView
    case 24: self = .utf8View
    default:
      let names: [UInt8: String] = [
        9: "time", 11: "interval", 14: "union", 18: "duration", 22: "run-end encoded",
        25: "list view", 26: "list view",
      ]
      self = .other(names[kind] ?? "type \(kind)")
    }
  }
}
