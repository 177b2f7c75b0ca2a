import Base

/// Where a column's row groups begin in its streams, and what is known of their values.
struct RowIndex {
  /// The numbers of entry `i` are `positions[starts[i] ..< starts[i + 1]]`.
  private(set) var positions: [UInt64] = []
  private(set) var starts: [Int] = [0]
  /// One encoded `ColumnStatistics` an entry; nil if the writer left it out.
  private(set) var statistics: [ByteRegion?] = []

  var count: Int { statistics.count }

  init(_ region: ByteRegion) throws(SQLError) {
    var reader = ProtobufReader(region)
    while let field = try reader.next() {
      if field.number == 1 { try appendEntry(try field.region()) }
    }
  }

  private mutating func appendEntry(_ region: ByteRegion) throws(SQLError) {
    var reader = ProtobufReader(region)
    var entryStatistics: ByteRegion?
    while let field = try reader.next() {
      switch field.number {
      case 1: try field.appendNumbers(to: &positions)
      case 2: entryStatistics = try field.region()
      default: break
      }
    }
    starts.append(positions.count)
    statistics.append(entryStatistics)
  }

  func entry(_ index: Int) -> ArraySlice<UInt64> { positions[starts[index]..<starts[index + 1]] }

  static func encodedEntry(positions: [UInt64], statistics: [UInt8]) -> ProtobufWriter {
    var writer = ProtobufWriter()
    if !positions.isEmpty { writer.append(1, packed: positions) }
    writer.append(2, bytes: statistics)
    return writer
  }
}
