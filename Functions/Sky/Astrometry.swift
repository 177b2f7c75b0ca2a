import Base
import FunctionKit
import Sky
import Vectors

/// Positions in motion, directions, and sexagesimal text.
enum Astrometry {
  static let functions: [ScalarFunction] = [
    positionAngle, epochPropagation,
    sexagesimal(
      "ivo_hms_to_degrees", "hours, minutes and seconds", "'12:30:00'", "187.5", factor: 15,
      limit: 24),
    sexagesimal(
      "ivo_dms_to_degrees", "degrees, minutes and seconds", "'-00:15:00'", "-0.25", factor: 1,
      limit: 360),
  ]

  private static let positionAngle = ScalarFunction(
    "position_angle", takes: Quantity("a", .point), Quantity("b", .point),
    returns: Quantity("angle", .double, unit: "deg"),
    summary: "Gives the direction from the first position to the second, north through east.",
    details: "0 for identical positions; at a pole the longitude defines north.",
    errorBound: "about 1e-13 degrees for well separated positions",
    examples: [Example("position_angle(POINT(0, 0), POINT(1, 0))", gives: "90", within: 1e-10)],
    kernel: .vectors {
      (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
      let a = PointColumn(arguments[0])
      let b = PointColumn(arguments[1])
      let result = Vector(type: type, count: count)
      let out = result.values(as: Double.self)
      let validity = ValidityMask.and(a.validity, b.validity, count: count)
      result.validity = try Shapes.collect(count, validity, context) { (row) -> Bool in
        out[row] = Direction.positionAngleDeg(
          a.lonDeg[row], a.latDeg[row], b.lonDeg[row], b.latDeg[row])
        return !out[row].isNaN
      }
      return result
    })

  private static let epochPropagation = ScalarFunction(
    "ivo_epoch_prop_pos", aliases: ["epoch_prop_pos"],
    takes: Quantity("ra", .double, unit: "deg"), Quantity("dec", .double, unit: "deg"),
    Quantity("parallax", .double, unit: "mas"), Quantity("pmra", .double, unit: "mas.yr**-1"),
    Quantity("pmdec", .double, unit: "mas.yr**-1"),
    Quantity("radial_velocity", .double, unit: "km.s**-1"),
    Quantity("epoch", .double, unit: "yr"), Quantity("target_epoch", .double, unit: "yr"),
    returns: Quantity("position", .point),
    summary: "Gives the position at another epoch of a star that moves uniformly in space.",
    details: "A NULL parallax means infinitely remote, other NULL motions 0; a NULL position or "
      + "epoch gives NULL with a warning.",
    source: "ESA SP-1200, vol. 1, section 1.5.5; IVOA catalogue of UDFs",
    errorBound: "below 1e-4 µas",
    examples: [
      Example(
        "COORD2(ivo_epoch_prop_pos(10, 20, NULL, 0, 3600000, NULL, 2000, 2001))", gives: "21",
        within: 1e-3)
    ], nulls: .custom,
    kernel: .vectors {
      (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
      let flat = arguments.map { $0.flattened() }
      let columns = flat.map { $0.values(as: Double.self) }
      func value(_ index: Int, _ row: Int) -> Double? {
        flat[index].isNull(row) ? nil : columns[index][row]
      }
      let lon = Vector(type: .float64, count: count)
      let lat = Vector(type: .float64, count: count)
      let validity = try Shapes.collect(count, nil, context) { (row) -> Bool in
        guard let ra = value(0, row), let dec = value(1, row), let epoch = value(6, row),
          let target = value(7, row),
          let position = ProperMotion.position(
            raDeg: ra, decDeg: dec, parallaxMas: value(2, row), pmRAMasYr: value(3, row),
            pmDecMasYr: value(4, row), radialVelocityKmS: value(5, row), epochYr: epoch,
            targetEpochYr: target)
        else { return false }
        lon.values(as: Double.self)[row] = position.raDeg
        lat.values(as: Double.self)[row] = position.decDeg
        return true
      }
      return Shapes.structure(type, count, validity, [lon, lat])
    })

  private static func sexagesimal(
    _ name: String, _ parts: String, _ text: String, _ answer: String, factor: Double,
    limit: Double
  ) -> ScalarFunction {
    let rule = DomainRule(
      .invalidTextRepresentation, "text that is not \(parts)", effect: .null)
    return ScalarFunction(
      name, takes: Quantity("text", .text), returns: Quantity("angle", .double, unit: "deg"),
      summary: "Reads \(parts), separated by colons or blanks, as an angle.",
      details: "NULL with a warning for anything else.", source: "IVOA catalogue of UDFs",
      examples: [Example("\(name)(\(text))", gives: answer)],
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
        let source = arguments[0].flattened()
        let result = Vector(type: type, count: count, validity: source.validity)
        let out = result.values(as: Double.self)
        let mask = source.validity?.copy(count: count) ?? .init(count: count, allValid: true)
        var failures = 0
        for row in 0..<count where !source.isNull(row) {
          let angle = Sexagesimal.parse(source.bytes(at: row))
          if let angle, angle.magnitude <= limit {
            out[row] = angle * factor
          } else {
            mask.setNull(row)
            failures += 1
          }
        }
        if failures > 0 { result.validity = mask }
        try Kernel.report(rule, rows: failures, context)
        return result
      })
  }
}

/// `[+-]a:b[:c]` with colons or blanks; minutes and seconds below 60. The sign also counts for
/// `-00:15:00`.
enum Sexagesimal {
  static func parse(_ text: UnsafeRawBufferPointer) -> Double? {
    let text = NumberText.trimmed(text)
    let isNegative = text.first == UInt8(ascii: "-")
    let isSigned = isNegative || text.first == UInt8(ascii: "+")
    let digits = UnsafeRawBufferPointer(rebasing: text.dropFirst(isSigned ? 1 : 0))
    let separators = Array(": \thmsd".utf8)
    let parts = digits.split(whereSeparator: { separators.contains($0) })
    guard (2...3).contains(parts.count) else { return nil }
    var value = 0.0
    for (index, part) in parts.enumerated() {
      let bytes = UnsafeRawBufferPointer(rebasing: part)
      guard let first = bytes.first, first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9"),
        let number = try? NumberText.parseDouble(bytes),
        index == 0 || number < 60,
        index == parts.count - 1 || number == number.rounded(.down)
      else { return nil }
      value += index == 0 ? number : number / (index == 1 ? 60 : 3600)
    }
    return isNegative ? -value : value
  }
}
