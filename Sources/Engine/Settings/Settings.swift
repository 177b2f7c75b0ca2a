import Base
import Parsing

/// The settings of a session: names, defaults and what they accept.
struct Settings: Sendable {
  private var values: [String: String] = [:]

  private static let known: [(name: String, initial: String, summary: String)] = [
    ("dialect", "sql", "sql, adql, adql-2.1 or adql-2.0"),
    ("memory_limit", "0", "memory of one query, e.g. 256MB; 0 for the database's limit"),
    ("queue", "interactive", "interactive, or batch: takes the cores that interactive queries leave"),
    ("statement_timeout", "0", "milliseconds, or with a unit: 30s, 5min; 0 for none, at most 24d"),
    ("application_name", "", "shown to other users"),
    ("client_encoding", "UTF8", "always UTF8"),
    ("datestyle", "ISO", "always ISO"),
    ("timezone", "UTC", "always UTC"),
  ]

  /// What a session's settings may take: 4 MiB.
  private static let mostValues = 1000
  private static let longestValueBytes = 4096

  static var names: [String] { known.map(\.name) }

  var all: [(name: String, value: String, summary: String)] {
    Self.known.map { ($0.name, self[$0.name] ?? "", $0.summary) }
  }

  /// Names with a point in them belong to whoever made them up.
  subscript(name: String) -> String? {
    let folded = name.lowercased()
    if let value = values[folded] { return value }
    if let setting = Self.known.first(where: { $0.name == folded }) { return setting.initial }
    return FixedSettings.ignored[folded] ?? FixedSettings.all[folded]
  }

  private static func isKnown(_ folded: String) -> Bool {
    known.contains { $0.name == folded } || FixedSettings.ignored[folded] != nil
      || folded.contains(".") && folded.utf8.count <= 128
  }

  /// Changes a setting; nil gives it its initial value again.
  mutating func set(
    _ name: String, to value: String?, at range: SourceRange?
  ) throws(SQLError) {
    let folded = name.lowercased()
    if FixedSettings.all[folded] != nil {
      throw SQLError(
        .objectNotInPrerequisiteState, "setting cannot be changed: \"\(name)\"", at: range)
    }
    guard Self.isKnown(folded) else { throw Self.undefined(name, at: range) }
    guard let value else {
      values[folded] = nil
      return
    }
    // Those that we know are few.
    let isMadeUp = folded.contains(".") && values[folded] == nil
    guard !isMadeUp || values.count < Self.mostValues else {
      throw SQLError(
        .programLimitExceeded, "a session has at most \(Self.mostValues) settings", at: range)
    }
    guard value.utf8.count <= Self.longestValueBytes else {
      throw SQLError(
        .programLimitExceeded,
        "a setting has at most \(Self.longestValueBytes) bytes, not \(value.utf8.count)", at: range)
    }
    try Self.check(folded, value, at: range)
    values[folded] = value
  }

  static func undefined(_ name: String, at range: SourceRange?) -> SQLError {
    SQLError(
      .undefinedObject, "setting does not exist: \"\(name)\"", at: range,
      hint: Suggestion.hint(for: name, among: names) ?? "SHOW ALL lists them.")
  }

  private static func check(
    _ name: String, _ value: String, at range: SourceRange?
  ) throws(SQLError) {
    let isGood: Bool
    switch name {
    case "dialect": isGood = Dialect(rawValue: value.lowercased()) != nil
    case "queue": isGood = QueryClassName.parse(value) != nil
    case "memory_limit": isGood = sizeBytes(value) != nil
    case "statement_timeout": isGood = durationMS(value).map { $0 <= longestTimeoutMS } ?? false
    case "client_encoding": isGood = ["utf8", "utf-8", "unicode"].contains(value.lowercased())
    case "timezone": isGood = ["utc", "gmt", "z"].contains(value.lowercased())
    case "datestyle": isGood = value.lowercased().hasPrefix("iso")
    default: isGood = true
    }
    guard isGood else {
      let summary = known.first { $0.name == name }?.summary ?? ""
      throw SQLError(
        .invalidParameterValue, "\(name) does not take this value: \"\(value)\"", at: range,
        hint: "It takes \(summary).")
    }
  }

  var dialect: Dialect { Dialect(rawValue: (self["dialect"] ?? "sql").lowercased()) ?? .sql }

  var queryClass: QueryClass { QueryClassName.parse(self["queue"] ?? "") ?? .interactive }

  /// Nil without a limit.
  var memoryLimitBytes: Int? {
    Self.sizeBytes(self["memory_limit"] ?? "0").flatMap { $0 == 0 ? nil : $0 }
  }

  /// As PostgreSQL has it; sums with the clock's nanoseconds are far from their end.
  private static let longestTimeoutMS = Int(Int32.max)

  /// Nil without a timeout; at most 24.8 days.
  var timeoutMS: Int? {
    Self.durationMS(self["statement_timeout"] ?? "0").flatMap { $0 == 0 ? nil : $0 }
  }

  /// "256MB", "1GiB", "1000": bytes; kB, MB, GB, TB are powers of 1024 as in PostgreSQL.
  static func sizeBytes(_ text: String) -> Int? {
    number(
      text,
      units: [
        "": 1, "b": 1, "kb": 1 << 10, "kib": 1 << 10, "mb": 1 << 20, "mib": 1 << 20,
        "gb": 1 << 30, "gib": 1 << 30, "tb": 1 << 40, "tib": 1 << 40,
      ])
  }

  static func durationMS(_ text: String) -> Int? {
    number(
      text, units: ["": 1, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000])
  }

  private static func number(_ text: String, units: [String: Int]) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
    guard let value = Int(digits), let factor = units[unit] else { return nil }
    let (product, overflow) = value.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
  }
}

enum QueryClassName {
  static func parse(_ text: String) -> QueryClass? {
    switch text.lowercased() {
    case "interactive": .interactive
    case "batch": .batch
    default: nil
    }
  }
}
