import Base

/// Values of schemas as Avro's bytes: for defaults.
enum AvroEncoding {
  /// The bytes of a JSON default; nil if it is no value of `schema`.
  static func encoded(_ value: JSONValue, as schema: AvroSchema) -> [UInt8]? {
    var out: [UInt8] = []
    return append(value, schema, &out) ? out : nil
  }

  private static func append(
    _ value: JSONValue, _ schema: AvroSchema, _ out: inout [UInt8]
  ) -> Bool {
    switch (schema.plain, value) {
    case (.null, .null): return true
    case (.boolean, .boolean(let flag)): out.append(flag ? 1 : 0)
    case (.int, .number(let text)):
      guard let number = Int32(text) else { return false }
      append(Int64(number), &out)
    case (.long, .number(let text)):
      guard let number = Int64(text) else { return false }
      append(number, &out)
    case (.float, .number(let text)):
      guard let number = Float(text) else { return false }
      withUnsafeBytes(of: number.bitPattern.littleEndian) { out += Array($0) }
    case (.double, .number(let text)):
      guard let number = Double(text) else { return false }
      withUnsafeBytes(of: number.bitPattern.littleEndian) { out += Array($0) }
    case (.string, .string(let text)):
      append(Int64(text.utf8.count), &out)
      out += Array(text.utf8)
    case (.bytes, .string(let text)):
      guard let bytes = bytes(text) else { return false }
      append(Int64(bytes.count), &out)
      out += bytes
    case (.fixed(_, let sizeBytes), .string(let text)):
      guard let bytes = bytes(text), bytes.count == sizeBytes else { return false }
      out += bytes
    case (.enumeration(let enumeration), .string(let text)):
      guard let index = enumeration.symbols.firstIndex(of: text) else { return false }
      append(Int64(index), &out)
    default: return appendNested(value, schema.plain, &out)
    }
    return true
  }

  private static func appendNested(
    _ value: JSONValue, _ schema: AvroSchema, _ out: inout [UInt8]
  ) -> Bool {
    switch (schema, value) {
    case (.array(let element), .array(let values)):
      if !values.isEmpty { append(Int64(values.count), &out) }
      for value in values { guard append(value, element, &out) else { return false } }
      out.append(0)
    case (.map(let element), .object(let members)):
      if !members.isEmpty { append(Int64(members.count), &out) }
      for member in members {
        append(Int64(member.name.utf8.count), &out)
        out += Array(member.name.utf8)
        guard append(member.value, element, &out) else { return false }
      }
      out.append(0)
    case (.record(let record), .object):
      for field in record.fields {
        guard let value = value[field.name] ?? field.defaultValue,
          append(value, field.type, &out)
        else { return false }
      }
    case (.union(let branches), _):
      // A union's default is of its first branch; newer texts allow any.
      for (index, branch) in branches.enumerated() {
        let before = out.count
        append(Int64(index), &out)
        if append(value, branch, &out) { return true }
        out.removeSubrange(before...)
      }
      return false
    default: return false
    }
    return true
  }

  /// Bytes are written as characters U+0000 to U+00FF.
  private static func bytes(_ text: String) -> [UInt8]? {
    var result: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { return nil }
      result.append(byte)
    }
    return result
  }

  private static func append(_ number: Int64, _ out: inout [UInt8]) {
    var rest = UInt64(bitPattern: (number &<< 1) ^ (number &>> 63))
    while rest > 0x7F {
      out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    out.append(UInt8(truncatingIfNeeded: rest))
  }
}
