import Base
import FunctionKit
import Sky
import Vectors

/// HEALPix cells: NESTED numbering, order 0 to 29, degrees.
enum Cells {
  static let functions: [ScalarFunction] = [
    indexOfNumbers, indexOfPoint, center, parent, neighbours,
  ]

  private static let order = Quantity("order", .integer, meaning: "0 to 29")
  private static let source = "Górski et al. 2005, ApJ 622, 759; IVOA catalogue of UDFs"
  private static let noCell = DomainRule(
    .invalidParameterValue, "no such HEALPix cell", effect: .null)

  private static let indexOfNumbers = ScalarFunction(
    "healpix_index", aliases: ["ivo_healpix_index"], takes: order, Shapes.longitude,
    Shapes.latitude, returns: Quantity("cell", LogicalType.int64),
    summary: "Gives the number of the HEALPix cell that holds a position.", source: source,
    examples: [
      Example("healpix_index(1, 0, 90)", gives: "3"),
      Example("healpix_index(29, 0, 90)", gives: "288230376151711743"),
    ],
    kernel: .vectors {
      (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
      let lon = arguments[1].flattened()
      let lat = arguments[2].flattened()
      return try index(
        arguments[0], lon.values(as: Double.self), lat.values(as: Double.self),
        ValidityMask.and(lon.validity, lat.validity, count: count), count, type, context)
    })

  private static let indexOfPoint = ScalarFunction(
    "healpix_index", aliases: ["ivo_healpix_index"], takes: order, Quantity("position", .point),
    returns: Quantity("cell", LogicalType.int64),
    summary: "Gives the number of the HEALPix cell that holds a position.", source: source,
    examples: [Example("healpix_index(0, POINT(45, 0))", gives: "5")],
    kernel: .vectors {
      (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
      let points = PointColumn(arguments[1])
      return try index(
        arguments[0], points.lonDeg, points.latDeg, points.validity, count, type, context)
    })

  private static func index(
    _ orders: Vector, _ lon: UnsafePointer<Double>, _ lat: UnsafePointer<Double>,
    _ positions: ValidityMask?, _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let result = Vector(type: type, count: count, validity: positions)
    let out = result.values(as: Int64.self)
    let flat = orders.isConstant ? orders : orders.flattened()
    let order = flat.values(as: Int64.self)
    var validity = positions
    if orders.isConstant {
      if orders.isConstantNull { return Vector.nulls(type, count: count) }
      let level = Int(order[0])
      if HEALPix.indices(order: level, lonDeg: lon, latDeg: lat, count: count, into: out) == 0 {
        return result
      }
    } else {
      validity = ValidityMask.and(positions, flat.validity, count: count)
      for row in 0..<count {
        out[row] = HEALPix.index(order: Int(order[row]), lonDeg: lon[row], latDeg: lat[row]) ?? -1
      }
    }
    result.validity = try Shapes.collect(count, validity, context) { (row) -> Bool in out[row] >= 0
    }
    return result
  }

  private static let center = ScalarFunction(
    "healpix_center", aliases: ["ivo_healpix_center"], takes: order,
    Quantity("cell", LogicalType.int64), returns: Quantity("center", .point),
    summary: "Gives the centre of a HEALPix cell; NULL for a cell that does not exist.",
    source: source, examples: [Example("healpix_center(0, 4)", gives: "(0,0)")],
    kernel: .vectors {
      (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
      let orders = arguments[0].flattened()
      let cells = arguments[1].flattened()
      let lon = Vector(type: .float64, count: count)
      let lat = Vector(type: .float64, count: count)
      let both = ValidityMask.and(orders.validity, cells.validity, count: count)
      let validity = try Shapes.collect(count, both, context) { (row) -> Bool in
        let order = Int(orders.values(as: Int64.self)[row])
        let cell = cells.values(as: Int64.self)[row]
        guard let center = HEALPix.center(order: order, index: cell) else { return false }
        lon.values(as: Double.self)[row] = center.lonDeg
        lat.values(as: Double.self)[row] = center.latDeg
        return true
      }
      return Shapes.structure(type, count, validity, [lon, lat])
    })

  private static let parent = ScalarFunction(
    "healpix_parent", takes: Quantity("cell", LogicalType.int64),
    Quantity("from_order", .integer), Quantity("to_order", .integer),
    returns: Quantity("cell", LogicalType.int64),
    summary: "Gives the cell of a coarser order that holds a cell.",
    details: "To a finer order it gives the first of the cells inside.", source: source,
    examples: [Example("healpix_parent(75, 2, 0)", gives: "4")],
    kernel: .mapChecked(noCell) { (cell: Int64, from: Int64, to: Int64) -> Int64? in
      guard (0...29).contains(from), (0...29).contains(to) else { return nil }
      return HEALPix.index(cell, fromOrder: Int(from), toOrder: Int(to))
    })

  private static let neighbours = ScalarFunction(
    "healpix_neighbours", takes: order, Quantity("cell", LogicalType.int64),
    returns: Quantity("cells", LogicalType.list(.int64)),
    summary: "Gives the up to eight cells around a cell: SW, W, NW, N, NE, E, SE, S; -1 for none.",
    source: source,
    examples: [Example("healpix_neighbours(0, 4)", gives: "{11,7,3,-1,0,5,8,-1}")],
    kernel: .vectors {
      (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
      let orders = arguments[0].flattened()
      let cells = arguments[1].flattened()
      var found = [[Int64]](repeating: [], count: count)
      let both = ValidityMask.and(orders.validity, cells.validity, count: count)
      let validity = try Shapes.collect(count, both, context) { (row) -> Bool in
        let order = Int(orders.values(as: Int64.self)[row])
        found[row] = HEALPix.neighbours(order: order, index: cells.values(as: Int64.self)[row])
        return !found[row].isEmpty
      }
      let builder = VectorBuilder(type: type)
      for row in 0..<count {
        let isValid = validity?.isValid(row) ?? true
        builder.append(isValid ? .list(found[row].map { .integer($0) }) : .null)
      }
      return builder.finish()
    })
}
