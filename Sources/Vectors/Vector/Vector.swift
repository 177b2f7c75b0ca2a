import Base

/// The values of one column for one batch, or the elements below a list, which may be more.
///
/// | encoding | `base` holds | children |
/// |---|---|---|
/// | flat | `count` values of the physical type | element or fields |
/// | constant | one value that stands for all rows; validity bit 0 for all | element or fields, constant |
/// | dictionary | `count` indices (UInt32) into the only child | the distinct values, flat |
/// | sequence | two Int64: the first value and the step (integers only) | none |
///
/// Rows that are NULL have an unspecified but readable value; floats there are never signalling and
/// views always lie inside the heap. A vector is written by its maker and immutable once shared.
public final class Vector: @unchecked Sendable {
  public enum Encoding: Sendable { case flat, constant, dictionary, sequence }

  public let type: LogicalType
  public let physical: PhysicalType
  public let encoding: Encoding
  public let count: Int
  /// The first value. Has 64 readable bytes behind the last one only if `isPadded`.
  public let base: UnsafeMutableRawPointer
  public let storage: Buffer
  /// Nil when no row is NULL.
  public var validity: ValidityMask?
  /// The bytes that views of text and binary point into.
  public var heap: Buffer?
  public var children: [Vector]

  /// A vector over existing memory, `offsetBytes` into `storage`.
  public init(
    type: LogicalType, encoding: Encoding = .flat, count: Int, storage: Buffer,
    offsetBytes: Int = 0, validity: ValidityMask? = nil, heap: Buffer? = nil,
    children: [Vector] = []
  ) {
    let physical = type.physical
    let width = encoding == .dictionary ? 4 : physical.widthBytes
    let needed = encoding == .constant ? width : encoding == .sequence ? 16 : count * width
    precondition(offsetBytes >= 0 && offsetBytes + needed <= storage.sizeBytes)
    self.type = type
    self.physical = physical
    self.encoding = encoding
    self.count = count
    self.storage = storage
    base = storage.base + offsetBytes
    self.validity = validity
    self.heap = heap
    self.children = children
  }

  /// A flat vector with uninitialised values, to be filled by the caller through `values(as:)`.
  /// `children` must be given for lists and structures.
  public convenience init(
    type: LogicalType, count: Int, validity: ValidityMask? = nil, heap: Buffer? = nil,
    children: [Vector] = []
  ) {
    self.init(
      type: type, count: count,
      storage: Buffer(sizeBytes: count * type.physical.widthBytes), validity: validity,
      heap: heap, children: children)
  }

  /// The values (or one value if constant, or indices if a dictionary), as many as `encoding` says.
  @inlinable
  public func values<T>(as type: T.Type) -> UnsafeMutablePointer<T> {
    base.assumingMemoryBound(to: type)
  }

  public var isConstant: Bool { encoding == .constant }

  /// True if row `row` is NULL. Dictionary vectors carry their NULLs in their own mask.
  public func isNull(_ row: Int) -> Bool {
    guard let validity else { return false }
    return !validity.isValid(isConstant ? 0 : row)
  }

  public var nullCount: Int {
    guard let validity else { return 0 }
    if isConstant { return validity.isValid(0) ? 0 : count }
    return validity.nullCount(count)
  }

  /// All rows are NULL because a constant is.
  public var isConstantNull: Bool { isConstant && count > 0 && isNull(0) }

  /// `count` times NULL.
  public static func nulls(_ type: LogicalType, count: Int) -> Vector {
    let children = type.physical == .list
      ? type.childTypes.map { nulls($0, count: 0) }
      : type.childTypes.map { nulls($0, count: count) }
    return Vector(
      type: type, encoding: .constant, count: count,
      storage: Buffer(sizeBytes: max(16, type.physical.widthBytes), zeroed: true),
      validity: ValidityMask(count: 1, allValid: false),
      heap: type.physical == .bytes ? Buffer(sizeBytes: 0) : nil, children: children)
  }

  /// The integers `start, start + step, …`, kept as a sequence.
  public static func sequence(start: Int64, step: Int64, count: Int) -> Vector {
    let storage = Buffer(sizeBytes: 16)
    storage.base.storeBytes(of: start, as: Int64.self)
    storage.base.storeBytes(of: step, toByteOffset: 8, as: Int64.self)
    return Vector(type: .int64, encoding: .sequence, count: count, storage: storage)
  }

  /// Bytes this vector keeps alive, roughly: values, mask, heap, children.
  public var sizeBytes: Int {
    let maskBytes = validity == nil ? 0 : count / 8
    if encoding == .dictionary { return count * 4 + maskBytes + dictionaryShareBytes }
    return (encoding == .constant ? 16 : count * physical.widthBytes) + maskBytes + usedHeapBytes
      + (physical == .list ? elementBytes : children.reduce(0) { $0 + $1.sizeBytes })
  }

  /// Slices of a list share its child: each has as much of it as it uses.
  private var elementBytes: Int {
    guard let child = children.first, child.count > 0 else { return 0 }
    let total = child.sizeBytes
    guard encoding == .flat else { return total }
    let views = values(as: View.self)
    var used = 0
    for row in 0..<count { used &+= views[row].count }
    return used >= child.count ? total : Int(Double(total) / Double(child.count) * Double(used))
  }

  /// Neighbouring batches share a dictionary: of a large one each has as many values as rows.
  private var dictionaryShareBytes: Int {
    let dictionary = children[0]
    guard physical == .bytes || physical.isFixed else { return dictionary.sizeBytes }
    let total = dictionary.count * physical.widthBytes + (dictionary.heap?.sizeBytes ?? 0)
    return dictionary.count > count ? total / dictionary.count * count : total
  }

  private var usedHeapBytes: Int {
    guard physical == .bytes, encoding == .flat, let heap else { return 0 }
    let views = values(as: View.self)
    var total = 0
    for row in 0..<count { total &+= views[row].count }
    // Rows that share their text do not keep it several times.
    return min(total, heap.sizeBytes)
  }
}
