import Base
import Vectors

/// A function in FROM: constant arguments in, rows out.
public struct TableFunction: Sendable {
  public var name: String
  public var parameters: [Quantity]
  /// How many parameters at the end may be left out.
  public var optionalCount: Int
  public var columns: [StructField]
  public var summary: String
  /// Whole queries.
  public var examples: [Example]
  /// Starts a run; arguments have the parameters' types, missing ones are absent.
  public var open: @Sendable (_ arguments: [Value]) throws(SQLError) -> any BatchGenerator

  public init(
    _ name: String, takes parameters: Quantity..., optional optionalCount: Int = 0,
    returns columns: [StructField], summary: String, examples: [Example] = [],
    open: @escaping @Sendable ([Value]) throws(SQLError) -> any BatchGenerator
  ) {
    self.name = name
    self.parameters = parameters
    self.optionalCount = optionalCount
    self.columns = columns
    self.summary = summary
    self.examples = examples
    self.open = open
  }

  public var signature: String {
    let result = columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
    let list = parameters.map { "\($0.name) \(FunctionSignature.text($0))" }
    return "\(name)(\(list.joined(separator: ", "))) → table(\(result))"
  }
}

/// Gives batches until there are no more.
public protocol BatchGenerator: AnyObject {
  func next() throws(SQLError) -> Batch?
}
