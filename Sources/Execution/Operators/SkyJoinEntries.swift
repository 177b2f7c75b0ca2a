import Base
import Plans
import Sky
import Vectors

/// Where a held row is.
struct SkyJoinRow: BitwiseCopyable {
  var reference: RowReference
  var lonDeg: Double
  var latDeg: Double
  var x: Double
  var y: Double
  var z: Double
}

/// A held row under a tile.
struct SkyJoinEntry: BitwiseCopyable {
  var tile: Int64
  var row: SkyJoinRow
}

/// Held rows that have a place, in order, as one morsel gives them.
struct SkyJoinRows {
  static let bytesPerRow = MemoryLayout<SkyJoinRow>.stride + MemoryLayout<Int64>.stride

  private(set) var rows: [SkyJoinRow] = []
  /// Order-29 cells.
  private(set) var cells: [Int64] = []

  /// Takes the rows of batch number `batch` of a store.
  mutating func append(_ places: SkyPlaces, batch: Int) {
    let end = rows.count + places.count
    if rows.capacity < end {
      rows.reserveCapacity(max(end, 2 * rows.capacity))
      cells.reserveCapacity(max(end, 2 * rows.capacity))
    }
    for row in 0..<places.count where places.cells[row] >= 0 {
      let (lonDeg, latDeg) = (places.lonDeg[row], places.latDeg[row])
      let vector = UnitVector(lonDeg: lonDeg, latDeg: latDeg)
      cells.append(places.cells[row])
      rows.append(
        SkyJoinRow(
          reference: RowStore.reference(batch: batch, row: row), lonDeg: lonDeg, latDeg: latDeg,
          x: vector.x, y: vector.y, z: vector.z))
    }
  }

  /// As many batches of others came before.
  mutating func moveBatches(by count: Int) {
    let offset = RowStore.reference(batch: count, row: 0)
    for row in rows.indices { rows[row].reference &+= offset }
  }
}

/// All entries of a table, by tile, those of a tile in the order of the rows.
final class SkyJoinEntries: @unchecked Sendable {
  let base: UnsafeMutablePointer<SkyJoinEntry>
  let count: Int
  let tiling: SkyJoinTiling

  deinit { base.deallocate() }

  /// Memory: `bytesPerEntry` an entry on the reservation; while it works, the cells, their sorted copy
  /// if they are in no order, and the keys twice.
  static let bytesPerEntry = MemoryLayout<SkyJoinEntry>.stride

  init(
    _ parts: [SkyJoinRows], radiusDeg: Double, reservation: MemoryReservation,
    query: QueryContext
  ) throws(SQLError) {
    var cells: [Int64] = []
    cells.reserveCapacity(parts.reduce(0) { $0 + $1.cells.count })
    for part in parts {
      cells += part.cells
      try query.checkpoint()
    }
    let working = MemoryReservation(query.memory)
    try working.grow(by: cells.count * 8)
    var tiling = SkyJoinTiling(radiusDeg: radiusDeg)
    let isSorted = Self.isSorted(cells, tiling.shift)
    if isSorted {
      try tiling.widen(for: cells) { () throws(SQLError) in try query.checkpoint() }
    } else {
      try working.grow(by: cells.count * 40)
      let sorted = try Self.sorted(cells, tiling.shift, query)
      try tiling.widen(for: sorted) { () throws(SQLError) in try query.checkpoint() }
    }
    // In the order of the table all rows stand where they stand: only neighbours' keys are sorted.
    var keys: [SkyJoinKey] = []
    var keyCapacity = 0
    for row in cells.indices {
      if !isSorted { keys.append(SkyJoinKey(tile: cells[row] &>> tiling.shift, row: row)) }
      tiling.enterNeighbours(of: cells[row], row: row, into: &keys)
      if keys.capacity > keyCapacity {
        try working.grow(by: (keys.capacity - keyCapacity) * MemoryLayout<SkyJoinKey>.stride)
        keyCapacity = keys.capacity
      }
      if row & 0xFFFF == 0 { try query.checkpoint() }
    }
    try working.grow(by: keys.count * MemoryLayout<SkyJoinKey>.stride)
    try SkyJoinKey.sort(&keys) { () throws(SQLError) in try query.checkpoint() }
    count = isSorted ? cells.count + keys.count : keys.count
    guard count <= Int(UInt32.max) else {
      throw SQLError(
        .programLimitExceeded, "a join by distance cannot hold \(cells.count) rows",
        hint: "Restrict the smaller side with a condition.")
    }
    try reservation.grow(by: count * Self.bytesPerEntry)
    base = .allocate(capacity: max(1, count))
    self.tiling = tiling
    try fill(isSorted ? parts : [], keys, SkyJoinRowReader(parts), query)
  }

  private static func isSorted(_ cells: [Int64], _ shift: Int64) -> Bool {
    var last: Int64 = 0
    for cell in cells {
      if cell &>> shift < last { return false }
      last = cell &>> shift
    }
    return true
  }

  private static func sorted(
    _ cells: [Int64], _ shift: Int64, _ query: QueryContext
  ) throws(SQLError) -> [Int64] {
    var keys = cells.indices.map { SkyJoinKey(tile: cells[$0] &>> shift, row: $0) }
    try SkyJoinKey.sort(&keys) { () throws(SQLError) in try query.checkpoint() }
    return keys.map { cells[$0.row] }
  }

  /// Merges the rows of `parts`, as they stand, with the rows of `keys`.
  private func fill(
    _ parts: [SkyJoinRows], _ keys: [SkyJoinKey], _ reader: SkyJoinRowReader, _ query: QueryContext
  ) throws(SQLError) {
    var reader = reader
    var next = 0
    var key = 0
    var number = 0
    for part in parts {
      for index in part.rows.indices {
        if index & 0x3FFF == 0 { try query.checkpoint() }
        let tile = part.cells[index] &>> tiling.shift
        while key < keys.count, (keys[key].tile, keys[key].row) < (tile, number) {
          base[next] = SkyJoinEntry(tile: keys[key].tile, row: reader.row(keys[key].row))
          next &+= 1
          key &+= 1
        }
        base[next] = SkyJoinEntry(tile: tile, row: part.rows[index])
        next &+= 1
        number &+= 1
      }
    }
    for key in keys[key...] {
      if next & 0x3FFF == 0 { try query.checkpoint() }
      base[next] = SkyJoinEntry(tile: key.tile, row: reader.row(key.row))
      next &+= 1
    }
  }
}

/// Finds rows by their number in all parts together; quickest from front to back.
private struct SkyJoinRowReader {
  private let parts: [SkyJoinRows]
  /// The first row of each part, and the number of all rows.
  private let starts: [Int]
  private var part = 0

  init(_ parts: [SkyJoinRows]) {
    self.parts = parts.filter { !$0.rows.isEmpty }
    var starts = [0]
    for part in self.parts { starts.append(starts[starts.count - 1] + part.rows.count) }
    self.starts = starts
  }

  mutating func row(_ number: Int) -> SkyJoinRow {
    if number < starts[part] || number >= starts[part &+ 1] { find(number) }
    return parts[part].rows[number &- starts[part]]
  }

  private mutating func find(_ number: Int) {
    var low = 0
    var high = parts.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= number { low = middle } else { high = middle - 1 }
    }
    part = low
  }
}
