import Base
import Vectors

/// Collects one column of a stripe: its streams, the beginnings of its row groups and what is known
/// of its values. Subclasses know the streams of their type.
///
/// Used by one thread at a time; different columns may be written at once.
class ColumnWriter {
  final let id: Int
  final let type: LogicalType
  final let children: [ColumnWriter]
  private let present = BooleanOutput(.present)
  private var hasNulls = false
  final var group = ColumnSummary()
  final private(set) var stripe = ColumnSummary()
  final private(set) var file = ColumnSummary()
  /// One summary a row group of the stripe.
  final private(set) var groups: [ColumnSummary] = []

  init(_ id: Int, _ type: LogicalType, children: [ColumnWriter] = []) {
    self.id = id
    self.type = type
    self.children = children
  }

  /// Streams besides PRESENT, in the order of row index positions; complete after `finishStripe`.
  var streams: [OutputStream] { [] }
  /// Streams that no row index points into.
  var dictionaryStreams: [OutputStream] { [] }
  var encoding: ColumnEncoding { ColumnEncoding(.direct) }

  /// Takes the values of a flat vector's rows that are not NULL.
  func store(_ vector: Vector, validCount: Int) {}
  /// Takes those of a dictionary vector whose dictionary has no NULL; false to get them flat instead.
  func storeIndexed(_ rows: Vector, validCount: Int) -> Bool { false }

  /// Notes that a row group begins.
  func beginGroupOfStreams(_ chunks: ChunkWriter) {
    for stream in streams { stream.beginGroup(chunks) }
  }

  func finishStreams(_ chunks: ChunkWriter) {
    for stream in streams { stream.finish(chunks) }
  }

  func removeStreams() {
    for stream in streams { stream.removeAll() }
  }

  var bufferedBytesOfStreams: Int { streams.reduce(0) { $0 + $1.bufferedBytes } }
}

extension ColumnWriter {
  /// All streams that the stripe keeps, PRESENT first and only if a row is NULL.
  final var keptStreams: [OutputStream] { hasNulls ? [present] + streams : streams }

  /// Appends rows, all of one row group.
  final func append(_ rows: Vector) {
    precondition(rows.physical == type.physical, "a batch of another schema")
    if rows.encoding == .dictionary, rows.children[0].validity == nil,
      storeIndexed(rows, validCount: rows.count - rows.nullCount)
    {
      note(rows)
    } else {
      let vector = rows.flattened()
      note(vector)
      store(vector, validCount: vector.count - vector.nullCount)
    }
  }

  /// Counts rows and writes which of them are NULL.
  private func note(_ rows: Vector) {
    let nullCount = rows.nullCount
    group.nullCount += nullCount
    group.valueCount += rows.count - nullCount
    if nullCount > 0 { hasNulls = true }
    present.append(rows.validity.map { UnsafePointer($0.pointer) }, count: rows.count)
  }

  final func beginGroup(_ chunks: ChunkWriter) {
    beginOwnGroup(chunks)
    for child in children { child.beginGroup(chunks) }
  }

  /// Leaves the columns below to others.
  final func beginOwnGroup(_ chunks: ChunkWriter) {
    present.beginGroup(chunks)
    beginGroupOfStreams(chunks)
  }

  final func endGroup() {
    endOwnGroup()
    for child in children { child.endGroup() }
  }

  final func endOwnGroup() {
    groups.append(group)
    stripe.merge(group)
    group = ColumnSummary()
  }

  final func finishStripe(_ chunks: ChunkWriter) {
    finishOwnStripe(chunks)
    for child in children { child.finishStripe(chunks) }
  }

  final func finishOwnStripe(_ chunks: ChunkWriter) {
    present.finish(chunks)
    finishStreams(chunks)
  }

  /// Forgets the stripe and keeps the memory.
  final func beginStripe() {
    file.merge(stripe)
    stripe = ColumnSummary()
    groups.removeAll(keepingCapacity: true)
    hasNulls = false
    present.removeAll()
    removeStreams()
    for child in children { child.beginStripe() }
  }

  final var bufferedBytes: Int {
    present.bufferedBytes + bufferedBytesOfStreams
      + children.reduce(0) { $0 + $1.bufferedBytes }
  }

  /// This writer and all below it, in the order of their numbers.
  final var preorder: [ColumnWriter] { [self] + children.flatMap(\.preorder) }

  /// The writer of a type; `nextID` counts in preorder.
  static func make(_ type: LogicalType, nextID: inout Int) -> ColumnWriter {
    let id = nextID
    nextID += 1
    if case .map(let key, let value) = type {
      let entries = [key, value].map { make($0, nextID: &nextID) }
      return ListColumnWriter(id, type, children: entries)
    }
    let children = type.childTypes.map { make($0, nextID: &nextID) }
    switch type.physical {
    case .bool8: return BooleanColumnWriter(id, type)
    case .int8: return ByteColumnWriter(id, type)
    case .int16, .int32: return IntegerColumnWriter(id, type)
    case .int64:
      return type == .timestamp ? TimestampColumnWriter(id, type) : IntegerColumnWriter(id, type)
    case .int128: return DecimalColumnWriter(id, type)
    case .float32, .float64: return FloatColumnWriter(id, type)
    case .bytes:
      return type == .text ? TextColumnWriter(id, type) : BinaryColumnWriter(id, type)
    case .list: return ListColumnWriter(id, type, children: children)
    case .structure: return StructureColumnWriter(id, type, children: children)
    }
  }
}

/// Walks the rows of a vector that are not NULL.
enum ValidRows {
  @inline(__always)
  static func forEach(_ vector: Vector, _ body: (Int) -> Void) {
    guard let validity = vector.validity else {
      for row in 0..<vector.count { body(row) }
      return
    }
    for row in 0..<vector.count where validity.isValid(row) { body(row) }
  }

  /// The numbers of the rows that are not NULL.
  static func indices(_ vector: Vector) -> [UInt32] {
    var result: [UInt32] = []
    forEach(vector) { result.append(UInt32(truncatingIfNeeded: $0)) }
    return result
  }
}
