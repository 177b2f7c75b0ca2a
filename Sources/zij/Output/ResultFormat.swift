import Base
import Engine
import Formats
import Vectors

/// How results are written: the settings of `\pset` and of options such as `--csv`.
struct ResultFormat {
  enum Kind: String, CaseIterable { case aligned, unaligned, csv, tsv, json, jsonl, votable }

  var kind = Kind.aligned
  var table = TableStyle()
  var csvSeparator = ","

  /// Tables talk to people, the others to programs.
  var isTable: Bool { kind == .aligned || kind == .unaligned }

  func encoder(for columns: [ResultColumn], toTerminal: Bool) throws(SQLError) -> any RowEncoder {
    switch kind {
    case .aligned, .unaligned:
      var style = table
      style.layout = kind == .aligned ? .aligned : .unaligned
      style.escapesControls = toTerminal
      return style.encoder(for: columns)
    case .csv:
      return try begin(
        CSVFormat(), columns,
        [
          "delimiter": .text(csvSeparator), "null": .text(table.nullText),
          "header": .boolean(!table.tuplesOnly),
        ])
    case .tsv:
      return try begin(
        TSVFormat(), columns,
        ["null": .text(table.nullText), "header": .boolean(!table.tuplesOnly)])
    case .json: return try begin(JSONFormat(.array), columns, [:])
    case .jsonl: return try begin(JSONFormat(.lines), columns, [:])
    case .votable: return try begin(VOTableFormat(), columns, [:])
    }
  }

  private func begin(
    _ format: some FileWriter, _ columns: [ResultColumn], _ options: [String: Value?]
  ) throws(SQLError) -> any RowEncoder {
    try format.begin(columns, options: FileOptions(options))
  }
}

// MARK: Settings

extension ResultFormat {
  static let settingNames = [
    "csv_fieldsep", "expanded", "fieldsep", "footer", "format", "null", "recordsep", "tuples_only",
  ]

  /// Every setting as `\pset` shows it.
  var settings: [(name: String, value: String)] {
    [
      ("csv_fieldsep", "'\(csvSeparator)'"), ("expanded", Self.word(table.isExpanded)),
      ("fieldsep", "'\(Self.escaped(table.fieldSeparator))'"),
      ("footer", Self.word(table.hasFooter)),
      ("format", kind.rawValue), ("null", "'\(table.nullText)'"),
      ("recordsep", "'\(Self.escaped(table.recordSeparator))'"),
      ("tuples_only", Self.word(table.tuplesOnly)),
    ]
  }

  /// Changes a setting; a switch without a value turns over. Gives the words to say about it.
  mutating func set(_ name: String, to value: String?) throws(SQLError) -> String {
    switch name {
    case "format":
      guard let value, let wanted = Self.kind(named: value) else {
        let all = Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw SQLError(.invalidParameterValue, "formats are \(all)")
      }
      kind = wanted
      return "Output format is \(kind.rawValue)."
    case "expanded", "x":
      table.isExpanded = try Self.truth(value, now: table.isExpanded)
      return "Expanded display is \(Self.word(table.isExpanded))."
    case "tuples_only", "t":
      table.tuplesOnly = try Self.truth(value, now: table.tuplesOnly)
      return "Tuples only is \(Self.word(table.tuplesOnly))."
    case "footer":
      table.hasFooter = try Self.truth(value, now: table.hasFooter)
      return "Default footer is \(Self.word(table.hasFooter))."
    case "null":
      table.nullText = value ?? ""
      return "Null display is \"\(table.nullText)\"."
    case "fieldsep":
      table.fieldSeparator = value ?? "|"
      return "Field separator is \"\(table.fieldSeparator)\"."
    case "recordsep":
      table.recordSeparator = value ?? "\n"
      return "Record separator is \(table.recordSeparator == "\n" ? "<newline>" : "set")."
    case "csv_fieldsep":
      csvSeparator = value ?? ","
      return "Field separator for CSV is \"\(csvSeparator)\"."
    default:
      throw SQLError(
        .invalidParameterValue, "unknown setting of \\pset: \"\(name)\"",
        hint: Suggestion.hint(for: name, among: Self.settingNames)
          ?? "Settings are \(Self.settingNames.joined(separator: ", ")).")
    }
  }

  private static func kind(named text: String) -> Kind? {
    let word = text.lowercased()
    if let exact = Kind(rawValue: word) { return exact }
    let matches = Kind.allCases.filter { !word.isEmpty && $0.rawValue.hasPrefix(word) }
    return matches.count == 1 ? matches[0] : nil
  }

  static func truth(_ value: String?, now: Bool) throws(SQLError) -> Bool {
    switch value?.lowercased() {
    case nil: return !now
    case "on", "true", "yes", "1": return true
    case "off", "false", "no", "0": return false
    case .some(let other):
      throw SQLError(.invalidParameterValue, "on or off expected, not \"\(other)\"")
    }
  }

  static func word(_ value: Bool) -> String { value ? "on" : "off" }

  private static func escaped(_ text: String) -> String {
    text.map { $0 == "\n" ? "\\n" : $0 == "\t" ? "\\t" : String($0) }.joined()
  }
}
