import Base
import FunctionKit
import Parsing
import Plans
import Vectors

/// The types of PostgreSQL's catalogues: `oid`, `regclass`, `name` and their like.
///
/// They are tags on columns (`SystemType`), not types of values: an `oid` is an integer, `regclass`
/// one that is shown as a table's name. This file is all that knows of them in the binder: a cast
/// from text looks the name up at once where it is a constant, a cast to text asks for the name, and
/// what leaves a statement is shown as text.
extension Binder {
  /// A cast that has to do with a system type; nil for all others.
  mutating func systemCast(
    _ bound: BoundExpression, _ name: TypeName, _ range: SourceRange
  ) throws(SQLError) -> BoundExpression? {
    let isOurs = LogicalType.named[name.name] != nil
    let key = name.arrayDepth > 0 ? "_\(name.name)" : name.name
    guard !isOurs, let (type, held) = SystemType.named(key) else {
      guard name.name == "text" || name.name == "varchar", let source = bound.column?.systemType
      else { return nil }
      return try shown(bound, source)
    }
    var result: BoundExpression
    if let kind = type.reference, bound.isUntyped || bound.type == .text {
      result = try object(named: bound, kind, range)
    } else {
      result = BoundExpression(try explicitCast(bound, to: held, range), range: range)
    }
    var column = bound.column ?? PlanColumn(name.name, held)
    column.type = held
    column.systemType = type
    result.column = column
    result.range = range
    return result
  }

  private mutating func explicitCast(
    _ bound: BoundExpression, to type: LogicalType, _ range: SourceRange
  ) throws(SQLError) -> ScalarExpression {
    if bound.isUntyped { return try coerce(bound, to: type) }
    return bound.type == type ? bound.expression : .cast(bound.expression, type)
  }

  /// The number of what a text names: a constant if the text is one, so that scans can use it.
  private mutating func object(
    named bound: BoundExpression, _ kind: ObjectKind, _ range: SourceRange
  ) throws(SQLError) -> BoundExpression {
    let name = try coerce(bound, to: .text)
    guard case .literal(.text(let text), _) = name, let facts = environment.facts else {
      return try call(
        "object_oid",
        [
          BoundExpression(.literal(.text(kind.rawValue), .text), range: range),
          BoundExpression(name, range: range),
        ], range)
    }
    do throws(SQLError) {
      guard let oid = try facts.names.oid(of: text, kind) else { throw kind.missing(text) }
      return BoundExpression(.literal(.integer(oid), .int32), range: range)
    } catch {
      throw error.at(range)
    }
  }

  /// Gives an untyped text beside a `regclass` or its like the number of what it names.
  mutating func withReferences(
    _ a: BoundExpression, _ b: BoundExpression
  ) throws(SQLError) -> (BoundExpression, BoundExpression) {
    if a.isUntyped, case .literal(.text, _) = a.expression,
      let kind = b.column?.systemType?.reference
    {
      return (try object(named: a, kind, a.range), b)
    }
    if b.isUntyped, case .literal(.text, _) = b.expression,
      let kind = a.column?.systemType?.reference
    {
      return (a, try object(named: b, kind, b.range))
    }
    return (a, b)
  }

  /// The text of a value of a system type; nil where it is its own text.
  private mutating func shown(
    _ bound: BoundExpression, _ type: SystemType
  ) throws(SQLError) -> BoundExpression? {
    func text(_ value: String) -> BoundExpression {
      BoundExpression(.literal(.text(value), .text), range: bound.range)
    }
    var result: BoundExpression
    if let kind = type.reference {
      result = try call("object_name", [text(kind.rawValue), bound], bound.range)
    } else if let kind = type.elementReference {
      result = try call("object_names", [text(kind.rawValue), bound], bound.range)
    } else if type.isPlainVector {
      result = try call("array_to_string", [bound, text(" ")], bound.range)
    } else {
      return nil
    }
    var column = bound.column
    column?.type = result.type
    column?.systemType = nil
    result.column = column
    return result
  }

  /// A statement's plan with all system types that are not shown as they are held turned into text.
  mutating func showingSystemTypes(_ plan: LogicalPlan) throws(SQLError) -> LogicalPlan {
    let columns = plan.columns
    let range = SourceRange(offset: 0, length: 0)
    var isChanged = false
    var expressions: [ScalarExpression] = []
    var shownColumns: [PlanColumn] = []
    for (index, column) in columns.enumerated() {
      var bound = BoundExpression(.column(index, column.type), column: column, range: range)
      if let type = column.systemType, let text = try shown(bound, type) {
        bound = text
        isChanged = true
      }
      expressions.append(bound.expression)
      shownColumns.append(bound.column ?? column)
    }
    return isChanged ? .project(plan, expressions, columns: shownColumns) : plan
  }

  /// What SQL calls without parentheses, where there is no column of that name.
  mutating func sessionValue(
    _ name: QualifiedName
  ) throws(SQLError) -> BoundExpression? {
    let names = [
      "current_user", "session_user", "user", "current_role", "current_catalog", "current_schema",
    ]
    let word = name.last.text.lowercased()
    guard name.parts.count == 1, !name.last.isDelimited, names.contains(word) else { return nil }
    var result = try call(word, [], name.range)
    result.column = PlanColumn(word, .text, systemType: .name)
    return result
  }
}
