import Base
import Vectors

/// One overload of a scalar function: everything about it in one value.
///
/// Name resolution, `\df`, the documentation page, completion and the example, NULL and batch-size
/// tests all derive from these values.
public struct ScalarFunction: Sendable {
  public var name: String
  public var aliases: [String]
  public var parameters: [Quantity]
  /// The last parameter may be repeated, also zero times.
  public var isVariadic: Bool
  public var result: Quantity
  public var summary: String
  public var details: String?
  /// Where the definition comes from: a paper, a standard.
  public var source: String?
  /// How exact the answer is, for numerical functions.
  public var errorBound: String?
  public var examples: [Example]
  public var nulls: NullRule
  /// The same arguments always give the same answer, so constants may be folded.
  public var isDeterministic: Bool
  public var kernel: Kernel

  public init(
    _ name: String, aliases: [String] = [], takes parameters: Quantity..., variadic: Bool = false,
    returns result: Quantity, summary: String, details: String? = nil, source: String? = nil,
    errorBound: String? = nil, examples: [Example] = [], nulls: NullRule = .propagate,
    isDeterministic: Bool = true, kernel: Kernel
  ) {
    self.name = name
    self.aliases = aliases
    self.parameters = parameters
    self.isVariadic = variadic
    self.result = result
    self.summary = summary
    self.details = details
    self.source = source
    self.errorBound = errorBound
    self.examples = examples
    self.nulls = nulls
    self.isDeterministic = isDeterministic
    self.kernel = kernel
  }

  /// `name(a double precision, b integer) → double precision`.
  public var signature: String {
    FunctionSignature.text(
      name: name, parameters: parameters, isVariadic: isVariadic, result: result)
  }

  /// The answer for `count` rows. `arguments` have the parameters' types and `count` rows each.
  public func evaluate(
    _ arguments: [Vector], count: Int, returning type: LogicalType, in context: FunctionContext
  ) throws(SQLError) -> Vector {
    if nulls == .propagate, arguments.contains(where: \.isConstantNull) {
      return Vector.nulls(type, count: count)
    }
    if isDeterministic, count > 1, !arguments.isEmpty, arguments.allSatisfy(\.isConstant) {
      let single = arguments.map { $0.resizedConstant(1) }
      let answer = try kernel.evaluate(single, 1, type, context)
      return Vector.constant(answer.value(at: 0), type: type, count: count)
    }
    return try kernel.evaluate(arguments, count, type, context)
  }
}

/// What a function does with NULL arguments.
public enum NullRule: Sendable {
  /// Any NULL argument makes the answer NULL.
  case propagate
  /// The kernel decides.
  case custom
}

/// What a kernel needs to know of the query it runs in.
public struct FunctionContext: Sendable {
  public enum DomainErrors: Sendable {
    /// An error for the first row that is outside the function's domain (`sql`).
    case raise
    /// NULL with a counted warning (`adql`).
    case null
  }

  public var domainErrors: DomainErrors
  public var warnings: WarningCounter
  /// Where the call stands in the text.
  public var range: SourceRange?
  /// The session and its catalogue; nil where constants are folded and in tests of kernels.
  public var facts: (any SessionFacts)?
  /// The query that is running: its cancellation, deadline and memory; nil as for `facts`.
  public var query: QueryContext?
  /// A constant is computed before any query runs. Then a checkpoint throws, and the call stays a
  /// call: what works long does so where it can be cancelled.
  public var isFolding = false

  public init(
    domainErrors: DomainErrors = .raise, warnings: WarningCounter = WarningCounter(),
    range: SourceRange? = nil, facts: (any SessionFacts)? = nil, query: QueryContext? = nil
  ) {
    self.facts = facts
    self.query = query
    self.domainErrors = domainErrors
    self.warnings = warnings
    self.range = range
  }
}

enum FunctionSignature {
  static func text(
    name: String, parameters: [Quantity], isVariadic: Bool, result: Quantity
  ) -> String {
    var list = parameters.map { "\($0.name) \(text($0))" }
    if isVariadic, let last = list.popLast() { list.append(last + ", …") }
    return "\(name)(\(list.joined(separator: ", "))) → \(text(result))"
  }

  static func text(_ quantity: Quantity) -> String {
    let type: String
    switch quantity.type {
    case .exactly(let logical): type = logical.description
    case .any: type = "any"
    case .anyNumber: type = "number"
    case .anyOrdered: type = "any ordered"
    case .sameAs: type = "same"
    case .anyList: type = "list"
    case .elementOf: type = "element"
    case .listOf: type = "list"
    case .anyDecimal, .decimalResult: type = "decimal"
    }
    return quantity.unit.map { "\(type) [\($0)]" } ?? type
  }
}
