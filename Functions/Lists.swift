import Base
import FunctionKit
import Vectors

/// Lists. The binder lowers `a[i]` to `list_element(a, i)` and `ARRAY[…]` to `list_value(…)`.
enum Lists {
  static let functions: [ScalarFunction] = [
    ScalarFunction(
      "cardinality", aliases: ["array_length", "len"], takes: Quantity("list", .anyList),
      returns: Quantity("count", LogicalType.int32), summary: "Counts the elements of a list.",
      examples: [Example("cardinality(ARRAY[1, 2, 3])", gives: "3")],
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, _) throws(SQLError) -> Vector in
        let list = arguments[0].flattened()
        // The pointers keep nothing alive.
        defer { withExtendedLifetime(list) {} }
        let result = Vector(type: type, count: count, validity: list.validity)
        let views = list.values(as: View.self)
        let out = result.values(as: Int32.self)
        for row in 0..<count { out[row] = Int32(truncatingIfNeeded: views[row].length) }
        return result
      }),
    ScalarFunction(
      "list_element", takes: Quantity("list", .anyList), Quantity("index", .integer),
      returns: Quantity("element", .elementOf(0)),
      summary: "Gives an element of a list, counted from 1; NULL outside the list.",
      examples: [
        Example("list_element(ARRAY[10, 20], 2)", gives: "20"),
        Example("list_element(ARRAY[10, 20], 3)", gives: "NULL"),
      ], kernel: .vectors(element)),
    ScalarFunction(
      "list_slice", takes: Quantity("list", .anyList), Quantity("first", .integer),
      Quantity("last", .integer), returns: Quantity("slice", .sameAs(0)),
      summary: "Gives the elements from first to last, both included and counted from 1.",
      examples: [
        Example("list_slice(ARRAY[10, 20, 30], 2, 3)", gives: "{20,30}"),
        Example("list_slice(ARRAY[10, 20, 30], 0, 1)", gives: "{10}"),
        Example("list_slice(ARRAY[10, 20, 30], 3, 1)", gives: "{}"),
      ], kernel: .vectors(slice)),
    ScalarFunction(
      "struct_value", aliases: ["row"], takes: Quantity("x", .any), Quantity("more", .any),
      variadic: true, returns: Quantity("structure", .sameAs(0)),
      summary: "Makes a structure with fields f1, f2 …",
      details: "named_struct('ra', 10.5, 'dec', 20) gives the fields names.",
      examples: [
        Example("(struct_value(1, 'two')).f2", gives: "two"),
        Example("(named_struct('ra', 10.5, 'dec', 20)).dec", gives: "20"),
      ], nulls: .custom,
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, _) throws(SQLError) -> Vector in
        guard type.fields?.count == arguments.count else {
          throw SQLError(.internalError, "the binder gives structures their type")
        }
        return Vector(type: type, count: count, children: arguments.map { $0.flattened() })
      }),
    ScalarFunction(
      "list_value", takes: Quantity("x", .any), Quantity("more", .sameAs(0)), variadic: true,
      returns: Quantity("list", .listOf(0)), summary: "Makes a list of its arguments.",
      examples: [Example("list_value(1, NULL, 3)", gives: "{1,NULL,3}")], nulls: .custom,
      kernel: .vectors(value)),
  ]

  private static func element(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let list = arguments[0].flattened()
    let index = arguments[1].flattened()
    defer { withExtendedLifetime((list, index)) {} }
    let views = list.values(as: View.self)
    let positions = index.values(as: Int64.self)
    let mask = ValidityMask(count: count, allValid: true)
    var picked = [UInt32](repeating: 0, count: count)
    for row in 0..<count {
      let isNull = list.isNull(row) || index.isNull(row)
      if isNull || positions[row] < 1 || positions[row] > Int64(views[row].length) {
        mask.setNull(row)
      } else {
        picked[row] = views[row].offset &+ UInt32(truncatingIfNeeded: positions[row] &- 1)
      }
    }
    let child = list.children[0]
    if child.count == 0 { return Vector.nulls(type, count: count) }
    let elements = picked.withUnsafeBufferPointer { rows -> Vector in
      guard let start = rows.baseAddress else { return Vector.nulls(type, count: count) }
      return child.gathered(by: start, count: count).flattened()
    }
    return elements.masked(by: mask)
  }

  /// The rows keep the child of the list; only their views are new.
  private static func slice(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let list = arguments[0].flattened()
    let (first, last) = (arguments[1].flattened(), arguments[2].flattened())
    defer { withExtendedLifetime((list, first, last)) {} }
    let validity = ValidityMask.and(
      list.validity, ValidityMask.and(first.validity, last.validity, count: count), count: count)
    let result = Vector(type: type, count: count, validity: validity, children: list.children)
    let views = list.values(as: View.self)
    let (from, to) = (first.values(as: Int64.self), last.values(as: Int64.self))
    let out = result.values(as: View.self)
    for row in 0..<count {
      let low = max(from[row], 1)
      let high = min(to[row], Int64(views[row].length))
      let length = low <= high ? UInt32(truncatingIfNeeded: high &- low &+ 1) : 0
      let start = length > 0 ? UInt32(truncatingIfNeeded: low &- 1) : 0
      out[row] = View(offset: views[row].offset &+ start, length: length)
    }
    return result
  }

  private static func value(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let width = arguments.count
    let result = Vector(type: type, count: count)
    let views = result.values(as: View.self)
    let builder = VectorBuilder(type: arguments[0].type)
    for row in 0..<count {
      views[row] = View(
        offset: UInt32(truncatingIfNeeded: row * width), length: UInt32(truncatingIfNeeded: width))
      for argument in arguments { builder.append(argument, row: row) }
    }
    return Vector(
      type: type, count: count, storage: result.storage, children: [builder.finish()])
  }
}
