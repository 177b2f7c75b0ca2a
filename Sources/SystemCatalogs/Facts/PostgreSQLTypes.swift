import Catalog
import Vectors

/// The types that PostgreSQL's clients expect to find, with PostgreSQL's numbers.
enum PostgreSQLTypes {
  /// A row of `pg_type`; functions are numbers, 0 for none.
  struct Entry: Sendable {
    var oid: Int64
    var name: String
    var schema = "pg_catalog"
    var length: Int64
    var isByValue: Bool
    var kind: String
    var category: String
    var isPreferred: Bool
    var delimiter: String
    var subscriptFunction: Int64
    var element: Int64
    var array: Int64
    /// Input, output, receive, send, modifier in, modifier out, analyze.
    var functions: [Int64]
    var alignment: String
    var storage: String
    var collation: Int64
  }

  /// By number.
  static let all: [Entry] = {
    var plain: [Entry] = []
    for line in facts.split(separator: "\n").reduce(into: [String](), join) {
      if let entry = entry(line) { plain.append(entry) }
    }
    plain += own
    let arrays = plain.filter { $0.array != 0 && $0.category != "A" }.map(array)
    return (plain + arrays).sorted { $0.oid < $1.oid }
  }()

  static let byOID: [Int64: Entry] = Dictionary(
    all.map { ($0.oid, $0) }, uniquingKeysWith: { (first, _) in first })

  static let byName: [String: Entry] = Dictionary(
    all.map { ($0.name, $0) }, uniquingKeysWith: { (first, _) in first })

  private static func join(_ lines: inout [String], _ line: Substring) {
    if line.hasPrefix(" "), let last = lines.popLast() {
      lines.append(last + line)
    } else {
      lines.append(String(line))
    }
  }

  private static func entry(_ line: String) -> Entry? {
    let words = line.split(separator: " ")
    guard words.count == 21 else { return nil }
    func number(_ index: Int) -> Int64 { Int64(words[index]) ?? 0 }
    func text(_ index: Int) -> String { String(words[index]) }
    func function(_ index: Int) -> Int64 { PostgreSQLFunctions.oid(text(index)) }
    return Entry(
      oid: number(0), name: text(1), length: number(2), isByValue: words[3] == "t", kind: text(4),
      category: text(5), isPreferred: words[6] == "t", delimiter: text(7),
      subscriptFunction: function(8), element: number(9), array: number(10),
      functions: (11...17).map(function), alignment: text(18), storage: text(19),
      collation: number(20))
  }

  private static func array(_ element: Entry) -> Entry {
    let names = ["array_in", "array_out", "array_recv", "array_send"]
    return Entry(
      oid: element.array, name: "_\(element.name)", schema: element.schema, length: -1,
      isByValue: false, kind: "b", category: "A", isPreferred: false,
      delimiter: element.delimiter,
      subscriptFunction: PostgreSQLFunctions.oid("array_subscript_handler"), element: element.oid,
      array: 0,
      functions: names.map(PostgreSQLFunctions.oid) + element.functions[4...5]
        + [PostgreSQLFunctions.oid("array_typanalyze")],
      alignment: element.alignment == "d" ? "d" : "i", storage: "x", collation: element.collation)
  }

  /// Shapes on the sky. Clients get them as text.
  private static let own: [Entry] = [PostgresType.point, .circle, .polygon].map { type in
    let names = ["textin", "textout", "textrecv", "textsend", "-", "-", "-"]
    return Entry(
      oid: Int64(type.oid), name: type.name, schema: "zij", length: -1, isByValue: false, kind: "b",
      category: "U", isPreferred: false, delimiter: ",", subscriptFunction: 0, element: 0,
      array: Int64(type.arrayOID), functions: names.map(PostgreSQLFunctions.oid), alignment: "i", storage: "x",
      collation: 0)
  }

  /// SQL's names of types whose names in `pg_type` are others.
  static let sqlNames: [String: String] = [
    "bool": "boolean", "char": "\"char\"", "bpchar": "character", "varchar": "character varying",
    "int2": "smallint", "int4": "integer", "int8": "bigint", "float4": "real",
    "float8": "double precision", "numeric": "numeric", "bit": "bit", "varbit": "bit varying",
    "time": "time without time zone", "timetz": "time with time zone",
    "timestamp": "timestamp without time zone", "timestamptz": "timestamp with time zone",
  ]

  private static let names: [String: String] = Dictionary(
    sqlNames.map { ($1, $0) }
      + [("int", "int4"), ("decimal", "numeric"), ("float", "float8"), ("char", "bpchar"),
        ("timestamp", "timestamp")],
    uniquingKeysWith: { (first, _) in first })

  /// The type of a name: in SQL, in `pg_type`, or of an array with brackets.
  static func named(_ text: String) -> Entry? {
    var name = text
    var isArray = false
    while name.hasSuffix("[]") {
      name.removeLast(2)
      isArray = true
    }
    for schema in ["pg_catalog.", "zij."] where name.hasPrefix(schema) {
      name.removeFirst(schema.count)
    }
    if let open = name.firstIndex(of: "(") { name = String(name[..<open]) }
    guard let found = byName[names[name] ?? name] ?? byName[name] else { return nil }
    return isArray ? byOID[found.array] : found
  }

  /// PostgreSQL's `format_type`.
  static func text(_ oid: Int64, modifier: Int64?) -> String? {
    guard let entry = byOID[oid] else {
      // The only column of a type that is a table's row.
      return oid == 10_028 ? "pg_statistic[]" : nil
    }
    if entry.category == "A", entry.functions.first == PostgreSQLFunctions.oid("array_in"),
      let element = text(entry.element, modifier: modifier)
    {
      return element + "[]"
    }
    let name = sqlNames[entry.name] ?? entry.name
    guard let modifier, modifier >= 0 else { return name }
    switch entry.name {
    case "numeric" where modifier >= 4:
      return "numeric(\((modifier - 4) >> 16),\((modifier - 4) & 0x7ff))"
    case "varchar", "bpchar": return "\(name)(\(modifier - 4))"
    default: return name
    }
  }
}

/// Functions that built-in types and access methods are made of.
enum PostgreSQLFunctions {
  struct Entry: Sendable {
    let oid: Int64
    let name: String
    let result: Int64
    let arguments: [Int64]
  }

  static let all: [Entry] = facts.split { $0 == " " || $0 == "\n" }.compactMap { word in
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 4, let oid = Int64(parts[0]), let result = Int64(parts[2]) else {
      return nil
    }
    return Entry(
      oid: oid, name: String(parts[1]), result: result,
      arguments: parts[3].split(separator: ",").compactMap { Int64($0) })
  }

  private static let byName: [String: Int64] = Dictionary(
    all.map { ($0.name, $0.oid) }, uniquingKeysWith: { (first, _) in first })

  /// 0 for a name that is none.
  static func oid(_ name: String) -> Int64 { byName[name] ?? 0 }
}
