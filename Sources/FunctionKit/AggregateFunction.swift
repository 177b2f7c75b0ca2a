import Base
import Vectors

/// One overload of an aggregate function.
public struct AggregateFunction: Sendable {
  public var name: String
  public var aliases: [String]
  /// Empty for `count(*)`.
  public var parameters: [Quantity]
  public var result: Quantity
  public var summary: String
  public var details: String?
  public var source: String?
  /// Each an expression over `FROM (VALUES …) AS t(x)`: `Example("avg(x) of 1, 2, NULL", …)` is not
  /// runnable, so examples are whole queries here.
  public var examples: [Example]
  /// What no rows give: NULL for most, 0 for counts.
  public var emptyValue: Value
  /// Makes the states of all groups of one query part, for arguments of these types.
  public var makeState: @Sendable (_ types: [LogicalType]) -> any AggregateState

  public init(
    _ name: String, aliases: [String] = [], takes parameters: Quantity..., returns result: Quantity,
    summary: String, details: String? = nil, source: String? = nil, examples: [Example] = [],
    empty emptyValue: Value = .null,
    state makeState: @escaping @Sendable ([LogicalType]) -> any AggregateState
  ) {
    self.name = name
    self.aliases = aliases
    self.parameters = parameters
    self.result = result
    self.summary = summary
    self.details = details
    self.source = source
    self.examples = examples
    self.emptyValue = emptyValue
    self.makeState = makeState
  }

  public var signature: String {
    FunctionSignature.text(name: name, parameters: parameters, isVariadic: false, result: result)
  }
}

/// The states of one aggregate for groups 0, 1, 2 …, held column-wise.
///
/// Merge law, tested for every aggregate: however rows are split into parts that keep their order,
/// merging the parts' states in order gives the state of all rows (floating-point sums up to
/// rounding, everything else exactly). NULL inputs are ignored unless the function says otherwise.
public protocol AggregateState: AnyObject {
  /// Makes room for `groupCount` groups; new ones are empty. Never shrinks.
  func resize(groupCount: Int)
  /// Row i of the inputs goes to `groups[i]`.
  func update(_ inputs: [Vector], groups: UnsafePointer<UInt32>, count: Int) throws(SQLError)
  /// Rows `start ..< start + count` of the inputs go to one group.
  func update(_ inputs: [Vector], from start: Int, count: Int, group: Int) throws(SQLError)
  /// Group i of `other`, a state of the same kind, is merged into `mapping[i]`, for i of `groups`:
  /// called for all groups of `other`, some thousand at a time and from 0 on, with a mapping of them
  /// all. `other` may share its values from then on and must not be changed any more.
  func merge(_ other: any AggregateState, mapping: UnsafePointer<UInt32>, groups: Range<Int>)
    throws(SQLError)
  /// Called once before `finish`, by one thread, with all groups there: for what takes long. Calls
  /// `checkpoint` now and then, which may stop it.
  func prepareToFinish(checkpoint: () throws(SQLError) -> Void) throws(SQLError)
  /// The answers of groups `range`, as a flat vector of `type`.
  func finish(_ range: Range<Int>, as type: LogicalType) throws(SQLError) -> Vector
  /// The same with a checkpoint now and then, for answers that take long.
  func finish(
    _ range: Range<Int>, as type: LogicalType, checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) -> Vector
  /// Memory held, for the query's account.
  var sizeBytes: Int { get }
  /// The states of groups 0 ..< groupCount as bytes, so that they can travel or be spilled.
  func serialise(groupCount: Int, into out: inout ByteWriter)
  /// Replaces all states by those of the bytes.
  func deserialise(groupCount: Int, from bytes: inout ByteReader) throws(SQLError)
}

extension AggregateState {
  public func prepareToFinish(checkpoint: () throws(SQLError) -> Void) throws(SQLError) {}

  public func finish(
    _ range: Range<Int>, as type: LogicalType, checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) -> Vector {
    try finish(range, as: type)
  }
}
