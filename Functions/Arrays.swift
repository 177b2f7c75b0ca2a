import Base
import FunctionKit
import Vectors

/// PostgreSQL's names for what lists have: every list has one dimension, counted from 1.
enum Arrays {
  private static let list = Quantity("list", .anyList)
  private static let dimension = Quantity("dimension", .integer)

  static let functions: [ScalarFunction] = [
    bound(
      "array_upper", "Gives the number of a list's last element; NULL for an empty one.",
      Example("array_upper(ARRAY[10, 20], 1)", gives: "2")
    ) { $0 },
    bound(
      "array_lower", "Gives the number of a list's first element: 1; NULL for an empty one.",
      Example("array_lower(ARRAY[10, 20], 1)", gives: "1")
    ) { _ in 1 },
    bound(
      "array_length", "Counts the elements of a list; NULL for an empty one.",
      Example("array_length(ARRAY[10, 20], 1)", gives: "2")
    ) { $0 },
    ScalarFunction(
      "array_ndims", takes: list, returns: Quantity("dimensions", LogicalType.int32),
      summary: "1 for a list, NULL for an empty one.",
      examples: [Example("array_ndims(ARRAY[10])", gives: "1")],
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, _) throws(SQLError) -> Vector in
        numbers(arguments[0], count, type) { length, _ in length > 0 ? 1 : nil }
      }),
    ScalarFunction(
      "array_remove", takes: list, Quantity("element", .elementOf(0)),
      returns: Quantity("list", .sameAs(0)), summary: "Gives a list without an element.",
      examples: [Example("array_remove(ARRAY['a', 'b'], 'a')", gives: "{b}")],
      kernel: .vectors(removed)),
    ScalarFunction(
      "array_position", takes: list, Quantity("element", .elementOf(0)),
      returns: Quantity("index", LogicalType.int32),
      summary: "Gives the number of the first element that is equal; NULL without one.",
      examples: [Example("array_position(ARRAY['a', 'b'], 'b')", gives: "2")],
      kernel: .vectors(position)),
  ]

  private static func bound(
    _ name: String, _ summary: String, _ example: Example,
    _ answer: @escaping @Sendable (Int32) -> Int32
  ) -> ScalarFunction {
    ScalarFunction(
      name, takes: list, dimension, returns: Quantity("bound", LogicalType.int32),
      summary: summary, examples: [example],
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, _) throws(SQLError) -> Vector in
        let dimensions = arguments[1].flattened()
        defer { withExtendedLifetime(dimensions) {} }
        let asked = dimensions.values(as: Int64.self)
        return numbers(arguments[0], count, type) { length, row in
          dimensions.isNull(row) || asked[row] != 1 || length == 0 ? nil : answer(length)
        }
      })
  }

  /// A number or NULL from the length of each list.
  private static func numbers(
    _ list: Vector, _ count: Int, _ type: LogicalType, _ answer: (_ length: Int32, _ row: Int) -> Int32?
  ) -> Vector {
    let flat = list.flattened()
    defer { withExtendedLifetime(flat) {} }
    let views = flat.values(as: View.self)
    let mask = ValidityMask(count: count, allValid: true)
    let result = Vector(type: type, count: count, validity: mask)
    let out = result.values(as: Int32.self)
    for row in 0..<count {
      let length = flat.isNull(row) ? 0 : Int32(truncatingIfNeeded: views[row].length)
      if let number = answer(length, row) {
        out[row] = number
      } else {
        out[row] = 0
        mask.setNull(row)
      }
    }
    return result
  }

  private static func position(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let (flat, wanted) = (arguments[0].flattened(), arguments[1].flattened())
    defer { withExtendedLifetime(flat) {} }
    let elements = ElementEquality(flat.children[0], wanted)
    let views = flat.values(as: View.self)
    let mask = ValidityMask(count: count, allValid: true)
    let result = Vector(type: type, count: count, validity: mask)
    let out = result.values(as: Int32.self)
    var watch = KernelWatch(context)
    for row in 0..<count {
      out[row] = 0
      if !flat.isNull(row), !wanted.isNull(row) {
        let view = views[row]
        for index in 0..<view.count {
          try watch.step()
          guard elements.isEqual(view.start + index, row) else { continue }
          out[row] = Int32(truncatingIfNeeded: index + 1)
          break
        }
      }
      if out[row] == 0 { mask.setNull(row) }
    }
    return result
  }

  private static func removed(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let (flat, unwanted) = (arguments[0].flattened(), arguments[1].flattened())
    defer { withExtendedLifetime(flat) {} }
    let elements = ElementEquality(flat.children[0], unwanted)
    let views = flat.values(as: View.self)
    let validity = ValidityMask.and(flat.validity, unwanted.validity, count: count)
    let result = Vector(type: type, count: count, validity: validity)
    let out = result.values(as: View.self)
    var kept: [UInt32] = []
    var watch = KernelWatch(context)
    for row in 0..<count {
      let start = kept.count
      if validity?.isValid(row) ?? true {
        let view = views[row]
        try Lists.requireFew(start + view.count, context)
        for place in view.start..<view.start + view.count {
          try watch.step()
          if !elements.isEqual(place, row) { kept.append(UInt32(truncatingIfNeeded: place)) }
        }
        // Row numbers, and the elements that are gathered by them.
        try watch.hold(kept.count * (4 + flat.children[0].physical.widthBytes))
      }
      out[row] = View(
        offset: UInt32(truncatingIfNeeded: start),
        length: UInt32(truncatingIfNeeded: kept.count - start))
    }
    let child = kept.withUnsafeBufferPointer { rows in
      rows.baseAddress.map { flat.children[0].gathered(by: $0, count: rows.count).flattened() }
    }
    return Vector(
      type: type, count: count, storage: result.storage, validity: validity,
      children: [child ?? Vector(type: flat.children[0].type, count: 0)])
  }
}
