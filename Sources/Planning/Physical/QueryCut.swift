import Base
import FunctionKit
import Plans
import Vectors

/// A query over one table, cut at its aggregation: what nodes compute of their tiles, and how the
/// merged answers become the query's.
///
/// A node groups each of its morsels by itself. Merging is adding (`count_`, `sum_`) or taking the
/// least or greatest (`min_`, `max_`) of the values of one key, in the order of the morsels: then
/// sums of floating-point numbers have the bits that one node alone would give.
public struct QueryCut: Sendable {
  public let scan: PhysicalScan
  /// What a fragment gives: `morsel`, `key_0` …, `count_2` ….
  public let names: [String]
  /// SQL over a table `merged` with these columns but `morsel`: the query's answer.
  public let finish: String
  private let input: PhysicalPlan
  private let groups: [ScalarExpression]
  private let calls: [AggregateCall]

  /// `names` are those of the query's columns. Throws `.featureNotSupported` for queries of another
  /// shape.
  public init(
    _ plan: PhysicalPlan, names outputNames: [String], functions: FunctionSet
  ) throws(SQLError) {
    var aggregation = plan
    var outputs = Array(outputNames.indices)
    if case .project(let input, let expressions) = plan {
      aggregation = input
      outputs = []
      for expression in expressions {
        guard case .column(let index, _) = expression else { throw Self.unsupported }
        outputs.append(index)
      }
    }
    guard case .aggregate(let input, let groups, let calls) = aggregation,
      let scan = input.onlyScan
    else { throw Self.unsupported }
    var pieces = Pieces(groupCount: groups.count)
    for call in calls { try pieces.add(call, functions) }
    self.input = input
    self.scan = scan
    self.groups = groups
    self.calls = pieces.calls
    names = ["morsel"] + pieces.names
    let answers = zip(outputs, outputNames).map { (index, name) in
      pieces.answers[index] + " AS " + name.quoted(by: "`")
    }
    finish = "SELECT " + answers.joined(separator: ", ") + " FROM merged"
  }

  /// What the node computes that has these morsels.
  public func fragment(_ morsels: Range<Int>) -> PhysicalPlan {
    .partialAggregate(input.scanning(morsels), groups: groups, calls)
  }

  private static let unsupported = SQLError(
    .featureNotSupported, "this query cannot be cut into fragments",
    hint: "Fragments take SELECT of keys, count, sum, avg, min and max FROM one table GROUP BY.")

  /// Columns of a fragment behind `morsel`, and what each column of the aggregation is made of.
  private struct Pieces {
    var names: [String]
    var answers: [String]
    var calls: [AggregateCall] = []

    init(groupCount: Int) {
      names = (0..<groupCount).map { "key_\($0)" }
      answers = names
    }

    mutating func add(_ call: AggregateCall, _ functions: FunctionSet) throws(SQLError) {
      switch call.name {
      case _ where call.isDistinct: throw unsupported
      case "count", "sum", "min", "max": answers.append(try add(call.name, call, functions))
      case "avg" where call.argumentTypes.allSatisfy { $0.isFloat || $0.isInteger }:
        let sum = try add("sum", call, functions)
        let count = try add("count", call, functions)
        answers.append(
          "CASE WHEN \(count) = 0 THEN NULL ELSE CAST(\(sum) AS double) / \(count) END")
      default: throw unsupported
      }
    }

    private mutating func add(
      _ name: String, _ call: AggregateCall, _ functions: FunctionSet
    ) throws(SQLError) -> String {
      var call = call
      call.name = name
      call.type = try functions.resolveAggregate(
        name, call.argumentTypes.map { ArgumentType($0) }, at: nil
      ).resultType
      calls.append(call)
      names.append("\(name)_\(names.count)")
      return names[names.count - 1]
    }
  }
}

extension PhysicalPlan {
  /// The scan at the end of a chain of filters and projections.
  fileprivate var onlyScan: PhysicalScan? {
    switch self {
    case .tableScan(let scan): scan
    case .filter(let input, _), .project(let input, _): input.onlyScan
    default: nil
    }
  }

  fileprivate func scanning(_ morsels: Range<Int>) -> PhysicalPlan {
    switch self {
    case .tableScan(var scan):
      scan.morsels = morsels
      return .tableScan(scan)
    case .filter(let input, let terms): return .filter(input.scanning(morsels), terms)
    case .project(let input, let expressions):
      return .project(input.scanning(morsels), expressions)
    default: return self
    }
  }
}
