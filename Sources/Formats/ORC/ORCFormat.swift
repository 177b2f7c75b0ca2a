import Base
import Engine
import FunctionKit
import ORC
import Synchronization
import Vectors

/// Apache ORC files. Names, types, units, UCDs and descriptions come from the file; the only option
/// is `columns`, in reading.
public struct ORCFormat: FileReader {
  public let names = ["orc"]
  public let endings = ["orc"]

  public init() {}

  public func open(
    _ path: String, on disk: any Disk, expected: [ResultColumn]?, options: FileOptions,
    context: QueryContext
  ) throws(SQLError) -> any FileScan {
    let names = try Self.columns(options)
    let options = ORCReaderOptions { Self.timeZone($0, on: disk) }
    let scan = ORCScan(try ORCReader(file: try disk.open(path), options: options), path: path)
    return try names.map { (names) throws(SQLError) in try ChosenScan(scan, names, of: path) } ?? scan
  }

  public func check(_ options: FileOptions) throws(SQLError) { _ = try Self.columns(options) }

  /// The rules of a writer's time zone, from the system's files.
  private static func timeZone(_ name: String, on disk: any Disk) -> TimeZoneRules? {
    // The name is the file's, and becomes a path: nothing in it may lead elsewhere.
    let isName = name.utf8.first.map { $0 | 0x20 >= UInt8(ascii: "a") } ?? false
      && name.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || [UInt8(ascii: "_"), UInt8(ascii: "/"), UInt8(ascii: "+"), UInt8(ascii: "-")].contains($0)
      }
    guard isName, name.utf8.count <= 64, let file = try? disk.open("/usr/share/zoneinfo/" + name),
      file.sizeBytes <= 1 << 20
    else { return nil }
    return (try? file.read(at: 0, count: file.sizeBytes)).flatMap { TimeZoneRules(tzif: $0) }
  }

  /// The names in the option `columns`, the only one.
  private static func columns(_ options: FileOptions) throws(SQLError) -> [String]? {
    var names: [String]?
    for (name, value) in options.values.sorted(by: { $0.key < $1.key }) where name != "format" {
      guard name == "columns" else {
        throw FileOptions.unknown(name, of: "ORC", known: ["columns"])
      }
      names = try FileOptions.names(value, option: name)
    }
    return names
  }
}

/// An open ORC file. Its parts are row groups, so that several workers share even one stripe.
final class ORCScan: FileScan {
  /// Row groups that follow one another in a stripe.
  struct Part {
    var stripe: Int
    var groups: Range<Int>
    var rowCount: Int
  }

  /// Smaller row groups are read together until they have about so many rows.
  static let rowsPerPart = 32 << 10

  let columns: [ResultColumn]
  let path: String
  let reader: ORCReader
  private let parts: [Part]
  private let rowsRead = Atomic<Int>(0)

  init(_ reader: ORCReader, path: String) {
    self.reader = reader
    self.path = path
    columns = reader.columns.map {
      ResultColumn(
        $0.name, $0.type, unit: $0.attributes["unit"], ucd: $0.attributes["ucd"],
        utype: $0.attributes["utype"], description: $0.attributes["description"])
    }
    parts = Self.parts(of: reader)
  }

  private static func parts(of reader: ORCReader) -> [Part] {
    var parts: [Part] = []
    for stripe in reader.stripes.indices {
      let groups = reader.rowGroups(ofStripe: stripe)
      // Without an index a group is reached through all groups before it: one reader a stripe.
      let limit = reader.rowIndexStride > 0 ? rowsPerPart : Int.max
      var first = 0
      var rows = 0
      for (index, group) in groups.enumerated() {
        rows += group.count
        guard rows >= limit || index == groups.count - 1 else { continue }
        parts.append(Part(stripe: stripe, groups: first..<(index + 1), rowCount: rows))
        first = index + 1
        rows = 0
      }
    }
    return parts
  }

  var rowCount: Int? { reader.rowCount }
  var partCount: Int { parts.count }

  var fractionRead: Double? {
    rowCount.map { $0 > 0 ? Double(rowsRead.load(ordering: .relaxed)) / Double($0) : 1 }
  }

  func open(
    part: Int, columns: [Int], context: QueryContext
  ) throws(SQLError) -> any BatchGenerator {
    ORCRows(self, parts[part], columns: columns, uses: [], context: context)
  }

  func open(
    part: Int, columns: [Int], uses: [FieldUse], context: QueryContext
  ) throws(SQLError) -> any BatchGenerator {
    ORCRows(self, parts[part], columns: columns, uses: uses, context: context)
  }

  func show(rowsRead count: Int) { rowsRead.wrappingAdd(count, ordering: .relaxed) }
}

/// The rows of some row groups. Memory: one decoded row group.
final class ORCRows: BatchGenerator {
  private let scan: ORCScan
  private let part: ORCScan.Part
  private let wanted: [Int]
  private let uses: [FieldUse]
  private let context: QueryContext
  private let reservation: MemoryReservation
  private var groups: ORCReader.Groups?
  private var nextGroup: Int
  private var vectors: [Vector] = []
  private var groupRows = 0
  private var offset = 0
  private var reservedBytes = 0

  init(
    _ scan: ORCScan, _ part: ORCScan.Part, columns: [Int], uses: [FieldUse], context: QueryContext
  ) {
    self.uses = uses
    self.scan = scan
    self.part = part
    wanted = columns
    self.context = context
    reservation = MemoryReservation(context.memory)
    nextGroup = part.groups.lowerBound
  }

  func next() throws(SQLError) -> Batch? {
    if offset == groupRows {
      guard nextGroup < part.groups.upperBound else {
        (groups, vectors) = (nil, [])
        return nil
      }
      try context.checkpoint()
      try decode(nextGroup)
      nextGroup += 1
    }
    let count = min(Batch.capacity, groupRows - offset)
    defer { offset += count }
    scan.show(rowsRead: count)
    let columns = vectors.map { $0.slice(from: offset, count: count) }
    return Batch(columns: columns, rowCount: count)
  }

  private func decode(_ group: Int) throws(SQLError) {
    vectors = []
    offset = 0
    groupRows = scan.reader.rowGroups(ofStripe: part.stripe)[group].count
    do throws(SQLError) {
      if groups == nil {
        groups = try ORCReader.Groups(
          scan.reader, stripe: part.stripe, groups: part.groups, columns: wanted,
          uses: uses)
      }
      vectors = try groups?.next() ?? []
    } catch {
      var named = error
      named.message += ", in row group \(group) of stripe \(part.stripe)"
      if !named.message.contains(scan.path) { named.message += ": \"\(scan.path)\"" }
      throw named
    }
    let bytes = vectors.reduce(0) { $0 + $1.sizeBytes }
    if bytes > reservedBytes {
      try reservation.grow(by: bytes - reservedBytes)
      reservedBytes = bytes
    }
  }
}
