import Vectors

/// The documentation page of a set of functions, printed from the functions themselves.
public enum FunctionDocumentation {
  public static func markdown(_ functions: FunctionSet) -> String {
    var page = "# Functions\n\n"
    page += "This page is printed from the functions in `Functions/`; a test compares the two.\n"
    page += "\n## Scalar functions and operators\n"
    page += sections(functions.scalars, name: \.name) { overloads in
      entry(
        signatures: overloads.map(\.signature), aliases: overloads.flatMap(\.aliases),
        notes: overloads.map(notes), examples: overloads.flatMap(\.examples))
    }
    page += "\n## Aggregate functions\n"
    page += sections(functions.aggregates, name: \.name) { overloads in
      entry(
        signatures: overloads.map(\.signature), aliases: overloads.flatMap(\.aliases),
        notes: overloads.map { [$0.summary, $0.details, $0.source.map { "Source: \($0)." }] },
        examples: overloads.flatMap(\.examples))
    }
    page += "\n## Window functions\n"
    page += "\nThey need OVER; every aggregate is one, too.\n"
    page += sections(functions.windows, name: \.name) { overloads in
      entry(
        signatures: overloads.map(\.signature), aliases: [],
        notes: overloads.map { [$0.summary, $0.details] }, examples: overloads.flatMap(\.examples))
    }
    page += "\n## Table functions\n"
    page += sections(functions.tables, name: \.name) { overloads in
      entry(
        signatures: overloads.map(\.signature), aliases: [], notes: overloads.map { [$0.summary] },
        examples: overloads.flatMap(\.examples))
    }
    return page
  }

  private static func notes(_ function: ScalarFunction) -> [String?] {
    [
      function.summary, function.details, function.errorBound.map { "Error: \($0)." },
      function.source.map { "Source: \($0)." },
    ]
  }

  /// One section a name, in alphabetical order.
  private static func sections<F>(
    _ functions: [F], name: (F) -> String, _ body: ([F]) -> String
  ) -> String {
    let groups = Dictionary(grouping: functions, by: name)
    return groups.keys.sorted().reduce(into: "") { page, key in
      page += "\n### `\(key)`\n\n" + body(groups[key] ?? [])
    }
  }

  private static func entry(
    signatures: [String], aliases: [String], notes: [[String?]], examples: [Example]
  ) -> String {
    var text = unique(signatures).map { "    \($0)\n" }.joined()
    for note in unique(notes.map { $0.compactMap { $0 }.joined(separator: " ") }) {
      text += "\n\(note)\n"
    }
    if !aliases.isEmpty {
      text += "\nAlso: " + unique(aliases).map { "`\($0)`" }.joined(separator: ", ") + ".\n"
    }
    if !examples.isEmpty { text += "\n" }
    for example in unique(examples) {
      text += "- `\(example.sql)` → `\(example.answer)`"
      text += example.tolerance > 0 ? " (± \(example.tolerance))\n" : "\n"
    }
    return text
  }

  private static func unique<T: Hashable>(_ values: [T]) -> [T] {
    var seen: Set<T> = []
    return values.filter { seen.insert($0).inserted }
  }
}
