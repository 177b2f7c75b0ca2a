import Base
import Engine
import Formats
import HTTP
import Vectors

/// A form in which results are given.
struct TAPFormat: Sendable {
  enum Kind: Sendable { case votable(VOTableFormat.Serialization), csv, tsv, json, jsonLines }

  var kind: Kind
  /// The header Content-Type.
  var mediaType: String
  /// What FORMAT and RESPONSEFORMAT call it besides `mediaType`, lower case.
  var names: [String]
  var identifier: String?

  private static let registry = "ivo://ivoa.net/std/TAPRegExt#output-votable-"

  /// All of them; the first is the default.
  static let all = [
    TAPFormat(
      kind: .votable(.tabledata), mediaType: "application/x-votable+xml",
      names: [
        "votable", "votable/td", "text/xml", "application/x-votable+xml;serialization=tabledata",
      ], identifier: registry + "td"),
    TAPFormat(
      kind: .votable(.binary2), mediaType: "application/x-votable+xml;serialization=BINARY2",
      names: ["votable/b2", "binary2", "text/xml;serialization=binary2"],
      identifier: registry + "binary2"),
    TAPFormat(kind: .csv, mediaType: "text/csv;header=present", names: ["csv", "text/csv"]),
    TAPFormat(kind: .tsv, mediaType: "text/tab-separated-values", names: ["tsv"]),
    TAPFormat(kind: .json, mediaType: "application/json", names: ["json"]),
    TAPFormat(
      kind: .jsonLines, mediaType: "application/x-ndjson", names: ["jsonl", "ndjson"]),
  ]

  /// The format that the parameters ask for, or else the header Accept.
  static func wanted(
    by parameters: TAPParameters, accepting accept: String?
  ) throws(TAPFault) -> TAPFormat {
    if let name = try parameters.value("RESPONSEFORMAT") { return try named(name) }
    if let name = try parameters.value("FORMAT") { return try named(name) }
    for part in (accept ?? "").split(separator: ",") {
      // Browsers take any XML, but it is tables of the VO that they would get.
      guard let type = MediaType(String(part)), type.name != "text/xml" else { continue }
      if let format = find(String(part)) { return format }
    }
    return all[0]
  }

  static func named(_ name: String) throws(TAPFault) -> TAPFormat {
    if let format = find(name) { return format }
    throw TAPFault(
      .badRequest, "output format is not known: \"\(name)\"",
      hint: "Known are \(all.compactMap(\.names.first).joined(separator: ", ")).")
  }

  private static func find(_ text: String) -> TAPFormat? {
    let wanted = text.lowercased().filter { !$0.isWhitespace }
    for var format in all {
      guard format.mediaType.lowercased() == wanted || format.names.contains(wanted) else {
        continue
      }
      // Who asks for XML by that name shows it as such.
      if wanted.hasPrefix("text/xml") { format.mediaType = "text/xml" }
      return format
    }
    return nil
  }

  var isVOTable: Bool {
    if case .votable = kind { return true }
    return false
  }

  func encoder(_ columns: [ResultColumn]) throws(SQLError) -> any RowEncoder {
    switch kind {
    case .votable(let serialization): return VOTableEncoder(columns, serialization)
    case .csv: return try CSVFormat().begin(columns, options: FileOptions())
    case .tsv: return try TSVFormat().begin(columns, options: FileOptions())
    case .json: return try JSONFormat(.array).begin(columns, options: FileOptions())
    case .jsonLines: return try JSONFormat(.lines).begin(columns, options: FileOptions())
    }
  }
}
