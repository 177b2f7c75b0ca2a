import Base
import FunctionKit
import Vectors

/// `median` and `quantile`: exact, so all values are kept until the end.
enum Quantiles {
  static let functions: [AggregateFunction] = [
    AggregateFunction(
      "median", takes: Quantity("x", .double), returns: Quantity("median", .double),
      summary: "Gives the middle value, or the mean of the two in the middle.",
      details: "Exact: keeps 12 bytes a row. NaN counts as the greatest number.",
      examples: [
        Example("SELECT median(x) FROM (VALUES (1), (2), (30), (40)) AS t(x)", gives: "16")
      ],
      state: { (_) -> any AggregateState in QuantileState() }),
    AggregateFunction(
      "quantile", aliases: ["percentile_cont"], takes: Quantity("x", .double),
      Quantity("fraction", .double, meaning: "0 to 1; that of the group's first row counts"),
      returns: Quantity("quantile", .double),
      summary:
        "Gives the value below which a fraction of the values lies, by linear interpolation.",
      details: "Exact: keeps 12 bytes a row. NULL for a fraction outside 0…1.",
      source: "Hyndman & Fan 1996, Am. Stat. 50, 361, definition 7",
      examples: [
        Example("SELECT quantile(x, 0.25) FROM (VALUES (1), (2), (3), (4)) AS t(x)", gives: "1.75")
      ],
      state: { (_) -> any AggregateState in QuantileState() }),
  ]
}

/// All values with their groups, in the order they came, and the fraction wanted of each group.
final class QuantileState: AggregateState {
  private var values: [Double] = []
  private var groups: [UInt32] = []
  private let fractions = StateColumn<Double>(-1)

  func resize(groupCount: Int) { fractions.resize(groupCount) }

  func update(_ inputs: [Vector], groups: UnsafePointer<UInt32>, count: Int) throws(SQLError) {
    add(inputs, 0..<count) { groups[$0] }
  }

  func update(_ inputs: [Vector], from start: Int, count: Int, group: Int) throws(SQLError) {
    add(inputs, start..<start + count) { _ in UInt32(truncatingIfNeeded: group) }
  }

  @inline(__always)
  private func add(_ inputs: [Vector], _ rows: Range<Int>, _ group: (Int) -> UInt32) {
    let flat = inputs[0].flattened()
    let column = flat.values(as: Double.self)
    let wanted = inputs.count > 1 ? inputs[1].flattened() : nil
    for row in rows where !flat.isNull(row) {
      let target = group(row)
      if fractions.values[Int(target)] == -1 {
        fractions.values[Int(target)] = fraction(wanted, row)
      }
      values.append(column[row])
      groups.append(target)
    }
  }

  /// NaN stands for a fraction that is none.
  private func fraction(_ wanted: Vector?, _ row: Int) -> Double {
    guard let wanted else { return 0.5 }
    let value = wanted.isNull(row) ? .nan : wanted.values(as: Double.self)[row]
    return value >= 0 && value <= 1 ? value : .nan
  }

  func merge(
    _ other: any AggregateState, mapping: UnsafePointer<UInt32>, groupCount: Int
  ) throws(SQLError) {
    guard let other = other as? QuantileState else { throw StateMismatch.error }
    for group in 0..<groupCount where fractions.values[Int(mapping[group])] == -1 {
      fractions.values[Int(mapping[group])] = other.fractions.values[group]
    }
    values += other.values
    for group in other.groups { groups.append(mapping[Int(group)]) }
  }

  func finish(_ range: Range<Int>, as type: LogicalType) throws(SQLError) -> Vector {
    var buckets = GroupBuckets(groups, range).split(values)
    let mask = ValidityMask(count: range.count, allValid: true)
    let result = Vector(type: type, count: range.count, validity: mask)
    for (row, group) in range.enumerated() {
      let value = Self.quantile(&buckets[row], fractions.values[group])
      result.values(as: Double.self)[row] = value ?? 0
      if value == nil { mask.setNull(row) }
    }
    return result
  }

  private static func quantile(_ values: inout [Double], _ fraction: Double) -> Double? {
    guard !values.isEmpty, fraction >= 0 else { return nil }
    let place = fraction * Double(values.count - 1)
    let low = min(values.count - 1, Int(place))
    let rest = place - Double(low)
    let below = select(&values, low)
    if rest == 0 || low + 1 >= values.count { return below }
    // Everything behind `low` is not less: the next value is the least of them.
    var above = values[low + 1]
    for value in values[(low + 2)...] where Comparisons.isLess(value, above) { above = value }
    if below == above { return below }
    return rest == 0.5 ? below / 2 + above / 2 : below + (above - below) * rest
  }

  /// Puts the value of rank `rank` in its place, smaller ones before it, and gives it: quickselect
  /// with the median of three.
  private static func select(_ values: inout [Double], _ rank: Int) -> Double {
    values.withUnsafeMutableBufferPointer { all in
      var low = 0
      var high = all.count - 1
      while low < high {
        let middle = low + (high - low) / 2
        if Comparisons.isLess(all[middle], all[low]) { all.swapAt(middle, low) }
        if Comparisons.isLess(all[high], all[low]) { all.swapAt(high, low) }
        if Comparisons.isLess(all[high], all[middle]) { all.swapAt(high, middle) }
        let pivot = all[middle]
        var i = low
        var j = high
        while i <= j {
          while Comparisons.isLess(all[i], pivot) { i += 1 }
          while Comparisons.isLess(pivot, all[j]) { j -= 1 }
          if i <= j {
            all.swapAt(i, j)
            i += 1
            j -= 1
          }
        }
        if rank <= j { high = j } else if rank >= i { low = i } else { break }
      }
      return all[rank]
    }
  }

  var sizeBytes: Int { values.capacity * 8 + groups.capacity * 4 + fractions.sizeBytes }

  func serialise(groupCount: Int, into out: inout ByteWriter) {
    fractions.serialise(groupCount, into: &out)
    out.appendLittleEndian(UInt64(values.count))
    values.withUnsafeBytes { out.append($0) }
    groups.withUnsafeBytes { out.append($0) }
  }

  func deserialise(groupCount: Int, from bytes: inout ByteReader) throws(SQLError) {
    try fractions.deserialise(groupCount, from: &bytes)
    let count = Int(clamping: try bytes.readLittleEndian(UInt64.self))
    guard count <= bytes.remaining / 12 else { throw bytes.corrupt("values cut short") }
    let valueBytes = try bytes.read(count * 8)
    let groupBytes = try bytes.read(count * 4)
    values = (0..<count).map {
      valueBytes.base.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self)
    }
    groups = (0..<count).map {
      groupBytes.base.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)
    }
    guard groups.allSatisfy({ Int($0) < groupCount }) else {
      throw bytes.corrupt("group number too large")
    }
  }
}

/// Sorts rows to their groups, keeping their order.
struct GroupBuckets {
  private let groups: [UInt32]
  private let range: Range<Int>

  init(_ groups: [UInt32], _ range: Range<Int>) {
    self.groups = groups
    self.range = range
  }

  /// The values of each group of the range.
  func split<T>(_ values: [T]) -> [[T]] {
    var result = [[T]](repeating: [], count: range.count)
    for (index, group) in groups.enumerated() where range.contains(Int(group)) {
      result[Int(group) - range.lowerBound].append(values[index])
    }
    return result
  }
}
