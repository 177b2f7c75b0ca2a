import Vectors

/// Window functions that share partitions and order: for every row of the input one more column a
/// call. Rows come out in the order of the window.
public struct WindowPlan: Hashable, Sendable {
  public var partitions: [ScalarExpression]
  public var order: [SortKey]
  public var calls: [WindowCall]

  public init(partitions: [ScalarExpression], order: [SortKey], calls: [WindowCall]) {
    self.partitions = partitions
    self.order = order
    self.calls = calls
  }

  public var types: [LogicalType] { calls.map(\.type) }

  /// All expressions over the input.
  public var expressions: [ScalarExpression] {
    partitions + order.map(\.expression)
      + calls.flatMap { $0.arguments + ($0.filter.map { [$0] } ?? []) }
  }

  public func mappingExpressions<E: Error>(
    _ body: (ScalarExpression) throws(E) -> ScalarExpression
  ) throws(E) -> WindowPlan {
    var result = self
    for index in partitions.indices { result.partitions[index] = try body(partitions[index]) }
    for index in order.indices {
      result.order[index].expression = try body(order[index].expression)
    }
    for index in calls.indices {
      for argument in calls[index].arguments.indices {
        result.calls[index].arguments[argument] = try body(calls[index].arguments[argument])
      }
      if let filter = calls[index].filter { result.calls[index].filter = try body(filter) }
    }
    return result
  }
}

/// One window function, or an aggregate over the frame of each row.
public struct WindowCall: Hashable, Sendable {
  public var name: String
  public var isAggregate: Bool
  public var argumentTypes: [LogicalType]
  public var arguments: [ScalarExpression]
  public var filter: ScalarExpression?
  public var frame: WindowFrame
  public var type: LogicalType

  public init(
    name: String, isAggregate: Bool, argumentTypes: [LogicalType], arguments: [ScalarExpression],
    filter: ScalarExpression? = nil, frame: WindowFrame, type: LogicalType
  ) {
    self.name = name
    self.isAggregate = isAggregate
    self.argumentTypes = argumentTypes
    self.arguments = arguments
    self.filter = filter
    self.frame = frame
    self.type = type
  }
}

/// From which row to which a frame goes. CURRENT ROW means the row with all its peers, except among
/// rows.
public struct WindowFrame: Hashable, Sendable {
  public enum Units: String, Hashable, Sendable {
    case rows, range, groups
  }

  public enum Bound: Hashable, Sendable {
    case unboundedPreceding
    /// So many rows, or groups of peers.
    case preceding(Int)
    /// What ORDER BY's only value may be less than the current row's: a number, not negative.
    case precedingBy(Value)
    case currentRow
    case following(Int)
    case followingBy(Value)
    case unboundedFollowing
  }

  public var units: Units
  public var start: Bound
  public var end: Bound

  public init(units: Units, start: Bound, end: Bound) {
    self.units = units
    self.start = start
    self.end = end
  }

  /// Is the frame of every row its partition?
  public func isWholePartition(hasOrder: Bool) -> Bool {
    let allArePeers = units != .rows && !hasOrder
    let isStart = start == .unboundedPreceding || (allArePeers && start == .currentRow)
    let isEnd = end == .unboundedFollowing || (allArePeers && end == .currentRow)
    return isStart && isEnd
  }

  /// What SQL has where nothing is written: all rows up to the current one's last peer.
  public static let standard = WindowFrame(
    units: .range, start: .unboundedPreceding, end: .currentRow)
}
