import Base
import FunctionKit
import Vectors

/// Values and the groups they belong to, in the order they came.
final class QuantileRows {
  private(set) var values: UnsafeMutablePointer<Double>
  private(set) var groups: UnsafeMutablePointer<UInt32>
  private(set) var count = 0
  private var capacity = 64

  init() {
    values = GrowingMemory.allocate(capacity)
    groups = GrowingMemory.allocate(capacity)
  }

  deinit {
    GrowingMemory.free(values, capacity)
    GrowingMemory.free(groups, capacity)
  }

  /// With the place of each value in its group's bucket.
  var sizeBytes: Int { capacity * 20 }

  /// Adds the rows of a flat vector that are not NULL, telling `note` of each.
  @inline(__always)
  func append(
    _ flat: Vector, _ rows: Range<Int>, _ group: (Int) -> UInt32, _ note: (UInt32, Int) -> Void
  ) {
    reserve(rows.count)
    let column = flat.values(as: Double.self)
    let (values, groups) = (values, groups)
    var next = count
    for row in rows {
      if let validity = flat.validity, !validity.isValid(row) { continue }
      let target = group(row)
      note(target, row)
      values[next] = column[row]
      groups[next] = target
      next &+= 1
    }
    count = next
  }

  /// Takes over rows from bytes; false if a group is not below `groupCount`.
  func replace(
    by valueBytes: UnsafeRawPointer, _ groupBytes: UnsafeRawPointer, _ newCount: Int,
    groupCount: Int
  ) -> Bool {
    count = 0
    reserve(newCount)
    for row in 0..<newCount {
      values[row] = valueBytes.loadUnaligned(fromByteOffset: row * 8, as: Double.self)
      groups[row] = groupBytes.loadUnaligned(fromByteOffset: row * 4, as: UInt32.self)
      if Int(groups[row]) >= groupCount { return false }
    }
    count = newCount
    return true
  }

  private func reserve(_ more: Int) {
    guard count + more > capacity else { return }
    let newCapacity = max(capacity * 2, count + more)
    values = GrowingMemory.grow(values, from: capacity, to: newCapacity)
    groups = GrowingMemory.grow(groups, from: capacity, to: newCapacity)
    capacity = newCapacity
  }
}

/// Values sorted to their groups: first all are counted, then each is put in its place.
final class GroupBuckets: @unchecked Sendable {
  private let values: UnsafeMutablePointer<Double>
  /// By group: how many values there are, later where they begin; one more than groups.
  private let starts: UnsafeMutablePointer<Int>
  private let next: UnsafeMutablePointer<Int>
  private let groupCount: Int

  init(groupCount: Int, valueCount: Int) {
    self.groupCount = groupCount
    values = .allocate(capacity: max(1, valueCount))
    starts = .allocate(capacity: groupCount + 1)
    starts.initialize(repeating: 0, count: groupCount + 1)
    next = .allocate(capacity: groupCount + 1)
  }

  deinit {
    values.deallocate()
    starts.deallocate()
    next.deallocate()
  }

  func count(_ rows: QuantileRows, _ mapping: [UInt32]?) {
    Self.forEach(rows, mapping) { (group, _) in starts[group &+ 1] &+= 1 }
  }

  func place() {
    for group in 0..<groupCount { starts[group + 1] += starts[group] }
    next.update(from: starts, count: groupCount + 1)
  }

  func add(_ rows: QuantileRows, _ mapping: [UInt32]?) {
    let source = rows.values
    Self.forEach(rows, mapping) { (group, row) in
      values[next[group]] = source[row]
      next[group] &+= 1
    }
  }

  @inline(__always)
  private static func forEach(
    _ rows: QuantileRows, _ mapping: [UInt32]?, _ body: (_ group: Int, _ row: Int) -> Void
  ) {
    let groups = rows.groups
    guard let mapping else {
      for row in 0..<rows.count { body(Int(groups[row]), row) }
      return
    }
    mapping.withUnsafeBufferPointer { mapping in
      guard let mapped = mapping.baseAddress else { return }
      for row in 0..<rows.count { body(Int(mapped[Int(groups[row])]), row) }
    }
  }

  /// Nil without values, or for no fraction. Different groups may be asked for at once.
  func quantile(
    ofGroup group: Int, _ fraction: Double, checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) -> Double? {
    let count = starts[group + 1] - starts[group]
    guard count > 0, fraction >= 0 else { return nil }
    let place = fraction * Double(count - 1)
    let low = min(count - 1, Int(place))
    let rest = place - Double(low)
    let (below, next) = try Selection.select(
      values + starts[group], count, low, checkpoint: checkpoint)
    guard rest > 0, let above = next, below != above else { return below }
    return rest == 0.5 ? below / 2 + above / 2 : below + (above - below) * rest
  }
}
