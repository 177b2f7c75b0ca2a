import Base

/// The operands and operators of a query's body in the order of the text, until they get their shape.
struct SetOperands {
  struct Symbol {
    var kind: SetOperation.Operator
    var isAll: Bool
    var range: SourceRange
  }

  private struct Part {
    var body: QueryBody
    var range: SourceRange
    var top: Expression?
  }

  var operators: [Symbol] = []
  private var parts: [Part] = []

  mutating func append(_ body: QueryBody, _ range: SourceRange, top: Expression? = nil) {
    parts.append(Part(body: body, range: range, top: top))
  }

  /// The whole, and TOP of an only SELECT; TOP of one among several limits that one alone.
  func combined() -> (body: QueryBody, top: Expression?)? {
    guard let first = parts.first, parts.count == operators.count + 1 else { return nil }
    if operators.isEmpty { return (first.body, first.top) }
    // Chains of INTERSECT first, then what is between them.
    var operands: [(body: QueryBody, range: SourceRange)] = []
    var links: [Symbol] = []
    var index = 0
    while index < parts.count {
      var chain: [SetOperation.Link] = []
      let start = index
      while index < operators.count, operators[index].kind == .intersect {
        chain.append(Self.link(operators[index], body(parts[index + 1])))
        index += 1
      }
      operands.append(Self.chain(body(parts[start]), parts[start].range, chain, parts[index].range))
      if index < operators.count { links.append(operators[index]) }
      index += 1
    }
    let rest = zip(links, operands.dropFirst()).map { Self.link($0, $1.body) }
    let last = operands[operands.count - 1].range
    return (Self.chain(operands[0].body, operands[0].range, rest, last).body, nil)
  }

  private func body(_ part: Part) -> QueryBody {
    guard let top = part.top else { return part.body }
    var query = Query(body: part.body, range: part.range)
    query.limit = top
    return .nested(query)
  }

  private static func link(_ symbol: Symbol, _ operand: QueryBody) -> SetOperation.Link {
    SetOperation.Link(
      symbol: symbol.kind, isAll: symbol.isAll, operand: operand, range: symbol.range)
  }

  private static func chain(
    _ first: QueryBody, _ start: SourceRange, _ rest: [SetOperation.Link], _ end: SourceRange
  ) -> (body: QueryBody, range: SourceRange) {
    if rest.isEmpty { return (first, start) }
    let range = start.union(end)
    return (.setOperation(SetOperation(first: first, rest: rest, range: range)), range)
  }
}
