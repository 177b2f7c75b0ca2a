import Base
import Parsing
import Plans
import Vectors

/// A query around the subquery being bound, as the subquery sees it.
struct OuterQuery {
  /// In the subquery's plan, what it takes from around it is column `firstColumn + k`.
  static let firstColumn = 1 << 40

  let scope: Scope
  /// What the subquery takes, over the rows of the query around it: its columns, or what that one
  /// in turn takes from farther out.
  var captured: [ScalarExpression] = []
  /// The aggregates of that query so far, where it may have some, and the clause it is in.
  var aggregates: AggregateCollector?
  var clause = ""
  /// Has it taken over aggregates from the subquery? Then some of what is captured may be of no use.
  var tookAggregates = false

  init(scope: Scope) { self.scope = scope }

  /// The number of an expression among those that are taken.
  mutating func capture(_ expression: ScalarExpression) -> Int {
    if let known = captured.firstIndex(of: expression) { return known }
    captured.append(expression)
    return captured.count - 1
  }
}

/// A subquery inside an expression, bound, before it is joined to the rows around it.
struct SubqueryCall {
  enum Kind {
    /// Its only row, NULLs for none.
    case row
    /// A function in the select list that gives rows: all of them. They are the elements of this list,
    /// too.
    case rows(list: Expression)
    /// `SELECT unnest(list)`: a row for each element.
    case elements(ScalarExpression)
    case exists
    /// Is the operand among the values of its only column?
    case contains(operand: ScalarExpression)
  }

  var kind: Kind
  var plan: LogicalPlan
  /// What it takes from the rows around it, over these.
  var captured: [ScalarExpression]
  /// The types of what it stands for.
  var types: [LogicalType]
  var range: SourceRange
  /// Inside the argument of an aggregate: joined to the rows before they are grouped.
  var isInput = false

  /// A function in the select list that makes several rows of one.
  var givesRows: Bool {
    switch kind {
    case .rows, .elements: true
    case .row, .exists, .contains: false
    }
  }

  /// The expressions over the rows around it.
  var outerExpressions: [ScalarExpression] {
    switch kind {
    case .contains(let operand), .elements(let operand): return captured + [operand]
    case .row, .rows, .exists: return captured
    }
  }

  func mappingOuter<E: Error>(
    _ body: (ScalarExpression) throws(E) -> ScalarExpression
  ) throws(E) -> SubqueryCall {
    var result = self
    for index in captured.indices { result.captured[index] = try body(captured[index]) }
    switch kind {
    case .contains(let operand): result.kind = .contains(operand: try body(operand))
    case .elements(let list): result.kind = .elements(try body(list))
    case .row, .rows, .exists: break
    }
    return result
  }
}

/// Collects the subqueries of one clause while its expressions are bound.
struct SubqueryCollector {
  /// Value k is column `firstPlaceholder - k` until its place is known: far below window functions.
  static let firstPlaceholder = -(1 << 50)

  private(set) var calls: [SubqueryCall] = []
  /// By call: the number of its first value.
  private(set) var firsts: [Int] = []
  private var valueCount = 0
  /// Inside the argument of an aggregate.
  var bindsInput = false

  /// The placeholders of the call's values.
  mutating func add(_ call: SubqueryCall) -> [ScalarExpression] {
    var call = call
    call.isInput = bindsInput
    calls.append(call)
    firsts.append(valueCount)
    let first = valueCount
    valueCount += call.types.count
    return call.types.enumerated().map { .column(Self.firstPlaceholder - first - $0, $1) }
  }

  /// From now on the call's rows are the elements of a list.
  mutating func takeRows(of number: Int, from list: ScalarExpression) {
    calls[number].kind = .elements(list)
    calls[number].plan = .singleRow
  }

  mutating func moveToInput(_ number: Int) { calls[number].isInput = true }

  /// The call whose value a placeholder is.
  func call(ofPlaceholder index: Int) -> Int? {
    guard index <= Self.firstPlaceholder else { return nil }
    let value = Self.firstPlaceholder - index
    return firsts.lastIndex { $0 <= value }
  }

  /// The numbers of the calls in an expression.
  func calls(in expression: ScalarExpression) -> Set<Int> {
    Set(expression.columns.compactMap(call))
  }
}

extension ScalarExpression {
  /// True if a placeholder of a subquery is inside.
  var containsSubquery: Bool { columns.contains { $0 <= SubqueryCollector.firstPlaceholder } }

  /// True if something from a query around this one is inside.
  var isCorrelated: Bool { columns.contains { $0 >= OuterQuery.firstColumn } }

  /// Renumbers the columns of the query itself; what comes from around it stays.
  func mappingOwnColumns(_ map: (Int) -> Int) -> ScalarExpression {
    mappingColumns { $0 >= OuterQuery.firstColumn || $0 < 0 ? $0 : map($0) }
  }
}
