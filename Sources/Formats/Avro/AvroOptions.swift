import Base
import Engine
import Vectors

/// The options of Avro: `framing => 'confluent'`, `schemas => 'directory'`, `schema => 'file.avsc'`,
/// `columns => (a, b)`.
struct AvroOptions: Sendable {
  /// Each file is one message of a topic, with the number of its schema before it.
  var isFramed = false
  /// Where numbered schemas lie.
  var schemaFolder: String?
  /// The file of the schema that rows are read as; nil: what all files have together.
  var readerSchema: String?
  /// The columns to offer, in this order; nil for all.
  var columns: [String]?

  private static let known = ["framing", "schemas", "schema", "columns"]

  init(_ options: FileOptions) throws(SQLError) {
    for (name, value) in options.values.sorted(by: { $0.key < $1.key }) {
      switch name {
      case "format": break
      case "framing":
        guard case .text(let text) = value, ["confluent", "none"].contains(text.lowercased()) else {
          throw SQLError(
            .invalidParameterValue, "option framing must be 'confluent' or 'none'")
        }
        isFramed = text.lowercased() == "confluent"
      case "schemas": schemaFolder = try Self.path(value, name)
      case "schema": readerSchema = try Self.path(value, name)
      case "columns": columns = try FileOptions.names(value, option: name)
      default: throw FileOptions.unknown(name, of: "Avro", known: Self.known)
      }
    }
  }

  private static func path(_ value: Value?, _ name: String) throws(SQLError) -> String {
    guard case .text(let text) = value, !text.isEmpty else {
      throw SQLError(.invalidParameterValue, "option \(name) must be a path in quotes")
    }
    return text
  }
}
