import Base
import Vectors

/// An argument as overload resolution sees it.
public struct ArgumentType: Sendable, Hashable {
  public var type: LogicalType
  /// A string literal without a type of its own: it becomes whatever is wanted, text at last.
  public var isUntypedText: Bool

  public init(_ type: LogicalType, isUntypedText: Bool = false) {
    self.type = type
    self.isUntypedText = isUntypedText
  }
}

/// The overload that fits, the types its arguments must be cast to, and what comes out.
public struct ResolvedCall<Function: Sendable>: Sendable {
  public var function: Function
  public var argumentTypes: [LogicalType]
  public var resultType: LogicalType
}

extension FunctionSet {
  /// The cheapest scalar overload, or an error that lists what there is.
  public func resolveScalar(
    _ name: String, _ arguments: [ArgumentType], at range: SourceRange?
  ) throws(SQLError) -> ResolvedCall<ScalarFunction> {
    try resolve(
      name, scalars(named: name), arguments, range, signature: \.signature,
      shape: { ($0.parameters, $0.isVariadic, $0.result) })
  }

  public func resolveAggregate(
    _ name: String, _ arguments: [ArgumentType], at range: SourceRange?
  ) throws(SQLError) -> ResolvedCall<AggregateFunction> {
    try resolve(
      name, aggregates(named: name), arguments, range, signature: \.signature,
      shape: { ($0.parameters, false, $0.result) })
  }

  public func resolveWindow(
    _ name: String, _ arguments: [ArgumentType], at range: SourceRange?
  ) throws(SQLError) -> ResolvedCall<WindowFunction> {
    try resolve(
      name, windows(named: name), arguments, range, signature: \.signature,
      shape: { ($0.parameters, false, $0.result) })
  }

  private func resolve<F: Sendable>(
    _ name: String, _ candidates: [F], _ arguments: [ArgumentType], _ range: SourceRange?,
    signature: (F) -> String, shape: (F) -> ([Quantity], Bool, Quantity)
  ) throws(SQLError) -> ResolvedCall<F> {
    var best: (call: ResolvedCall<F>, cost: Int)?
    for candidate in candidates {
      let (parameters, isVariadic, result) = shape(candidate)
      guard
        let (types, cost) = OverloadMatch.match(parameters, isVariadic: isVariadic, arguments),
        cost < best?.cost ?? .max
      else { continue }
      let resultType = OverloadMatch.resultType(result.type, arguments: types)
      best = (ResolvedCall(function: candidate, argumentTypes: types, resultType: resultType), cost)
    }
    if let best { return best.call }
    let shown = arguments.map { $0.isUntypedText ? "text" : $0.type.description }
    let call = "\(name)(\(shown.joined(separator: ", ")))"
    guard candidates.isEmpty else {
      throw SQLError(
        .undefinedFunction, "function does not take these arguments: \(call)", at: range,
        hint: "There is " + candidates.map(signature).joined(separator: "; ") + ".")
    }
    throw SQLError(
      .undefinedFunction, "function does not exist: \(call)", at: range,
      hint: Suggestion.hint(for: name, among: names))
  }
}

enum OverloadMatch {
  /// The types the arguments must take and what that costs; nil if they do not fit.
  static func match(
    _ parameters: [Quantity], isVariadic: Bool, _ arguments: [ArgumentType]
  ) -> (types: [LogicalType], cost: Int)? {
    let enough = isVariadic ? arguments.count >= parameters.count - 1 : false
    guard enough || arguments.count == parameters.count else { return nil }
    var types: [LogicalType] = []
    var total = 0
    for (index, argument) in arguments.enumerated() {
      let parameter = parameters[min(index, parameters.count - 1)]
      guard let (type, cost) = fit(argument, parameter.type) else { return nil }
      types.append(type)
      total += cost
    }
    guard unify(parameters, &types), unifyElements(parameters, arguments, &types) else { return nil }
    return (types, total)
  }

  /// Gives lists and values that are compared with their elements a common type.
  private static func unifyElements(
    _ parameters: [Quantity], _ arguments: [ArgumentType], _ types: inout [LogicalType]
  ) -> Bool {
    for index in types.indices {
      guard case .elementOf(let list) = parameters[min(index, parameters.count - 1)].type else {
        continue
      }
      guard list < types.count, case .list(let element) = types[list] else { return false }
      let isFree = arguments[index].isUntypedText && element != .null
      guard let common = isFree ? element : Coercion.common(element, types[index]) else {
        return false
      }
      types[list] = .list(common)
      types[index] = common
    }
    return true
  }

  private static func fit(_ argument: ArgumentType, _ wanted: ParameterType)
    -> (LogicalType, Int)?
  {
    let type = argument.type
    switch wanted {
    case .exactly(let target):
      if argument.isUntypedText { return (target, target == .text ? 0 : 8) }
      return Coercion.cost(from: type, to: target).map { (target, $0) }
    case .any, .sameAs, .elementOf, .listOf, .decimalResult: return (type, 1)
    case .anyDecimal:
      if argument.isUntypedText { return (.decimal(precision: 38, scale: 10), 8) }
      return fitDecimal(type)
    case .anyNumber: return type.isNumeric || type == .null ? (type, 1) : nil
    case .anyOrdered:
      if case .list = type { return nil }
      if case .map = type { return nil }
      if case .structure = type { return nil }
      return type.isGeometry ? nil : (type, 1)
    case .anyList:
      if case .list = type { return (type, 1) }
      return nil
    }
  }

  private static func fitDecimal(_ type: LogicalType) -> (LogicalType, Int)? {
    let digits: Int
    switch type {
    case .decimal: return (type, 0)
    case .null: return (.decimal(precision: 38, scale: 10), 1)
    case .int8: digits = 3
    case .int16: digits = 5
    case .int32: digits = 10
    case .int64: digits = 19
    default: return nil
    }
    let target = LogicalType.decimal(precision: digits, scale: 0)
    return Coercion.cost(from: type, to: target).map { (target, $0) }
  }

  /// Gives all parameters that must agree (`sameAs` and the one they name) their common type.
  private static func unify(_ parameters: [Quantity], _ types: inout [LogicalType]) -> Bool {
    func parameter(_ index: Int) -> ParameterType { parameters[min(index, parameters.count - 1)].type }
    var members: [Int] = []
    for index in types.indices {
      guard case .sameAs(let other) = parameter(index) else { continue }
      if members.isEmpty { members.append(other) }
      members.append(index)
    }
    guard let first = members.first, first < types.count else { return true }
    var common = types[first]
    for member in members.dropFirst() {
      guard let wider = Coercion.common(common, types[member]) else { return false }
      common = wider
    }
    for member in members { types[member] = common }
    return true
  }

  static func resultType(_ result: ParameterType, arguments: [LogicalType]) -> LogicalType {
    switch result {
    case .exactly(let type): return type
    case .sameAs(let index): return index < arguments.count ? arguments[index] : .null
    case .elementOf(let index):
      if index < arguments.count, case .list(let element) = arguments[index] { return element }
      return .null
    case .listOf(let index): return .list(index < arguments.count ? arguments[index] : .null)
    case .decimalResult(let rule):
      guard let first = arguments.first else { return .null }
      return rule.type(first, arguments.count > 1 ? arguments[1] : first)
    default: return arguments.first ?? .null
    }
  }
}
