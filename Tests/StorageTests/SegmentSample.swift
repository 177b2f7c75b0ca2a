import Base
import Storage
import Testing
import Vectors

/// Tables with real segments, and rows for them.
enum SegmentSample {
  /// A column of every type, with the position in the middle.
  static let wide: [(name: String, type: LogicalType)] = [
    ("flag", .boolean), ("tiny", .int8), ("small", .int16), ("id", .int64), ("count", .int32),
    ("ra", .float64), ("dec", .float64), ("mag", .float32), ("name", .text), ("blob", .binary),
    ("day", .date), ("time", .timestamp), ("price", .decimal(precision: 20, scale: 3)),
    ("list", .list(.int32)), ("place", .point), ("cone", .circle), ("area", .polygon),
    ("pair", .structure([StructField("a", .text), StructField("b", .float64)])),
    ("tags", .map(key: .text, value: .int64)),
  ]

  static let narrow: [(name: String, type: LogicalType)] = [
    ("id", .int64), ("ra", .float64), ("dec", .float64), ("mag", .float32),
  ]

  static func table(
    _ columns: [(name: String, type: LogicalType)], _ clustering: Clustering = .none,
    name: String = "stars", id: String = "table-1"
  ) -> StoredTable {
    var stored = columns.enumerated().map {
      StoredColumn(id: $0 + 1, name: $1.name, type: $1.type.description, unit: "u\($0)")
    }
    if case .sky = clustering {
      let cell = StoredColumn(id: 100, name: "_healpix_29", type: "bigint", isHidden: true)
      stored.insert(cell, at: 2)
    }
    return StoredTable(id: id, schema: "sky", name: name, columns: stored, clustering: clustering)
  }

  static let sky = Clustering.sky(lon: "ra", lat: "dec")

  /// `count` rows; every fifth value or so is NULL, and some positions are invalid.
  static func rows(
    _ columns: [(name: String, type: LogicalType)], _ count: Int, seed: UInt64,
    batchRows: Int = 1024
  ) -> [Batch] {
    let random = SeededRandom(seed: seed)
    return stride(from: 0, to: count, by: batchRows).map { start in
      let here = min(batchRows, count - start)
      let vectors = columns.map { column in
        Vector.of(
          (0..<here).map { _ in value(column.name, column.type, random) }, type: column.type)
      }
      return Batch(columns: vectors, rowCount: here)
    }
  }

  static func value(_ name: String, _ type: LogicalType, _ random: SeededRandom) -> Value {
    if random.next() % 5 == 0 { return .null }
    let number = Int64(bitPattern: random.next())
    let fraction = Double(random.next() >> 11) * 0x1p-53
    if name == "ra" { return .float64(fraction * 360) }
    if name == "dec" { return .float64(random.next() % 30 == 0 ? .nan : fraction * 180 - 90) }
    switch type {
    case .boolean: return .boolean(number & 1 == 0)
    case .int8: return .integer(Int64(Int8(truncatingIfNeeded: number)))
    case .int16: return .integer(Int64(Int16(truncatingIfNeeded: number)))
    case .int32: return .integer(Int64(Int32(truncatingIfNeeded: number)))
    case .int64: return .integer(number)
    case .float32: return .float32(number % 40 == 0 ? .nan : Float(fraction * 30 - 10))
    case .float64: return .float64(fraction)
    case .text: return .text(String(repeating: "ä\(number & 0xFFF)", count: Int(number & 3)))
    case .binary: return .binary((0..<number & 31).map { UInt8(truncatingIfNeeded: $0 ^ number) })
    case .date: return .date(Int32(truncatingIfNeeded: number % 40_000))
    case .timestamp: return .timestamp(number % 4_000_000_000_000_000_000)
    case .decimal(_, let scale): return .decimal(Int128(number), scale: scale)
    case .list(let element):
      return .list((0..<number & 3).map { _ in value("", element, random) })
    case .structure(let fields):
      return .structure(fields.map { value("", $0.type, random) })
    case .map(_, let item):
      return .list(
        (0..<number & 3).map { .structure([.text("k\($0)"), value("", item, random)]) })
    case .point: return .structure([.float64(fraction), .float64(-fraction)])
    case .circle: return .structure([.float64(fraction), .float64(1), .float64(2)])
    case .polygon:
      return .list((0..<3).map { .structure([.float64(Double($0)), .float64(fraction)]) })
    case .null: return .null
    }
  }

  static func open(_ disk: any Disk, _ path: String = "sky.zij") throws -> DatabaseDirectory {
    try Sample.open(disk, path: path)
  }

  /// Loads and commits; the table is created if it is not there.
  @discardableResult
  static func load(
    _ batches: [Batch], into table: StoredTable, _ directory: DatabaseDirectory,
    options: SegmentOptions = .init()
  ) throws -> [StoredSegment] {
    if directory.state.table(schema: table.schema, name: table.name) == nil {
      try directory.commit([.createTable(table)])
    }
    let loader = try TableLoader(directory, table: table, options: options)
    for batch in batches { try loader.append(batch) }
    let segments = try loader.finish()
    try directory.commit(segments.map { .addSegment(tableID: table.id, $0) })
    return segments
  }

  /// All rows of a segment as texts, so that NaN equals NaN; `columns` by position.
  static func texts(_ segment: Segment, _ columns: [Int]) throws -> [String] {
    var result: [String] = []
    for group in 0..<segment.groupCount {
      let vectors = try segment.read(group: group, columns: columns)
      for vector in vectors { #expect(vector.count == segment.rowCount(ofGroup: group)) }
      for row in 0..<segment.rowCount(ofGroup: group) {
        result.append("\(vectors.map { $0.value(at: row) })")
      }
    }
    return result
  }

  static func texts(_ batches: [Batch]) -> [String] {
    batches.flatMap { batch in
      (0..<batch.rowCount).map { row in "\(batch.columns.map { $0.value(at: row) })" }
    }
  }

  /// Removes a directory of the machine with all that is in it.
  static func removeTree(_ disk: any Disk, _ path: String) {
    for name in (try? disk.list(path)) ?? [] {
      let inner = path + "/" + name
      if disk.kind(of: inner) == .directory {
        removeTree(disk, inner)
      } else {
        try? disk.remove(inner)
      }
    }
    try? disk.removeDirectory(path)
  }
}
