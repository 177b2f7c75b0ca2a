import Catalog
import FunctionKit
import Storage
import Vectors

/// The rows of a system table: records, and how columns come from them. A column without a rule is
/// NULL, or what stands for nothing in its type where it must not be NULL.
struct Rows {
  /// Makes the part of a table with these columns and this number.
  let part: ([ColumnDefinition], Int64) -> any TablePart
  let count: Int

  typealias Rule<Record> = @Sendable (Record) -> Value

  /// `key`: the column by which the records ascend, if any.
  init<Record: Sendable>(
    _ records: [Record], ascendingBy key: (column: String, value: @Sendable (Record) -> Int64)? = nil,
    _ rules: [String: Rule<Record>]
  ) {
    count = records.count
    part = { (columns, tableOID) in
      let keyColumn = key.flatMap { key in
        columns.firstIndex { $0.name == key.column }.map { (column: $0, value: key.value) }
      }
      return RecordPart(
        records,
        columns: columns.map { column -> RecordPart<Record>.Column in
          let isNumber = column.name == "tableoid"
          let nothing = isNumber ? Value.integer(tableOID) : Self.nothing(column)
          return (column.type, rules[column.name] ?? { _ in nothing })
        }, key: keyColumn)
    }
  }

  private static func nothing(_ column: ColumnDefinition) -> Value {
    if column.isNullable { return .null }
    switch column.type {
    case .boolean: return .boolean(false)
    case .int8, .int16, .int32, .int64: return .integer(0)
    case .float32: return .float32(0)
    case .float64: return .float64(0)
    case .text: return .text("")
    case .list: return .list([])
    case .timestamp: return .timestamp(0)
    default: return .null
    }
  }

  static var none: Rows { Rows([Never](), [:]) }
}

/// What the rules of one query's rows may look at.
struct RowContext: Sendable {
  let image: CatalogueImage
  let facts: (any SessionFacts)?

  var databaseName: String { facts?.databaseName ?? "zij" }
  var userName: String { facts?.userName ?? "zij" }
}

extension Value {
  static func optional(_ text: String?) -> Value { text.map { .text($0) } ?? .null }
  static func integers(_ numbers: [Int64]) -> Value { .list(numbers.map { .integer($0) }) }
  static func texts(_ texts: [String]) -> Value { .list(texts.map { .text($0) }) }
}

/// The number of the only owner there is.
let ownerOID: Int64 = 10
