import Base
import ORC
import Sky
import Synchronization
import Vectors

/// A segment open for reading. Any number of threads may read at once.
///
/// The file is checked where it is read: sizes at the start, everything else as it is decoded. The
/// sidecar is believed only if its checksums and its segment's are right; otherwise the zones are
/// found anew from the file when they are asked for, and are unknown where the file is damaged.
public final class Segment: TablePart {
  public let stored: StoredSegment
  public let rowMask: RowMask?
  /// The types of the table's columns.
  public let types: [LogicalType]
  /// As the loader wrote it.
  public let sortedBy: [Int]

  let file: any ReadableFile
  let reader: ORCReader
  let schema: SegmentSchema
  /// Where each of the table's columns is in the file.
  let places: [Int?]
  let groups: [Group]
  let sidecar: Sidecar?
  let zones: Mutex<LoadedZones>
  private let cache: ChunkCache
  private let cacheNumber: Int
  /// The ways in which columns have been read in part: their numbers in the cache.
  private let uses = Mutex<[(column: Int, use: FieldUse)]>([])

  struct Group: Sendable {
    let stripe: Int
    let indexInStripe: Int
    let rowCount: Int
  }

  /// Opens a segment of `table`, which may have gained columns since the file was written: those
  /// are NULL.
  public init(
    _ stored: StoredSegment, of table: StoredTable, in directory: DatabaseDirectory,
    cache: ChunkCache, rowMask: RowMask? = nil
  ) throws(SQLError) {
    self.stored = stored
    self.rowMask = rowMask
    self.cache = cache
    cacheNumber = cache.makeSegmentNumber()
    schema = try SegmentSchema(table)
    types = schema.types
    sortedBy = schema.sortedBy
    file = try directory.disk.open(directory.absolute(stored.path))
    guard file.sizeBytes == stored.sizeBytes else {
      throw SQLError(
        .dataCorrupted,
        "segment has \(file.sizeBytes) bytes instead of \(stored.sizeBytes): \"\(file.path)\"",
        hint: "Restore the file from a copy.")
    }
    reader = try ORCReader(file: file)
    guard reader.rowCount == stored.rowCount else {
      throw SQLError(
        .dataCorrupted,
        "segment has \(reader.rowCount) rows instead of \(stored.rowCount): \"\(file.path)\"",
        hint: "Restore the file from a copy.")
    }
    places = schema.places(in: reader.columns)
    try Self.requireTypes(schema, places, reader, file)
    groups = Self.groups(of: reader)
    let loaded = Self.openSidecar(stored, directory, groups, columnCount: reader.columns.count)
    sidecar = loaded?.sidecar
    zones = Mutex(LoadedZones(sky: loaded?.sky))
  }

  private static func groups(of reader: ORCReader) -> [Group] {
    var groups: [Group] = []
    for stripe in reader.stripes.indices {
      for (index, range) in reader.rowGroups(ofStripe: stripe).enumerated() {
        groups.append(Group(stripe: stripe, indexInStripe: index, rowCount: range.count))
      }
    }
    return groups
  }

  private static func requireTypes(
    _ schema: SegmentSchema, _ places: [Int?], _ reader: ORCReader, _ file: any ReadableFile
  ) throws(SQLError) {
    for (column, place) in places.enumerated() {
      guard let place, reader.columns[place].type != schema.types[column] else { continue }
      throw SQLError(
        .dataCorrupted,
        "column \"\(schema.columns[column].name)\" is \(reader.columns[place].type) in the segment "
          + "and \(schema.types[column]) in the table: \"\(file.path)\"")
    }
  }
}

// MARK: - TablePart

extension Segment {
  public var groupCount: Int { groups.count }

  public var visibleRowCount: Int { stored.rowCount - (rowMask?.hiddenCount ?? 0) }

  public func rowCount(ofGroup group: Int) -> Int { groups[group].rowCount }

  public func read(group: Int, columns: [Int]) throws(SQLError) -> [Vector] {
    var wanted: [Int] = []
    wanted.reserveCapacity(columns.count)
    for column in columns { if let place = places[column] { wanted.append(place) } }
    let vectors = try readFile(group: group, places: wanted)
    if wanted.count == columns.count { return vectors }
    var next = 0
    return columns.map { column in
      guard places[column] != nil else {
        return Vector.nulls(types[column], count: groups[group].rowCount)
      }
      next += 1
      return vectors[next - 1]
    }
  }

  public func read(group: Int, column: Int, use: FieldUse) throws(SQLError) -> Vector {
    guard use != .whole, let place = places[column] else {
      return try read(group: group, columns: [column])[0]
    }
    // Each way of reading a column in part has a place of its own in the cache.
    let key = uses.withLock { uses in
      let known = uses.firstIndex { $0.column == place && $0.use == use }
      if known == nil { uses.append((place, use)) }
      return reader.columns.count + (known ?? uses.count - 1)
    }
    if let found = cache.find(segment: cacheNumber, group: group, columns: [key])[0] {
      return found
    }
    let vector = try decode(group: group, places: [place], uses: [use])[0]
    cache.insert(segment: cacheNumber, group: group, columns: [key], [vector])
    return vector
  }

  /// The bytes of the streams, divided by rows.
  public func sizeBytes(ofGroup group: Int, column: Int, use: FieldUse) -> Int {
    let place = groups[group]
    guard let index = places[column],
      let bytes = try? reader.sizeBytes(stripe: place.stripe, column: index, use: use)
    else { return 0 }
    let rowCount = max(1, reader.stripes[place.stripe].rowCount)
    return Int(Double(bytes) * Double(place.rowCount) / Double(rowCount))
  }

  /// Vectors of columns of the file, from the cache or decoded and put there.
  private func readFile(group: Int, places: [Int]) throws(SQLError) -> [Vector] {
    let found = cache.find(segment: cacheNumber, group: group, columns: places)
    var missing: [Int] = []
    for (index, vector) in found.enumerated() where vector == nil { missing.append(places[index]) }
    if missing.isEmpty { return found.compactMap { $0 } }
    let decoded = try decode(group: group, places: missing)
    cache.insert(segment: cacheNumber, group: group, columns: missing, decoded)
    var next = 0
    return found.map { vector in
      if let vector { return vector }
      next += 1
      return decoded[next - 1]
    }
  }

  /// Decodes columns of the file, past the cache.
  func decode(
    group: Int, places: [Int], uses: [FieldUse] = []
  ) throws(SQLError) -> [Vector] {
    let place = groups[group]
    do throws(SQLError) {
      return try reader.readRowGroup(
        stripe: place.stripe, group: place.indexInStripe, columns: places, uses: uses)
    } catch {
      var named = error
      named.message += ", in row group \(place.indexInStripe) of stripe \(place.stripe)"
      if !named.message.contains(file.path) { named.message += ": \"\(file.path)\"" }
      throw named
    }
  }

  /// An estimate: a stripe's bytes divided by rows and by the columns' typical widths.
  public func sizeBytes(ofGroup group: Int, columns: [Int]) -> Int {
    let place = groups[group]
    let stripe = reader.stripes[place.stripe]
    let all = reader.columns.reduce(0) { $0 + SegmentSchema.typicalBytes($1.type) }
    let wanted = columns.reduce(0) { sum, column in
      sum + (places[column] == nil ? 0 : SegmentSchema.typicalBytes(types[column]))
    }
    let share = Double(wanted) / Double(max(1, all)) * Double(place.rowCount)
    return Int(Double(stripe.dataSizeBytes) * share / Double(max(1, stripe.rowCount)))
  }

  /// Reads the whole file and compares it with the checksum in the manifest.
  ///
  /// - Parameter checkpoint: called after every few megabytes.
  public func verify(checkpoint: () throws(SQLError) -> Void = {}) throws(SQLError) {
    var checksum: UInt32 = 0
    var offset = 0
    while offset < file.sizeBytes {
      let count = min(4 << 20, file.sizeBytes - offset)
      let region = try file.read(at: offset, count: count)
      checksum = region.withBytes { CRC32C.checksum($0, continuing: checksum) }
      offset += count
      try checkpoint()
    }
    guard checksum == stored.checksum else {
      throw SQLError(
        .dataCorrupted, "checksum of segment is wrong: \"\(file.path)\"",
        hint: "Restore the file from a copy.")
    }
  }
}
