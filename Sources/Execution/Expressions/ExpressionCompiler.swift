import Base
import FunctionKit
import Functions
import Plans
import Sky
import Vectors

/// Turns bound expressions into nodes; functions are found again by name and argument types.
struct ExpressionCompiler: Sendable {
  let functions: FunctionSet
  /// The query's account, for the sets of IN lists.
  let memory: MemoryAccount

  func compile(_ expression: ScalarExpression) throws(SQLError) -> CompiledExpression {
    CompiledExpression(node: try node(expression), columns: expression.columns.sorted())
  }

  func compile(_ expressions: [ScalarExpression]) throws(SQLError) -> [CompiledExpression] {
    var result: [CompiledExpression] = []
    for expression in expressions { result.append(try compile(expression)) }
    return result
  }

  private func node(_ expression: ScalarExpression) throws(SQLError) -> any ExpressionNode {
    switch expression {
    case .column(let index, _): return ColumnNode(index: index)
    case .literal(let value, let type): return LiteralNode(value: value, type: type)
    case .parameter(let number, _):
      throw SQLError(.undefinedParameter, "parameter $\(number) has no value")
    case .call(let call): return try callNode(call)
    case .cast(let inner, let type): return try castNode(inner, type)
    case .field(let inner, let index, let type):
      return FieldNode(input: try node(inner), index: index, type: type)
    case .and(let terms): return ConnectiveNode(terms: try compile(terms), isAnd: true)
    case .or(let terms): return ConnectiveNode(terms: try compile(terms), isAnd: false)
    case .not(let inner): return NotNode(input: try node(inner))
    case .isNull(let inner, let isNegated):
      return IsNullNode(input: try node(inner), isNegated: isNegated)
    case .caseWhen(let branches, let otherwise, let type):
      return CaseNode(
        conditions: try compile(branches.map(\.condition)),
        results: try compile(branches.map(\.result)),
        otherwise: try otherwise.map { (other) throws(SQLError) in try compile(other) },
        type: type)
    case .inSet(let inner, let values, let hasNull):
      return InSetNode(
        input: try node(inner), set: try ValueSet(values, type: inner.type, memory: memory),
        hasNull: hasNull)
    case .like(let inner, let pattern, let escape, let isCaseInsensitive):
      return LikeNode(
        input: try node(inner),
        pattern: try LikePattern(
          pattern, escape: escape ?? "\\", ignoringCase: isCaseInsensitive))
    case .inCone(let lon, let lat, let cone):
      let test = ConeTest(
        lonDeg: cone.lonDeg, latDeg: cone.latDeg, radiusDeg: cone.radiusDeg,
        inclusive: cone.isInclusive)
      return ConeNode(lon: try node(lon), lat: try node(lat), test: test)
    }
  }

  private func callNode(_ call: FunctionCallExpression) throws(SQLError) -> any ExpressionNode {
    if call.name == "coalesce", !call.arguments.dropFirst().allSatisfy(Self.isPlain) {
      return CoalesceNode(arguments: try compile(call.arguments), type: call.type)
    }
    let resolved = try functions.resolveScalar(
      call.name, call.argumentTypes.map { ArgumentType($0) }, at: call.range)
    var arguments: [any ExpressionNode] = []
    for argument in call.arguments { arguments.append(try node(argument)) }
    return CallNode(
      function: resolved.function, arguments: arguments, type: call.type, range: call.range)
  }

  /// Has its value without being computed.
  private static func isPlain(_ expression: ScalarExpression) -> Bool {
    switch expression {
    case .column, .literal: true
    default: false
    }
  }

  private func castNode(
    _ inner: ScalarExpression, _ type: LogicalType
  ) throws(SQLError) -> any ExpressionNode {
    guard let kernel = Casts.kernel(from: inner.type, to: type) else {
      throw SQLError(.cannotCoerce, "cannot cast \(inner.type) to \(type)")
    }
    return CastNode(input: try node(inner), kernel: kernel, type: type)
  }
}
