import Base
import Vectors

extension ArrowField {
  /// The type that the field's values get here.
  ///
  /// Unsigned integers become the next wider signed type, those of 64 bits `decimal(20,0)`, half
  /// precision becomes `real`, timestamps of every unit nanoseconds.
  public func logicalType() throws(SQLError) -> LogicalType {
    switch type {
    case .null: return .null
    case .boolean: return .boolean
    case .integer(let bits, let isSigned): return try Self.integer(bits, isSigned, name)
    case .float(64): return .float64
    case .float: return .float32
    case .decimal(let precision, let scale, let bits):
      guard (1...38).contains(precision), (0...precision).contains(scale), bits <= 128 else {
        throw ArrowError.unsupported(name, "decimal(\(precision), \(scale)) of \(bits) bits")
      }
      return .decimal(precision: precision, scale: scale)
    case .utf8, .utf8View: return .text
    case .binary, .binaryView, .fixedBinary: return .binary
    case .date, .dateMilliseconds: return .date
    case .timestamp: return .timestamp
    case .list, .fixedList:
      let element = try onlyChild()
      if metadata[Self.extensionName] == "zij.polygon", try element.isCoordinates(2) {
        return .polygon
      }
      return .list(try element.logicalType())
    case .structure: return try structure()
    case .map:
      let entries = try onlyChild()
      guard entries.type == .structure, entries.children.count == 2 else {
        throw ArrowError.corrupt("a map without keys and values: \"\(name)\"")
      }
      return .map(
        key: try entries.children[0].logicalType(), value: try entries.children[1].logicalType())
    case .denseUnion: throw ArrowError.unsupported(name, "union")
    case .other(let what): throw ArrowError.unsupported(name, what)
    }
  }

  private static func integer(
    _ bits: Int, _ isSigned: Bool, _ name: String
  ) throws(SQLError) -> LogicalType {
    switch (bits, isSigned) {
    case (8, true): return .int8
    case (16, true), (8, false): return .int16
    case (32, true), (16, false): return .int32
    case (64, true), (32, false): return .int64
    case (64, false): return .decimal(precision: 20, scale: 0)
    default: throw ArrowError.unsupported(name, "integer of \(bits) bits")
    }
  }

  private func structure() throws(SQLError) -> LogicalType {
    switch metadata[Self.extensionName] {
    case "zij.point" where try isCoordinates(2): return .point
    case "zij.circle" where try isCoordinates(3): return .circle
    default: break
    }
    var fields: [StructField] = []
    for child in children { fields.append(StructField(child.name, try child.logicalType())) }
    return .structure(fields)
  }

  private func isCoordinates(_ count: Int) throws(SQLError) -> Bool {
    type == .structure && children.count == count
      && children.allSatisfy { $0.type == .float(bits: 64) && $0.dictionary == nil }
  }

  func onlyChild() throws(SQLError) -> ArrowField {
    guard children.count == 1 else {
      throw ArrowError.corrupt("a list of \(children.count) kinds of elements: \"\(name)\"")
    }
    return children[0]
  }
}
