import Base
import Engine
import HTTP

/// A query as its parameters describe it (TAP 1.1, section 2.7).
struct QueryRequest: Sendable {
  /// Value of the setting `dialect`.
  var dialect: String
  var query: String
  var format: TAPFormat
  /// Rows that the client wants at most, 0 for columns only; nil: all.
  var maximumRowCount: Int?

  /// What LANG takes, with the dialect of each.
  static let languages = [
    (name: "ADQL", dialect: "adql"), (name: "ADQL-2.0", dialect: "adql-2.0"),
    (name: "ADQL-2.1", dialect: "adql-2.1"), (name: "SQL", dialect: "sql"),
    (name: "POSTGRESQL", dialect: "sql"),
  ]

  init(
    _ parameters: TAPParameters, accepting accept: String?, rowLimit: Int?
  ) throws(TAPFault) {
    if let request = try parameters.value("REQUEST"), request.lowercased() != "doquery" {
      throw TAPFault(.badRequest, "request is not known: \"\(request)\"", hint: "It is doQuery.")
    }
    dialect = try Self.dialect(parameters)
    guard let query = try parameters.value("QUERY") else {
      throw TAPFault(.badRequest, "parameter is missing: QUERY")
    }
    guard parameters.values("UPLOAD").allSatisfy(\.isEmpty) else {
      throw TAPFault(
        .badRequest, SQLError(.featureNotSupported, "tables cannot be uploaded to this service"))
    }
    self.query = query
    format = try TAPFormat.wanted(by: parameters, accepting: accept)
    maximumRowCount = try Self.rowCount(parameters, limit: rowLimit)
  }

  private static func dialect(_ parameters: TAPParameters) throws(TAPFault) -> String {
    guard let name = try parameters.value("LANG") else {
      throw TAPFault(.badRequest, "parameter is missing: LANG", hint: "Say LANG=ADQL.")
    }
    let wanted = name.uppercased()
    guard let found = languages.first(where: { $0.name == wanted }) else {
      throw TAPFault(
        .badRequest, "unknown query language: \"\(name)\"",
        hint: "Known are \(languages.map(\.name).joined(separator: ", ")).")
    }
    return found.dialect
  }

  private static func rowCount(
    _ parameters: TAPParameters, limit: Int?
  ) throws(TAPFault) -> Int? {
    guard let text = try parameters.value("MAXREC") else { return limit }
    guard let count = Int(text), count >= 0 else {
      throw TAPFault(.badRequest, "MAXREC is not a number of rows: \"\(text)\"")
    }
    return limit.map { min($0, count) } ?? count
  }
}
