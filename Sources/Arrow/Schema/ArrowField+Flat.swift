/// Fields and schemas as the FlatBuffers tables of `Schema.fbs`.
extension ArrowField {
  /// Field: name, nullable, type's kind, type, dictionary, children, metadata.
  var flat: FlatTable {
    let (kind, type) = self.type.flat
    return FlatTable([
      .string(name), .byte(isNullable ? 1 : 0), .byte(kind), .table(type), dictionary.map(flat),
      .tables(children.map(\.flat)), metadata.isEmpty ? nil : .tables(Self.flat(metadata)),
    ])
  }

  /// DictionaryEncoding: id, type of the indices.
  private func flat(_ dictionary: Dictionary) -> FlatTable.Field {
    let index = ArrowType.integer(bits: dictionary.indexBits, isSigned: dictionary.isSigned)
    return .table(FlatTable([.long(dictionary.id), .table(index.flat.table)]))
  }

  /// KeyValue: key, value.
  private static func flat(_ metadata: [String: String]) -> [FlatTable] {
    metadata.sorted { $0.key < $1.key }.map { FlatTable([.string($0.key), .string($0.value)]) }
  }

  /// Schema: byte order (little), fields.
  static func flatSchema(_ fields: [ArrowField]) -> FlatTable {
    FlatTable([.short(0), .tables(fields.map(\.flat))])
  }
}

extension ArrowType {
  /// The number in the union `Type`, and the table of that type.
  var flat: (kind: UInt8, table: FlatTable) {
    switch self {
    case .null, .other, .denseUnion: (1, FlatTable([]))
    case .integer(let bits, let isSigned):
      (2, FlatTable([.int(Int32(bits)), .byte(isSigned ? 1 : 0)]))
    case .float(let bits): (3, FlatTable([.short(bits == 16 ? 0 : bits == 32 ? 1 : 2)]))
    case .binary(let isLarge): (isLarge ? 19 : 4, FlatTable([]))
    case .utf8(let isLarge): (isLarge ? 20 : 5, FlatTable([]))
    case .boolean: (6, FlatTable([]))
    case .decimal(let precision, let scale, let bits):
      (7, FlatTable([.int(Int32(precision)), .int(Int32(scale)), .int(Int32(bits))]))
    case .date: (8, FlatTable([.short(0)]))
    case .dateMilliseconds: (8, FlatTable([.short(1)]))
    case .timestamp(let unit, let zone):
      (10, FlatTable([.short(unit.rawValue), zone.map(FlatTable.Field.string)]))
    case .list(let isLarge): (isLarge ? 21 : 12, FlatTable([]))
    case .structure: (13, FlatTable([]))
    case .binaryView: (23, FlatTable([]))
    case .utf8View: (24, FlatTable([]))
    case .fixedBinary(let size): (15, FlatTable([.int(Int32(size))]))
    case .fixedList(let count): (16, FlatTable([.int(Int32(count))]))
    case .map: (17, FlatTable([.byte(0)]))
    }
  }
}
