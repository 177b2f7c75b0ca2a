import Base
import Engine
import Formats
import Vectors

/// The options of FITS: `HDU n` or `HDU 'EXTNAME'`, `columns (ra, dec)`, `nan 'keep'`.
struct FITSOptions: Sendable {
  enum Unit: Sendable {
    /// 0 is the primary HDU, 1 the first extension.
    case index(Int)
    /// EXTNAME, in whatever case.
    case name(String)
  }

  var unit: Unit?
  /// The names of the columns to offer, in this order; nil for all.
  var columns: [String]?
  var keepsNaN = false

  private static let known = ["hdu", "columns", "nan"]

  init(_ options: FileOptions) throws(SQLError) {
    for (name, value) in options.values.sorted(by: { $0.key < $1.key }) {
      switch name {
      case "format": break
      case "hdu", "extname", "extension": unit = try Self.unit(value)
      case "columns": columns = try FileOptions.names(value, option: name)
      case "nan": keepsNaN = try FileOptions.keepsNaN(value)
      default: throw FileOptions.unknown(name, of: "FITS", known: Self.known)
      }
    }
  }

  private static func unit(_ value: Value?) throws(SQLError) -> Unit {
    switch value {
    case .integer(let index) where index >= 0: return .index(Int(index))
    case .text(let name) where !name.isEmpty: return .name(name)
    default:
      throw SQLError(
        .invalidParameterValue, "option hdu must be a number from 0 or a name",
        hint: "HDU 1 is the first extension; a name is compared with EXTNAME.")
    }
  }
}
