import Base
import Engine
import Vectors

/// What formats do alike with their options.
extension FileOptions {
  /// The error for an option that a format does not have; `known` are those that it has.
  public static func unknown(_ name: String, of format: String, known: [String]) -> SQLError {
    let guess = Suggestion.hint(for: name, among: known).map { $0 + " " } ?? ""
    let list = known.dropLast().joined(separator: ", ")
    let all = known.count < 2
      ? known.first.map { "The only option is \($0)." } ?? "It has no options."
      : "Options are \(list) and \(known[known.count - 1])."
    return SQLError(
      .invalidParameterValue, "unknown option for \(format): \"\(VisibleText.line(name))\"",
      hint: guess + all)
  }

  /// Refuses every option but FORMAT.
  public func refuseAll(of format: String) throws(SQLError) {
    for name in values.keys.sorted() where name != "format" {
      throw Self.unknown(name, of: format, known: [])
    }
  }

  /// A list of names, or one text with names between commas: `columns => (ra, dec)`.
  public static func names(_ value: Value?, option: String) throws(SQLError) -> [String] {
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
        .invalidParameterValue, "option \(option) must be names",
        hint: "As in \(option) => (ra, dec).")
    }
    return names
  }

  /// `nan => 'keep'`: whether NaN stays NaN; with 'null' it is NULL.
  public static func keepsNaN(_ value: Value?) throws(SQLError) -> Bool {
    guard case .text(let text) = value, ["keep", "null"].contains(text.lowercased()) else {
      throw SQLError(.invalidParameterValue, "option nan must be 'keep' or 'null'")
    }
    return text.lowercased() == "keep"
  }
}
