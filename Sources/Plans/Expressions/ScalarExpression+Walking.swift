import FunctionKit
import Vectors

extension ScalarExpression {
  public var children: [ScalarExpression] {
    switch self {
    case .column, .literal, .parameter: []
    case .call(let call): call.arguments
    case .cast(let inner, _), .field(let inner, _, _), .not(let inner), .isNull(let inner, _), .inSet(let inner, _, _),
      .like(let inner, _, _, _):
      [inner]
    case .and(let terms), .or(let terms): terms
    case .caseWhen(let branches, let otherwise, _):
      branches.flatMap { [$0.condition, $0.result] } + (otherwise.map { [$0] } ?? [])
    case .inCone(let lon, let lat, _): [lon, lat]
    }
  }

  /// The same node over other children, as many as `children` has.
  public func replacingChildren(_ new: [ScalarExpression]) -> ScalarExpression {
    switch self {
    case .column, .literal, .parameter: return self
    case .call(var call):
      call.arguments = new
      return .call(call)
    case .cast(_, let type): return .cast(new[0], type)
    case .field(_, let index, let type): return .field(new[0], index, type)
    case .not: return .not(new[0])
    case .isNull(_, let isNegated): return .isNull(new[0], isNegated: isNegated)
    case .inSet(_, let values, let hasNull): return .inSet(new[0], values, hasNull: hasNull)
    case .like(_, let pattern, let escape, let isCaseInsensitive):
      return .like(
        new[0], pattern: pattern, escape: escape, isCaseInsensitive: isCaseInsensitive)
    case .and: return .and(new)
    case .or: return .or(new)
    case .caseWhen(let branches, let otherwise, let type):
      let pairs = branches.indices.map {
        CaseBranch(condition: new[2 * $0], result: new[2 * $0 + 1])
      }
      return .caseWhen(pairs, otherwise: otherwise == nil ? nil : new[new.count - 1], type)
    case .inCone(_, _, let cone): return .inCone(lon: new[0], lat: new[1], cone)
    }
  }

  /// Rewrites bottom up: children first, then the node itself.
  public func rewritten<E: Error>(
    _ rule: (ScalarExpression) throws(E) -> ScalarExpression
  ) throws(E) -> ScalarExpression {
    let old = children
    if old.isEmpty { return try rule(self) }
    var new: [ScalarExpression] = []
    new.reserveCapacity(old.count)
    for child in old { new.append(try child.rewritten(rule)) }
    return try rule(replacingChildren(new))
  }

  /// The input columns this expression reads.
  public func collectColumns(into columns: inout Set<Int>) {
    if case .column(let index, _) = self { columns.insert(index) }
    for child in children { child.collectColumns(into: &columns) }
  }

  public var columns: Set<Int> {
    var result: Set<Int> = []
    collectColumns(into: &result)
    return result
  }

  /// Renumbers columns.
  public func mappingColumns(_ map: (Int) -> Int) -> ScalarExpression {
    rewritten { node in
      if case .column(let index, let type) = node { return .column(map(index), type) }
      return node
    }
  }

  /// Columns replaced by the expressions that compute them.
  public func replacingColumns(by expressions: [ScalarExpression]) -> ScalarExpression {
    rewritten { node in
      if case .column(let index, _) = node, expressions.indices.contains(index) {
        return expressions[index]
      }
      return node
    }
  }

  /// True if computing it again gives the same value.
  public func isDeterministic(_ functions: FunctionSet) -> Bool {
    if case .call(let call) = self, !functions.isDeterministic(call.name) { return false }
    return children.allSatisfy { $0.isDeterministic(functions) }
  }

  /// True without columns and parameters.
  public var isConstant: Bool {
    switch self {
    case .column, .parameter: false
    default: children.allSatisfy(\.isConstant)
    }
  }

  /// The terms of a conjunction, or the expression alone.
  public var conjuncts: [ScalarExpression] {
    if case .and(let terms) = self { return terms.flatMap(\.conjuncts) }
    return [self]
  }

  /// The conjunction of `terms`; nil for none.
  public static func conjunction(_ terms: [ScalarExpression]) -> ScalarExpression? {
    terms.count <= 1 ? terms.first : .and(terms)
  }
}
