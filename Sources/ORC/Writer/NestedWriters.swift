import Base
import Vectors

/// LIST and MAP: lengths, and the elements, or keys and values, of all rows.
final class ListColumnWriter: ColumnWriter {
  private let lengths = IntegerOutput(.length, isSigned: false)

  override var streams: [OutputStream] { [lengths] }
  override var encoding: ColumnEncoding { ColumnEncoding(.directV2) }

  override func store(_ vector: Vector, validCount: Int) {
    guard validCount > 0 else { return }
    let views = vector.values(as: View.self)
    var low = Int.max
    var high = 0
    var total = 0
    var start = -1
    var areContiguous = true
    ValidRows.forEach(vector) { row in
      let view = views[row]
      lengths.append(Int64(view.length))
      low = min(low, view.count)
      high = max(high, view.count)
      guard view.count > 0 else { return }
      if start < 0 { start = view.start }
      if view.start != start + total { areContiguous = false }
      total += view.count
    }
    group.elements = ColumnSummary.union(group.elements, (low, high))
    group.totalElements += total
    guard total > 0 else { return }
    let child = vector.children[0].flattened()
    let elements =
      areContiguous
      ? child.slice(from: start, count: total) : gathered(child, vector, views, total)
    if case .map = type {
      // A map's entries are a structure in memory and two columns in the file.
      for (writer, entries) in zip(children, elements.children) { writer.append(entries) }
    } else {
      children[0].append(elements)
    }
  }

  private func gathered(
    _ child: Vector, _ vector: Vector, _ views: UnsafePointer<View>, _ total: Int
  ) -> Vector {
    var indices: [UInt32] = []
    indices.reserveCapacity(total)
    ValidRows.forEach(vector) { row in
      for element in views[row].start..<views[row].start + views[row].count {
        indices.append(UInt32(truncatingIfNeeded: element))
      }
    }
    return indices.withUnsafeBufferPointer { pointer in
      pointer.baseAddress.map { child.gathered(by: $0, count: total) } ?? child
    }
  }
}

/// STRUCT: its fields, which have no slot where it is NULL.
final class StructureColumnWriter: ColumnWriter {
  override func store(_ vector: Vector, validCount: Int) {
    guard validCount > 0 else { return }
    if validCount == vector.count {
      for (writer, field) in zip(children, vector.children) { writer.append(field) }
      return
    }
    let indices = ValidRows.indices(vector)
    indices.withUnsafeBufferPointer { pointer in
      guard let start = pointer.baseAddress else { return }
      for (writer, field) in zip(children, vector.children) {
        writer.append(field.gathered(by: start, count: validCount))
      }
    }
  }
}
