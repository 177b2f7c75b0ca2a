import Base
import Engine
import Vectors

/// The options of FITS: `HDU n` or `HDU 'EXTNAME'`, `columns`, `nan 'keep'`.
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

  private static let known = ["format", "hdu", "columns", "nan"]

  init(_ options: FileOptions) throws(SQLError) {
    for (name, value) in options.values.sorted(by: { $0.key < $1.key }) {
      switch name {
      case "format": break
      case "hdu", "extname", "extension": unit = try Self.unit(value)
      case "columns": columns = try Self.columns(value)
      case "nan": keepsNaN = try Self.keepsNaN(value)
      default:
        throw SQLError(
          .invalidParameterValue, "unknown option for FITS: \"\(name)\"",
          hint: Suggestion.hint(for: name, among: Self.known)
            ?? "Options are hdu, columns and nan.")
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

  /// A list of names, or one text with names between commas.
  private static func columns(_ value: Value?) throws(SQLError) -> [String] {
    var names: [String] = []
    switch value {
    case .text(let text):
      names = text.split(separator: ",").map { part in
        String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
    case .list(let values):
      for case .text(let name) in values { names.append(name) }
      if names.count != values.count { names = [] }
    default: break
    }
    guard !names.isEmpty, !names.contains("") else {
      throw SQLError(
        .invalidParameterValue, "option columns must be names", hint: "As in columns 'ra, dec'.")
    }
    return names
  }

  private static func keepsNaN(_ value: Value?) throws(SQLError) -> Bool {
    guard case .text(let text) = value, ["keep", "null"].contains(text.lowercased()) else {
      throw SQLError(.invalidParameterValue, "option nan must be 'keep' or 'null'")
    }
    return text.lowercased() == "keep"
  }
}
