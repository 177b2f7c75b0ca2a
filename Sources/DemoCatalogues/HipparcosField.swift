import Catalog
import Vectors

/// A field of a line of `hip2.dat`: its place, its format and what it means. Names, formats, units
/// and meanings are those of the ReadMe of catalogue I/311.
struct HipparcosField: Sendable {
  let definition: ColumnDefinition
  /// The first byte of the field in its line, from 0.
  let offset: Int
  let lengthBytes: Int
  /// Digits behind the point; 0 for integers, which have no point.
  let decimalCount: Int

  static let lonIndex = 4
  static let latIndex = 5

  /// `bytes` counts from 1, as the ReadMe does. Integers of up to 4 digits are smallint. A real
  /// keeps all of up to 7 digits; positions have more.
  private init(
    _ name: String, _ bytes: ClosedRange<Int>, decimals: Int = 0, unit: String? = nil,
    _ ucd: String, _ description: String
  ) {
    let length = bytes.count
    let type: LogicalType =
      decimals == 0 ? (length > 4 ? .int32 : .int16) : decimals > 4 ? .float64 : .float32
    definition = ColumnDefinition(
      name, type, isNullable: false, unit: unit, ucd: ucd, description: description)
    offset = bytes.lowerBound - 1
    lengthBytes = length
    decimalCount = decimals
  }

  static let all: [HipparcosField] = identification + astrometry + solution + photometry + weights

  private static let identification = [
    HipparcosField("HIP", 1...6, "meta.id;meta.main", "Hipparcos identifier"),
    HipparcosField("Sn", 8...10, "meta.code", "Type of the solution, new reduction, 0…159"),
    HipparcosField("So", 12...12, "meta.code", "Type of the solution, old reduction, 0…5"),
    HipparcosField("Nc", 14...14, "meta.number", "Number of components"),
  ]

  private static let astrometry = [
    HipparcosField(
      "RArad", 16...28, decimals: 10, unit: "rad", "pos.eq.ra",
      "Right ascension, ICRS at epoch J1991.25"),
    HipparcosField(
      "DErad", 30...42, decimals: 10, unit: "rad", "pos.eq.dec",
      "Declination, ICRS at epoch J1991.25"),
    HipparcosField(
      "Plx", 44...50, decimals: 2, unit: "mas", "pos.parallax.trig",
      "Parallax; may be negative"),
    HipparcosField(
      "pmRA", 52...59, decimals: 2, unit: "mas/yr", "pos.pm;pos.eq.ra",
      "Proper motion in right ascension, times cos(dec)"),
    HipparcosField(
      "pmDE", 61...68, decimals: 2, unit: "mas/yr", "pos.pm;pos.eq.dec",
      "Proper motion in declination"),
    HipparcosField(
      "e_RArad", 70...75, decimals: 2, unit: "mas", "stat.error;pos.eq.ra",
      "Formal error of RArad"),
    HipparcosField(
      "e_DErad", 77...82, decimals: 2, unit: "mas", "stat.error;pos.eq.dec",
      "Formal error of DErad"),
    HipparcosField(
      "e_Plx", 84...89, decimals: 2, unit: "mas", "stat.error;pos.parallax.trig",
      "Formal error of Plx"),
    HipparcosField(
      "e_pmRA", 91...96, decimals: 2, unit: "mas/yr", "stat.error;pos.pm;pos.eq.ra",
      "Formal error of pmRA"),
    HipparcosField(
      "e_pmDE", 98...103, decimals: 2, unit: "mas/yr", "stat.error;pos.pm;pos.eq.dec",
      "Formal error of pmDE"),
  ]

  private static let solution = [
    HipparcosField("Ntr", 105...107, "meta.number;obs", "Number of field transits used"),
    HipparcosField("F2", 109...113, decimals: 2, "stat.fit.goodness", "Goodness of fit"),
    HipparcosField("F1", 115...116, unit: "%", "stat.fit", "Percentage of rejected data"),
    HipparcosField(
      "var", 118...123, decimals: 1, "stat.variance",
      "Cosmic dispersion added (stochastic solution)"),
    HipparcosField(
      "ic", 125...128, "meta.id", "Entry in one of the supplementary catalogues"),
  ]

  private static let photometry = [
    HipparcosField(
      "Hpmag", 130...136, decimals: 4, unit: "mag", "phot.mag;em.opt", "Hipparcos magnitude"),
    HipparcosField(
      "e_Hpmag", 138...143, decimals: 4, unit: "mag", "stat.error;phot.mag;em.opt",
      "Error of the mean Hpmag"),
    HipparcosField(
      "sHp", 145...149, decimals: 3, unit: "mag", "stat.stdev;phot.mag;em.opt",
      "Scatter of Hpmag"),
    HipparcosField("VA", 151...151, "meta.code", "Reference to the variability annex, 0…2"),
    HipparcosField(
      "B-V", 153...158, decimals: 3, unit: "mag", "phot.color;em.opt.B;em.opt.V",
      "Colour index B−V"),
    HipparcosField(
      "e_B-V", 160...164, decimals: 3, unit: "mag",
      "stat.error;phot.color;em.opt.B;em.opt.V", "Formal error of B-V"),
    HipparcosField(
      "V-I", 166...171, decimals: 3, unit: "mag", "phot.color;em.opt.V;em.opt.I",
      "Colour index V−I"),
  ]

  private static let weights = (1...15).map { number in
    HipparcosField(
      "UW\(number)", 165 + 7 * number...171 + 7 * number, decimals: 2, "stat.weight",
      "Upper-triangular weight matrix, element \(number) of 15")
  }
}
