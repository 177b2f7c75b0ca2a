import Base
import Glibc
import Vectors

/// Arrays of variable length, which lie in the heap behind the rows.
struct FITSArrays {
  private struct Descriptor {
    var count: Int
    var offset: Int
    var sizeBytes: Int
  }

  private let table: FITSTable
  private let handle: FITSHandle
  private let reservation: MemoryReservation
  /// One read may take this much, when arrays lie close to each other.
  private static let windowLimitBytes = 8 << 20

  init(_ table: FITSTable, _ handle: FITSHandle, _ reservation: MemoryReservation) {
    self.table = table
    self.handle = handle
    self.reservation = reservation
  }

  /// How many of the rows a batch can hold with their arrays; checks all their descriptors.
  func fittingCount(_ rows: FITSRows, _ columns: [FITSColumn]) throws(SQLError) -> Int {
    let variable = columns.filter(\.isVariable)
    if variable.isEmpty { return rows.count }
    var total = 0
    for row in 0..<rows.count {
      var size = 0
      for column in variable {
        let descriptor = try self.descriptor(rows, row, column)
        size += descriptor.count * 8 + descriptor.sizeBytes
      }
      guard size <= FITSPart.rowLimitBytes * 2 else {
        throw table.place.error(
          .programLimitExceeded, "row \(rows.firstRow + row + 1): arrays of \(size) bytes are "
            + "longer than the limit of \(FITSPart.rowLimitBytes >> 20) MiB",
          hint: "Ask for fewer columns.")
      }
      total += size
      if row > 0, total > 2 * 4 << 20 { return row }
    }
    return rows.count
  }

  /// Count and place of a row's array, checked to lie in the heap.
  private func descriptor(
    _ rows: FITSRows, _ row: Int, _ column: FITSColumn
  ) throws(SQLError) -> Descriptor {
    guard column.widthBytes > 0 else { return Descriptor(count: 0, offset: 0, sizeBytes: 0) }
    let start = rows.base + (row * rows.stride + column.offset - rows.spanStart)
    let (count, offset): (Int, Int)
    if column.form.descriptor == .wide {
      count = Int(Int64(bigEndian: start.loadUnaligned(as: Int64.self)))
      offset = Int(Int64(bigEndian: start.loadUnaligned(fromByteOffset: 8, as: Int64.self)))
    } else {
      // Heaps beyond 2 GiB are written with unsigned offsets.
      count = Int(UInt32(bigEndian: start.loadUnaligned(as: UInt32.self)))
      offset = Int(UInt32(bigEndian: start.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
    }
    if count == 0 { return Descriptor(count: 0, offset: 0, sizeBytes: 0) }
    let room = table.heapEnd - table.heapStart
    guard count > 0, offset >= 0, offset <= room, let size = column.form.sizeBytes(of: count),
      size <= room - offset
    else {
      throw table.place.damaged(
        "row \(rows.firstRow + row + 1), column \"\(column.result.name)\": an array of \(count) "
          + "values at byte \(offset) is not in the heap of \(room) bytes")
    }
    return Descriptor(count: count, offset: offset, sizeBytes: size)
  }

  func vector(_ rows: FITSRows, _ decoder: FITSDecoder) throws(SQLError) -> Vector {
    var descriptors: [Descriptor] = []
    descriptors.reserveCapacity(rows.count)
    for row in 0..<rows.count {
      descriptors.append(try descriptor(rows, row, decoder.column))
    }
    let total = descriptors.reduce(0) { $0 + $1.sizeBytes }
    try reservation.grow(by: total)
    defer { reservation.shrink(by: total) }
    let staging = Buffer(sizeBytes: total)
    try gather(descriptors, total, into: staging.base)
    return decoder.column.form.element == .text
      ? try texts(descriptors, staging, rows, decoder)
      : try lists(descriptors, staging, rows, decoder)
  }

  /// Copies the arrays one behind the other: by one read if they lie close together.
  private func gather(
    _ descriptors: [Descriptor], _ total: Int, into target: UnsafeMutableRawPointer
  ) throws(SQLError) {
    let used = descriptors.filter { $0.sizeBytes > 0 }
    let low = used.map(\.offset).min() ?? 0
    let size = (used.map { $0.offset + $0.sizeBytes }.max() ?? 0) - low
    var position = 0
    if used.count > 1, size <= min(Self.windowLimitBytes, total * 8) {
      try reservation.grow(by: size)
      defer { reservation.shrink(by: size) }
      let window = Buffer(sizeBytes: size)
      try handle.read(size, at: table.heapStart + low, into: window.base)
      for array in used {
        memcpy(target + position, window.base + (array.offset - low), array.sizeBytes)
        position += array.sizeBytes
      }
      return
    }
    for array in used {
      try handle.read(array.sizeBytes, at: table.heapStart + array.offset, into: target + position)
      position += array.sizeBytes
    }
  }

  private func texts(
    _ descriptors: [Descriptor], _ staging: Buffer, _ rows: FITSRows, _ decoder: FITSDecoder
  ) throws(SQLError) -> Vector {
    var starts: [Int] = []
    var position = 0
    for array in descriptors {
      starts.append(position)
      position += array.sizeBytes
    }
    return try decoder.texts(
      count: rows.count, isNull: { $0 > 0 && $1 == 0 }, firstRow: rows.firstRow
    ) { row in
      UnsafeRawBufferPointer(start: staging.base + starts[row], count: descriptors[row].sizeBytes)
    } row: { $0 }
  }

  private func lists(
    _ descriptors: [Descriptor], _ staging: Buffer, _ rows: FITSRows, _ decoder: FITSDecoder
  ) throws(SQLError) -> Vector {
    let count = descriptors.reduce(0) { $0 + $1.count }
    let child: Vector
    if decoder.column.form.element == .bit {
      child = unpackedBits(descriptors, staging, count)
    } else {
      child = try decoder.values(
        FITSRuns(base: UnsafeRawPointer(staging.base), stride: 0, rows: 1, perRow: count),
        firstRow: rows.firstRow)
    }
    let result = Vector(type: .list(child.type), count: rows.count, children: [child])
    let views = result.values(as: View.self)
    var position = 0
    for row in 0..<rows.count {
      views[row] = View(
        offset: UInt32(truncatingIfNeeded: position),
        length: UInt32(truncatingIfNeeded: descriptors[row].count))
      position += descriptors[row].count
    }
    return result
  }

  /// Every array of bits begins with a new byte.
  private func unpackedBits(
    _ descriptors: [Descriptor], _ staging: Buffer, _ count: Int
  ) -> Vector {
    let result = Vector(type: .boolean, count: count)
    let values = result.values(as: UInt8.self)
    var (position, start) = (0, 0)
    for array in descriptors {
      for index in 0..<array.count {
        let byte = staging.base.load(fromByteOffset: start + index >> 3, as: UInt8.self)
        values[position] = byte >> UInt8(7 - index & 7) & 1
        position += 1
      }
      start += array.sizeBytes
    }
    return result
  }
}
