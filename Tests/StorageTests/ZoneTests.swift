import Base
import Sky
import Testing
import Vectors

@testable import Storage

@Suite("zones of segments")
struct ZoneTests {
  private func segment(
    _ columns: [(name: String, type: LogicalType)], rows: Int = 5000
  ) throws -> Segment {
    let directory = try SegmentSample.open(SimDisk(seed: 1))
    let table = SegmentSample.table(columns, SegmentSample.sky)
    let batches = SegmentSample.rows(columns, rows, seed: 21, batchRows: 700)
    let stored = try #require(
      try SegmentSample.load(
        batches, into: table, directory, options: SegmentOptions(groupRows: 1024)
      ).first)
    return try Segment(stored, of: table, in: directory, cache: ChunkCache())
  }

  @Test("bounds and counts are those of the rows")
  func columns() throws {
    let segment = try segment(SegmentSample.wide)
    #expect(segment.sidecar != nil && segment.groupCount == 5)
    for group in 0..<segment.groupCount {
      for (column, type) in segment.types.enumerated() {
        let vector = try segment.read(group: group, columns: [column])[0]
        let values = (0..<vector.count).map { vector.value(at: $0) }
        let zone = segment.columnZone(ofGroup: group, column: column)
        #expect(zone.nullCount == values.count { $0.isNull })
        let numbers = values.compactMap { Self.number($0) }
        #expect(zone.nanCount == numbers.count { $0.isNaN })
        let real = numbers.filter { !$0.isNaN }
        switch zone.bounds {
        case .integers(let low, let high):
          let integers = values.compactMap { Self.integer($0) }
          #expect(integers.min() == low && integers.max() == high)
        case .floats(let low, let high):
          #expect(real.min() == low && real.max() == high)
        case .none: #expect(real.isEmpty && values.allSatisfy { Self.integer($0) == nil })
        case .unknown: #expect(ColumnZones.Kind(type) == .none)
        }
      }
    }
  }

  @Test("places on the sky hold every row and little else")
  func sky() throws {
    let segment = try segment(SegmentSample.narrow)
    for group in 0..<segment.groupCount {
      let zone = segment.zone(ofGroup: group)
      let vectors = try segment.read(group: group, columns: [2, 1, 3])
      let cells = (0..<vectors[0].count).compactMap { Self.integer(vectors[0].value(at: $0)) }
      if cells.isEmpty {
        #expect(zone.cells?.isEmpty == true && !zone.mayOverlap([.everything]))
      } else {
        #expect(zone.cells?.lower == cells.min() && zone.cells?.upper == (cells.max() ?? 0) + 1)
      }
      let outsideCount = (0..<vectors[0].count).count {
        vectors[0].isNull($0) && !vectors[1].isNull($0) && !vectors[2].isNull($0)
      }
      #expect(zone.outsideCount == outsideCount)
      for row in 0..<vectors[0].count where !vectors[0].isNull(row) {
        let lonDeg = try #require(Self.number(vectors[1].value(at: row)))
        let latDeg = try #require(Self.number(vectors[2].value(at: row)))
        #expect(zone.cap?.mayIntersect(lonDeg, latDeg, radiusDeg: 0) == true)
      }
      for cell in cells { #expect(zone.mayOverlap([HEALPixRange(lower: cell, upper: cell + 1)])) }
    }
  }

  @Test("an overlap is missed never, and claimed wrongly only within one part of the occupancy")
  func overlap() throws {
    let random = SeededRandom(seed: 9)
    var refused = 0
    for round in 0..<400 {
      // Cells of a few clumps, at all scales.
      let width = Int64(1) << Int64(round % 60)
      let start = Int64(random.next() >> 2) % HEALPixRange.everything.upper
      let cells = (0..<5).map { _ in
        min(HEALPixRange.everything.upper - 1, start + Int64(random.next() >> 1) % width)
      }
      let range = HEALPixRange(lower: cells.min() ?? 0, upper: (cells.max() ?? 0) + 1)
      let parts = try #require(Occupancy(enclosing: range))
      let zone = GroupZone(
        cells: range, occupancy: cells.reduce(0) { $0 | parts.bit(of: $1) })
      for _ in 0..<50 {
        let lower = start + Int64(random.next() >> 1) % width
        let asked = HEALPixRange(
          lower: lower, upper: lower + 1 + Int64(random.next() >> 1) % max(1, width / 16))
        let isHit = cells.contains { asked.contains($0) }
        let claimed = zone.mayOverlap([HEALPixRange(lower: -5, upper: -3), asked])
        #expect(claimed || !isHit)
        // What is claimed shares a part with some cell.
        let near = cells.contains { cell in
          let size = Int64(1) << parts.shift
          let first = cell - (cell - parts.base) % size
          return asked.overlaps(HEALPixRange(lower: first, upper: first + size))
        }
        #expect(!claimed || near)
        if !claimed { refused += 1 }
      }
    }
    #expect(refused > 1000)
    #expect(GroupZone().mayOverlap([.everything]) && !GroupZone().mayOverlap([]))
  }

  private static func number(_ value: Value) -> Double? {
    switch value {
    case .float32(let number): Double(number)
    case .float64(let number): number
    default: nil
    }
  }

  private static func integer(_ value: Value) -> Int64? {
    switch value {
    case .integer(let number), .timestamp(let number): number
    case .date(let number): Int64(number)
    default: nil
    }
  }
}
