import Base
import FunctionKit
import Vectors

/// `list_series(start, stop, step)`: what `generate_series` over columns of FROM is made of.
extension Lists {
  /// Elements that one batch of lists may have: 128 MiB of integers.
  private static let mostElements = 16 << 20

  static func requireFew(_ count: Int, _ context: FunctionContext) throws(SQLError) {
    guard count <= mostElements else {
      throw SQLError(
        .programLimitExceeded, "lists of more than \(mostElements) elements", at: context.range)
    }
  }

  static let series: [ScalarFunction] = [
    ScalarFunction(
      "list_series", takes: Quantity("start", .integer), Quantity("stop", .integer),
      returns: Quantity("list", LogicalType.list(.int64)),
      summary: "Gives the integers from start to stop, both included, as a list.",
      examples: [Example("list_series(2, 4)", gives: "{2,3,4}")], kernel: .vectors(series)),
    ScalarFunction(
      "list_series", takes: Quantity("start", .integer), Quantity("stop", .integer),
      Quantity("step", .integer), returns: Quantity("list", LogicalType.list(.int64)),
      summary: "Gives every step-th integer from start to stop as a list.",
      examples: [Example("list_series(9, 1, -4)", gives: "{9,5,1}")], kernel: .vectors(series)),
  ]

  private static func series(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let flat = arguments.map { $0.flattened() }
    let validity = Kernel.commonValidity(flat, count: count)
    let bounds = flat.map { $0.values(as: Int64.self) }
    // The pointers keep nothing alive.
    defer { withExtendedLifetime(flat) {} }
    let result = Vector(type: type, count: count, validity: validity)
    let views = result.values(as: View.self)
    var elements: [Int64] = []
    var watch = KernelWatch(context)
    for row in 0..<count {
      let start = elements.count
      views[row] = View(offset: UInt32(truncatingIfNeeded: start), length: 0)
      guard validity?.isValid(row) ?? true else { continue }
      let step = bounds.count > 2 ? bounds[2][row] : 1
      if step == 0 {
        throw SQLError(
          .invalidParameterValue, "the step of a series must not be 0", at: context.range)
      }
      try append(bounds[0][row], bounds[1][row], step, to: &elements, context, &watch)
      views[row] = View(
        offset: UInt32(truncatingIfNeeded: start),
        length: UInt32(truncatingIfNeeded: elements.count - start))
    }
    let child = Vector(type: .int64, count: elements.count)
    let out = child.values(as: Int64.self)
    for index in elements.indices { out[index] = elements[index] }
    return Vector(
      type: type, count: count, storage: result.storage, validity: validity, children: [child])
  }

  private static func append(
    _ start: Int64, _ stop: Int64, _ step: Int64, to elements: inout [Int64],
    _ context: FunctionContext, _ watch: inout KernelWatch
  ) throws(SQLError) {
    var value = start
    while step > 0 ? value <= stop : value >= stop {
      try requireFew(elements.count + 1, context)
      // Here and in the vector made of them.
      if elements.count & 4095 == 0 { try watch.hold(2 * (elements.count + 4096) * 8) }
      try watch.step()
      elements.append(value)
      let (next, isPast) = value.addingReportingOverflow(step)
      if isPast { return }
      value = next
    }
  }
}
