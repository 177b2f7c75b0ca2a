import Base
import Parsing
import Plans
import Vectors

/// The relations that names can refer to, in FROM order, with the positions of their columns.
struct Scope {
  struct Relation {
    /// Alias or table name, by which its columns can be qualified.
    var name: String
    var schema: String?
    var columns: [Column]
  }

  struct Column {
    var column: PlanColumn
    /// Position in the rows of the FROM clause.
    var index: Int
    /// Not part of `*`: hidden columns, and the right one of a pair merged by USING.
    var isHidden: Bool
    /// The right one of a pair merged by USING: found only with its qualifier.
    var isMerged = false

    func shifted(by distance: Int) -> Column {
      var result = self
      result.index += distance
      return result
    }

    func bound(at range: SourceRange) -> BoundExpression {
      BoundExpression(.column(index, column.type), column: column, range: range)
    }
  }

  var relations: [Relation] = []

  /// How many columns the rows have.
  var width: Int { relations.reduce(0) { $0 + $1.columns.count } }

  /// The scope of a join's rows: the left relations, then the right ones behind them.
  func joined(with right: Scope) -> Scope {
    var result = self
    let shift = width
    for relation in right.relations {
      var moved = relation
      for index in moved.columns.indices { moved.columns[index].index += shift }
      result.relations.append(moved)
    }
    return result
  }

  /// Makes columns answer to their qualified names only.
  mutating func hideMerged(_ indices: Set<Int>) {
    for relation in relations.indices {
      for column in relations[relation].columns.indices
      where indices.contains(relations[relation].columns[column].index) {
        relations[relation].columns[column].isMerged = true
      }
    }
  }

  /// Finds a column by its possibly qualified name.
  func resolve(_ name: QualifiedName) throws(SQLError) -> Column {
    let wanted = name.last
    let candidates = try relations(for: name)
    var matches = matches(wanted, in: candidates, exactly: true)
    if matches.isEmpty || !wanted.isDelimited {
      matches = self.matches(wanted, in: candidates, exactly: false)
    }
    if name.parts.count == 1, matches.count > 1 {
      let unmerged = matches.filter { !$0.column.isMerged }
      if !unmerged.isEmpty { matches = unmerged }
    }
    if matches.count > 1 {
      let names = matches.map { "\($0.relation).\($0.column.column.name)" }
      throw SQLError(
        .ambiguousColumn, "column is ambiguous: \"\(name.text)\"", at: name.range,
        hint: "It could be \(names.joined(separator: " or ")).")
    }
    guard let match = matches.first else { throw undefined(name, in: candidates) }
    return match.column
  }

  private func relations(for name: QualifiedName) throws(SQLError) -> [Relation] {
    guard name.parts.count > 1 else { return relations }
    let qualifier = name.parts[name.parts.count - 2]
    let schema = name.parts.count > 2 ? name.parts[name.parts.count - 3].text.lowercased() : nil
    let found = relations.filter { relation in
      relation.name.lowercased() == qualifier.text.lowercased()
        && (schema == nil || relation.schema?.lowercased() == schema)
    }
    if found.isEmpty {
      throw SQLError(
        .undefinedTable, "no table of that name in FROM: \"\(qualifier.text)\"",
        at: qualifier.range,
        hint: Suggestion.hint(for: qualifier.text, among: relations.map(\.name)))
    }
    return found
  }

  private func matches(
    _ wanted: Identifier, in relations: [Relation], exactly: Bool
  ) -> [(relation: String, column: Column)] {
    let folded = wanted.text.lowercased()
    var result: [(relation: String, column: Column)] = []
    for relation in relations {
      for column in relation.columns
      where exactly
        ? column.column.name == wanted.text : column.column.name.lowercased() == folded
      {
        result.append((relation.name, column))
      }
    }
    return result
  }

  private func undefined(_ name: QualifiedName, in relations: [Relation]) -> SQLError {
    let names = relations.flatMap { $0.columns.filter { !$0.isHidden }.map(\.column.name) }
    let hint =
      Suggestion.hint(for: name.last.text, among: names)
      ?? (relations.isEmpty ? "There is no FROM clause." : nil)
    return SQLError(
      .undefinedColumn, "column does not exist: \"\(name.text)\"", at: name.last.range, hint: hint)
  }

  /// The column at a position, for messages.
  func name(ofColumn index: Int) -> String {
    for relation in relations {
      if let column = relation.columns.first(where: { $0.index == index }) {
        return "\(relation.name).\(column.column.name)"
      }
    }
    return "column \(index + 1)"
  }
}
