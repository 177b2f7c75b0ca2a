import Vectors

/// A row for each element of lists: the input's row beside it, again and again. Of several lists the
/// longest decides; the others end with NULLs.
public struct UnnestPlan: Hashable, Sendable {
  /// A column that comes out behind those of the input.
  public enum Output: Hashable, Sendable {
    /// The element of a list.
    case element(Int)
    /// A field of the element of a list.
    case field(Int, Int)
    /// The number of the element, from 1.
    case ordinal
  }

  /// Over the input's columns.
  public var lists: [ScalarExpression]
  /// The input's columns that come out, in order.
  public var passed: [Int]
  public var outputs: [Output]
  /// A row without elements comes out once, with NULLs.
  public var isOuter: Bool

  public init(
    lists: [ScalarExpression], passed: [Int], outputs: [Output], isOuter: Bool
  ) {
    self.lists = lists
    self.passed = passed
    self.outputs = outputs
    self.isOuter = isOuter
  }

  /// The type of a list's elements; a map's are pairs of key and value.
  public static func elementType(of type: LogicalType) -> LogicalType? {
    switch type {
    case .list, .map: type.childTypes.first
    default: nil
    }
  }

  public func type(of output: Output) -> LogicalType {
    switch output {
    case .element(let list): Self.elementType(of: lists[list].type) ?? .null
    case .field(let list, let field):
      Self.elementType(of: lists[list].type)?.fieldType(field) ?? .null
    case .ordinal: .int64
    }
  }

  public var outputTypes: [LogicalType] { outputs.map(type(of:)) }

  public func types(over input: [LogicalType]) -> [LogicalType] {
    passed.map { input[$0] } + outputTypes
  }

  /// Over an input whose columns have other numbers.
  public func mappingColumns(_ map: (Int) -> Int) -> UnnestPlan {
    var result = self
    result.lists = lists.map { $0.mappingColumns(map) }
    result.passed = passed.map(map)
    return result
  }
}
