import Base
import Plans
import Vectors

/// Gives a row for each element of lists.
///
/// Elements are slices of the lists' children where rows follow one another there, so that nothing is
/// copied, and gathered otherwise. Memory: the input batch and one batch of rows.
final class UnnestTransform: Transform {
  private let plan: UnnestPlan
  private let lists: [CompiledExpression]
  private let context: EvaluationContext
  private var batch = Batch(columns: [], rowCount: 0)
  private var values: [Vector] = []
  /// One for each output, over all elements of its list; nil for the ordinal.
  private var elements: [Vector?] = []
  /// The next row and the next of its elements.
  private var row = 0
  private var element = 0
  private var sources: [UInt32] = []
  private var ordinals: [Int64] = []
  /// For each list, the element of its child; `missing` where it has none.
  private var places: [[UInt32]]
  private static let missing = UInt32.max

  init(_ plan: UnnestPlan, _ lists: [CompiledExpression], _ context: EvaluationContext) {
    self.plan = plan
    self.lists = lists
    self.context = context
    places = lists.map { _ in [] }
    sources.reserveCapacity(Batch.capacity)
    ordinals.reserveCapacity(Batch.capacity)
  }

  func accept(_ batch: Batch) throws(SQLError) {
    self.batch = batch
    (row, element) = (0, 0)
    values = []
    for list in lists { values.append(try list.evaluate(batch, context).flattened()) }
    elements = plan.outputs.map { output in
      switch output {
      case .ordinal: nil
      case .element(let list): values[list].children[0]
      case .field(let list, let field): Self.field(field, of: values[list].children[0])
      }
    }
  }

  private static func field(_ index: Int, of element: Vector) -> Vector {
    let flat = element.encoding == .flat ? element : element.flattened()
    return flat.children[index].masked(by: flat.validity)
  }

  func next() throws(SQLError) -> Batch? {
    sources.removeAll(keepingCapacity: true)
    ordinals.removeAll(keepingCapacity: true)
    for list in places.indices { places[list].removeAll(keepingCapacity: true) }
    while row < batch.rowCount, sources.count < Batch.capacity { takeElements() }
    if sources.isEmpty {
      (batch, values, elements) = (Batch(columns: [], rowCount: 0), [], [])
      return nil
    }
    return rows()
  }

  /// Takes what has room of a row's elements; goes to the next row behind the last of them.
  private func takeElements() {
    var longest = 0
    for value in values where !value.isNull(row) {
      longest = max(longest, value.values(as: View.self)[row].count)
    }
    if longest == 0, plan.isOuter {
      sources.append(UInt32(truncatingIfNeeded: row))
      ordinals.append(0)
      for list in places.indices { places[list].append(Self.missing) }
    }
    let end = min(longest, element &+ Batch.capacity &- sources.count)
    for index in element..<max(element, end) {
      sources.append(UInt32(truncatingIfNeeded: row))
      ordinals.append(Int64(index &+ 1))
    }
    for (list, value) in values.enumerated() where longest > 0 {
      let view = value.isNull(row) ? View(offset: 0, length: 0) : value.values(as: View.self)[row]
      for index in element..<max(element, end) {
        places[list].append(
          index < view.count ? view.offset &+ UInt32(truncatingIfNeeded: index) : Self.missing)
      }
    }
    element = end
    if element >= longest { (row, element) = (row &+ 1, 0) }
  }

  private func rows() -> Batch {
    let count = sources.count
    var columns: [Vector] = []
    columns.reserveCapacity(plan.passed.count + plan.outputs.count)
    sources.withUnsafeBufferPointer { sources in
      guard let start = sources.baseAddress else { return }
      for column in plan.passed {
        columns.append(batch.columns[column].gathered(by: start, count: count))
      }
    }
    for (output, element) in zip(plan.outputs, elements) {
      switch output {
      case .ordinal: columns.append(ordinalColumn())
      case .element(let list), .field(let list, _):
        columns.append(element.map { picked($0, places[list]) } ?? Vector.nulls(.null, count: count))
      }
    }
    return Batch(columns: columns, rowCount: count)
  }

  private func picked(_ elements: Vector, _ places: [UInt32]) -> Vector {
    let count = places.count
    guard let first = places.first, elements.count > 0 else {
      return Vector.nulls(elements.type, count: count)
    }
    let start = Int(first)
    var follows = first != Self.missing && start &+ count <= elements.count
    var isWhole = true
    for (index, place) in places.enumerated() {
      follows = follows && Int(place) == start &+ index
      isWhole = isWhole && place != Self.missing
    }
    if follows { return elements.slice(from: start, count: count) }
    if isWhole { return gathered(elements, places) }
    let mask = ValidityMask(count: count, allValid: true)
    for index in places.indices where places[index] == Self.missing { mask.setNull(index) }
    return gathered(elements, places.map { $0 == Self.missing ? 0 : $0 }).masked(by: mask)
  }

  private func gathered(_ elements: Vector, _ places: [UInt32]) -> Vector {
    places.withUnsafeBufferPointer { places in
      guard let start = places.baseAddress else { return Vector.nulls(elements.type, count: 0) }
      return elements.gathered(by: start, count: places.count)
    }
  }

  private func ordinalColumn() -> Vector {
    let result = Vector(type: .int64, count: ordinals.count)
    let out = result.values(as: Int64.self)
    var hasNulls = false
    for (index, ordinal) in ordinals.enumerated() {
      out[index] = ordinal
      hasNulls = hasNulls || ordinal == 0
    }
    if hasNulls {
      let mask = ValidityMask(count: ordinals.count, allValid: true)
      for (index, ordinal) in ordinals.enumerated() where ordinal == 0 { mask.setNull(index) }
      result.validity = mask
    }
    return result
  }
}
