import Engine

/// Where bound rows are to be stored, as the options `adbc.ingest.…` say.
struct Ingestion {
  private static let prefix = "adbc.ingest."
  private var values: [String: String] = [:]

  var table: String? { values["target_table"] }
  var schema: String? { values["target_db_schema"] }
  var mode: Session.IngestMode {
    switch values["mode"] {
    case "adbc.ingest.mode.append": .append
    case "adbc.ingest.mode.create_append": .createOrAppend
    default: .create
    }
  }

  /// False if the option has nothing to do with storing.
  mutating func set(_ key: String, _ value: String?) throws(DriverError) -> Bool {
    guard key.hasPrefix(Self.prefix) else { return false }
    let name = String(key.dropFirst(Self.prefix.utf8.count))
    switch (name, value) {
    case ("target_table", _), ("target_db_schema", _), ("temporary", "false"),
      ("mode", "adbc.ingest.mode.create"), ("mode", "adbc.ingest.mode.append"),
      ("mode", "adbc.ingest.mode.create_append"), ("target_catalog", nil),
      ("target_catalog", Metadata.catalog):
      values[name] = value
    case ("mode", "adbc.ingest.mode.replace"):
      throw DriverError(
        .notImplemented, "a table cannot be replaced in one step: drop it, then create it")
    case ("target_catalog", _):
      throw DriverError(.notFound, "there is one catalog, \"\(Metadata.catalog)\"")
    case ("temporary", _):
      throw DriverError(.notImplemented, "there are no temporary tables")
    default:
      throw DriverError(.invalidArgument, "option \"\(key)\" cannot be \"\(value ?? "")\"")
    }
    return true
  }

  func option(_ key: String) -> String? {
    key.hasPrefix(Self.prefix) ? values[String(key.dropFirst(Self.prefix.utf8.count))] : nil
  }
}
