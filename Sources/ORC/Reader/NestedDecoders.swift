import Base
import Vectors

/// LIST and MAP: lengths, and below them the elements, or keys and values, of all rows.
final class ListColumnDecoder: ColumnDecoder {
  private let lengths: IntegerDecoder
  /// The element, or key and value.
  private let elements: [ColumnDecoder]

  /// More elements in one row group would not fit a machine's memory.
  private static let maximumElementCount = 1 << 26

  init(
    _ type: LogicalType, present: BooleanDecoder?, lengths: IntegerDecoder,
    elements: [ColumnDecoder]
  ) {
    self.lengths = lengths
    self.elements = elements
    super.init(type, present: present)
  }

  override func readValues(
    _ count: Int, validity: ValidityMask?, validCount: Int
  ) throws(SQLError) -> Vector {
    let storage = Buffer(sizeBytes: count * PhysicalType.list.widthBytes)
    let views = storage.base.assumingMemoryBound(to: View.self)
    let elementCount = try lengths.readViews(into: views, count: validCount)
    guard elementCount <= Self.maximumElementCount else {
      throw lengths.corrupt("\(elementCount) list elements in one row group")
    }
    NullExpansion.expand(
      views, count: validCount, rows: count, mask: validity)
    var children: [Vector] = []
    for element in elements {
      let vector = try element.read(elementCount, within: nil)
      // What nobody reads stays one NULL for all.
      children.append(element is UnreadColumnDecoder ? vector : vector.flattened())
    }
    if case .map = type {
      children = [Vector(type: type.childTypes[0], count: elementCount, children: children)]
    }
    return Vector(
      type: type, count: count, storage: storage, validity: validity, children: children)
  }
}

/// STRUCT: nothing but its fields, which have no slot where it is NULL.
final class StructureColumnDecoder: ColumnDecoder {
  private let fields: [ColumnDecoder]

  init(_ type: LogicalType, present: BooleanDecoder?, fields: [ColumnDecoder]) {
    self.fields = fields
    super.init(type, present: present)
  }

  override func readValues(
    _ count: Int, validity: ValidityMask?, validCount: Int
  ) throws(SQLError) -> Vector {
    var children: [Vector] = []
    for field in fields { children.append(try field.read(count, within: validity)) }
    return Vector(type: type, count: count, validity: validity, children: children)
  }
}

/// What nobody reads: NULLs.
final class UnreadColumnDecoder: ColumnDecoder {
  override func readValues(
    _ count: Int, validity: ValidityMask?, validCount: Int
  ) throws(SQLError) -> Vector {
    Vector.nulls(type, count: count)
  }
}

extension TypeTree {
  /// What is read of each child; nil for nothing. A map's pairs are a child of the type, but not of
  /// the tree.
  func uses(_ use: FieldUse) -> [FieldUse?] {
    if case .whole = use { return children.map { _ in .whole } }
    if case .map = type {
      let pair = use.child(0)
      return children.indices.map { pair?.child($0) }
    }
    // The tag of a union tells which of the variants to read.
    if kind == .union { return children.map { _ in .whole } }
    return children.indices.map { use.child($0) }
  }
}

/// UNION: which variant each row has, and the variants' values. Becomes a structure of the tag and
/// one field a variant, NULL in the rows of other variants.
final class UnionColumnDecoder: ColumnDecoder {
  private let tags: ByteDecoder
  private let variants: [ColumnDecoder]

  init(
    _ type: LogicalType, present: BooleanDecoder?, tags: ByteDecoder, variants: [ColumnDecoder]
  ) {
    self.tags = tags
    self.variants = variants
    super.init(type, present: present)
  }

  override func readValues(
    _ count: Int, validity: ValidityMask?, validCount: Int
  ) throws(SQLError) -> Vector {
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
    defer { bytes.deallocate() }
    try tags.read(into: bytes, count: validCount)
    for i in 0..<validCount where Int(bytes[i]) >= variants.count {
      throw tags.corrupt("variant \(bytes[i]) of \(variants.count)")
    }
    NullExpansion.expand(bytes, count: validCount, rows: count, mask: validity)
    let tag = Vector(type: .int16, count: count, validity: validity)
    for row in 0..<count { tag.values(as: Int16.self)[row] = Int16(bytes[row]) }
    var children = [tag]
    for (number, variant) in variants.enumerated() {
      let mask = ValidityMask(count: count, allValid: false)
      for row in 0..<count where Int(bytes[row]) == number && validity?.isValid(row) ?? true {
        mask.setValid(row)
      }
      children.append(try variant.read(count, within: mask))
    }
    return Vector(type: type, count: count, validity: validity, children: children)
  }
}
