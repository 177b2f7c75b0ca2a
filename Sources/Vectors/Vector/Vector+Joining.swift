import Base

extension Vector {
  /// The rows of flat vectors of `type` one after the other, copied.
  public static func joining(_ parts: [Vector], type: LogicalType) -> Vector {
    if parts.count == 1 { return parts[0] }
    switch type.physical {
    case .bytes, .list, .structure: return gathered(parts, type)
    default: return copied(parts, type)
    }
  }

  private static func copied(_ parts: [Vector], _ type: LogicalType) -> Vector {
    let count = parts.reduce(0) { $0 + $1.count }
    let width = type.physical.widthBytes
    let hasNulls = parts.contains { $0.validity != nil }
    let mask = hasNulls ? ValidityMask(count: count, allValid: true) : nil
    let result = Vector(type: type, count: count, validity: mask)
    var end = 0
    for part in parts where part.count > 0 {
      (result.base + end * width).copyMemory(from: part.base, byteCount: part.count * width)
      if let mask, let validity = part.validity {
        for row in 0..<part.count where !validity.isValid(row) { mask.setNull(end + row) }
      }
      end += part.count
    }
    return result
  }

  private static func gathered(_ parts: [Vector], _ type: LogicalType) -> Vector {
    var references: [RowReference] = []
    for (index, part) in parts.enumerated() {
      for row in 0..<part.count { references.append(RowStore.reference(batch: index, row: row)) }
    }
    return references.withUnsafeBufferPointer { RowGatherer(parts, type: type).gather($0) }
  }
}
