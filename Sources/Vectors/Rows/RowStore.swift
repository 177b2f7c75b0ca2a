import Base

/// The address of a row in a `RowStore`: batch index in the high bits, row in the low 16.
public typealias RowReference = UInt64

/// Rows that an operator keeps: batches as they came, flat, and how to gather any of them.
public final class RowStore: @unchecked Sendable {
  public let types: [LogicalType]
  public private(set) var batches: [Batch] = []
  public private(set) var rowCount = 0
  public private(set) var sizeBytes = 0

  public init(types: [LogicalType]) { self.types = types }

  /// Keeps a batch; returns the bytes it takes.
  @discardableResult
  public func append(_ batch: Batch) -> Int {
    guard batch.rowCount > 0 else { return 0 }
    let flat = Batch(columns: batch.columns.map { $0.flattened() }, rowCount: batch.rowCount)
    let bytes = flat.sizeBytes
    batches.append(flat)
    rowCount += flat.rowCount
    sizeBytes += bytes
    return bytes
  }

  /// Takes over the batches of another store, behind its own.
  public func append(_ other: RowStore) {
    batches += other.batches
    rowCount += other.rowCount
    sizeBytes += other.sizeBytes
  }

  public func removeAll() {
    batches.removeAll()
    rowCount = 0
    sizeBytes = 0
  }

  public static func reference(batch: Int, row: Int) -> RowReference {
    RowReference(truncatingIfNeeded: batch) << 16 | RowReference(truncatingIfNeeded: row)
  }

  /// The references of all rows, in order.
  public func allReferences() -> [RowReference] {
    var result: [RowReference] = []
    result.reserveCapacity(rowCount)
    for (index, batch) in batches.enumerated() {
      for row in 0..<batch.rowCount { result.append(Self.reference(batch: index, row: row)) }
    }
    return result
  }

  /// A batch of the rows named, in that order.
  public func gather(_ references: UnsafeBufferPointer<RowReference>) -> Batch {
    Batch(columns: types.indices.map { gather(column: $0, references) }, rowCount: references.count)
  }

  public func gather(column: Int, _ references: UnsafeBufferPointer<RowReference>) -> Vector {
    RowGatherer(batches.map { $0.columns[column] }, type: types[column]).gather(references)
  }

  /// Gatherers for all columns, to be made once and used for many batches.
  public func gatherers() -> [RowGatherer] {
    types.indices.map { index in
      RowGatherer(batches.map { $0.columns[index] }, type: types[index])
    }
  }
}

/// Gathers rows of one column that lies in many flat vectors.
public final class RowGatherer: @unchecked Sendable {
  private let vectors: [Vector]
  private let type: LogicalType
  private let bases: UnsafeMutablePointer<UnsafeRawPointer>
  /// The words of each vector's mask, nil where no row is NULL.
  private let masks: UnsafeMutablePointer<UnsafeMutablePointer<UInt64>?>
  /// The bytes of each vector of text.
  private let heaps: UnsafeMutablePointer<UnsafeRawPointer?>
  private let hasNulls: Bool
  private let children: [RowGatherer]

  public init(_ vectors: [Vector], type: LogicalType) {
    self.vectors = vectors
    self.type = type
    bases = .allocate(capacity: max(1, vectors.count))
    masks = .allocate(capacity: max(1, vectors.count))
    heaps = .allocate(capacity: max(1, vectors.count))
    for (index, vector) in vectors.enumerated() {
      (bases + index).initialize(to: UnsafeRawPointer(vector.base))
      (masks + index).initialize(to: vector.validity?.pointer)
      (heaps + index).initialize(to: (vector.heap?.base).map { UnsafeRawPointer($0) })
    }
    hasNulls = vectors.contains { $0.validity != nil }
    children = type.physical == .structure
      ? type.childTypes.enumerated().map { position, childType in
        RowGatherer(vectors.map { $0.children[position].flattened() }, type: childType)
      } : []
  }

  deinit {
    bases.deallocate()
    masks.deallocate()
    heaps.deallocate()
  }

  public func gather(_ references: UnsafeBufferPointer<RowReference>) -> Vector {
    switch type.physical {
    case .bool8, .int8: return fixed(UInt8.self, references)
    case .int16: return fixed(UInt16.self, references)
    case .int32, .float32: return fixed(UInt32.self, references)
    case .int64, .float64: return fixed(UInt64.self, references)
    case .int128: return fixed(UInt128.self, references)
    case .structure:
      return Vector(
        type: type, count: references.count, validity: validity(references),
        children: children.map { $0.gather(references) })
    case .bytes: return bytes(references)
    case .list: return built(references)
    }
  }

  private func built(_ references: UnsafeBufferPointer<RowReference>) -> Vector {
    let builder = VectorBuilder(type: type)
    for reference in references {
      builder.append(
        vectors[Int(truncatingIfNeeded: reference >> 16)],
        row: Int(truncatingIfNeeded: reference & 0xFFFF))
    }
    return builder.finish()
  }

  /// Adds up the lengths first, so that the bytes are copied once and into a heap of their size.
  private func bytes(_ references: UnsafeBufferPointer<RowReference>) -> Vector {
    let mask = validity(references)
    let result = Vector(type: type, count: references.count, validity: mask)
    let views = result.values(as: View.self)
    var total = 0
    for index in 0..<references.count {
      let reference = references[index]
      let source = bases[Int(truncatingIfNeeded: reference >> 16)]
        .assumingMemoryBound(to: View.self)[Int(truncatingIfNeeded: reference & 0xFFFF)]
      views[index] = mask?.isValid(index) == false ? View(offset: 0, length: 0) : source
      total &+= views[index].count
    }
    guard total <= Int(UInt32.max) else { return built(references) }
    let heap = Buffer(sizeBytes: total)
    var end = 0
    for index in 0..<references.count where views[index].length > 0 {
      let view = views[index]
      if let source = heaps[Int(truncatingIfNeeded: references[index] >> 16)] {
        (heap.base + end).copyMemory(from: source + view.start, byteCount: view.count)
      }
      views[index] = View(offset: UInt32(end), length: view.length)
      end &+= view.count
    }
    result.heap = heap
    return result
  }

  private func fixed<T: BitwiseCopyable>(
    _: T.Type, _ references: UnsafeBufferPointer<RowReference>
  ) -> Vector {
    let result = Vector(type: type, count: references.count, validity: validity(references))
    let out = result.values(as: T.self)
    for index in 0..<references.count {
      let reference = references[index]
      let base = bases[Int(truncatingIfNeeded: reference >> 16)]
      out[index] = base.loadUnaligned(
        fromByteOffset: Int(truncatingIfNeeded: reference & 0xFFFF) &* MemoryLayout<T>.stride,
        as: T.self)
    }
    return result
  }

  private func validity(_ references: UnsafeBufferPointer<RowReference>) -> ValidityMask? {
    guard hasNulls else { return nil }
    let mask = ValidityMask(count: references.count, allValid: true)
    var allBits: UInt64 = ~0
    var start = 0
    while start < references.count {
      var word: UInt64 = ~0
      for bit in 0..<min(64, references.count &- start) {
        let reference = references[start &+ bit]
        guard let words = masks[Int(truncatingIfNeeded: reference >> 16)] else { continue }
        let row = Int(truncatingIfNeeded: reference & 0xFFFF)
        let isNull = ~(words[row &>> 6] &>> UInt64(row & 63)) & 1
        word ^= isNull &<< UInt64(bit)
      }
      mask.pointer[start &>> 6] = word
      allBits &= word
      start &+= 64
    }
    return allBits == ~0 ? nil : mask
  }
}
