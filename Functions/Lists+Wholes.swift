import Base
import FunctionKit
import Vectors

/// Lists as wholes: `=`, `<>` and `||`. Elements that are both NULL are equal, as in PostgreSQL.
extension Lists {
  static let wholes: [ScalarFunction] = [
    comparison("=", "True if both lists have the same elements in the same order.", isEqual: true),
    comparison("<>", "True if the lists differ in an element or in length.", isEqual: false),
    ScalarFunction(
      "||", takes: Quantity("a", .anyList), Quantity("b", .sameAs(0)), returns: Quantity("list", .sameAs(0)),
      summary: "Joins two lists; NULL is like an empty one beside another list.",
      examples: [Example("ARRAY[1, 2] || ARRAY[3]", gives: "{1,2,3}")], nulls: .custom,
      kernel: .vectors(joined)),
  ]

  private static func comparison(
    _ name: String, _ summary: String, isEqual: Bool
  ) -> ScalarFunction {
    ScalarFunction(
      name, takes: Quantity("a", .anyList), Quantity("b", .sameAs(0)),
      returns: Quantity("result", .boolean), summary: summary,
      examples: [Example("ARRAY[1, NULL] \(name) ARRAY[1, NULL]", gives: isEqual ? "t" : "f")],
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
        let (a, b) = (arguments[0].flattened(), arguments[1].flattened())
        let elements = ElementEquality(a.children[0], b.children[0])
        let validity = ValidityMask.and(a.validity, b.validity, count: count)
        let result = Vector(type: type, count: count, validity: validity)
        let out = result.values(as: Bool.self)
        var watch = KernelWatch(context)
        for row in 0..<count {
          out[row] = false
          guard validity?.isValid(row) ?? true else { continue }
          out[row] = try haveSameElements(a, b, row, elements, &watch) == isEqual
        }
        return result
      })
  }

  private static func haveSameElements(
    _ a: Vector, _ b: Vector, _ row: Int, _ elements: ElementEquality, _ watch: inout KernelWatch
  ) throws(SQLError) -> Bool {
    let (left, right) = (a.values(as: View.self)[row], b.values(as: View.self)[row])
    guard left.length == right.length else { return false }
    for index in 0..<left.count {
      try watch.step()
      guard elements.isEqual(left.start + index, right.start + index) else { return false }
    }
    return true
  }

  /// The elements of all lists of a row.
  private static func joinedCount(_ lists: [Vector], _ row: Int) -> Int {
    lists.reduce(0) { $0 + ($1.isNull(row) ? 0 : $1.values(as: View.self)[row].count) }
  }

  private static func joined(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let flat = arguments.map { $0.flattened() }
    let children = flat.map { $0.children[0].flattened() }
    let mask = ValidityMask(count: count, allValid: true)
    let result = Vector(type: type, count: count, validity: mask)
    let views = result.values(as: View.self)
    let builder = VectorBuilder(type: children[0].type)
    var watch = KernelWatch(context)
    let total = (0..<count).reduce(0) { $0 + joinedCount(flat, $1) }
    try requireFew(total, context)
    try watch.hold(total * children[0].physical.widthBytes)
    var end = 0
    for row in 0..<count {
      let start = end
      for (list, child) in zip(flat, children) where !list.isNull(row) {
        let view = list.values(as: View.self)[row]
        end += view.count
        for index in 0..<view.count {
          builder.append(child, row: view.start + index)
          if index & 1023 == 1023 { try watch.hold(builder.sizeBytes) }
          try watch.step()
        }
      }
      try watch.hold(builder.sizeBytes)
      if flat.allSatisfy({ $0.isNull(row) }) { mask.setNull(row) }
      views[row] = View(
        offset: UInt32(truncatingIfNeeded: start), length: UInt32(truncatingIfNeeded: end - start))
    }
    return Vector(
      type: type, count: count, storage: result.storage, validity: mask,
      children: [builder.finish()])
  }
}
