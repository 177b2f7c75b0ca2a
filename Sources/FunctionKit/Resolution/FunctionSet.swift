import Base
import Vectors

/// All functions of an engine, found by name without regard to case. Other modules and programs add
/// their own families with `adding`.
public struct FunctionSet: Sendable {
  public private(set) var scalars: [ScalarFunction] = []
  public private(set) var aggregates: [AggregateFunction] = []
  public private(set) var windows: [WindowFunction] = []
  public private(set) var tables: [TableFunction] = []
  private var scalarsByName: [String: [Int]] = [:]
  private var aggregatesByName: [String: [Int]] = [:]
  private var windowsByName: [String: [Int]] = [:]
  private var tablesByName: [String: Int] = [:]

  public init() {}

  public mutating func add(_ functions: [ScalarFunction]) {
    for function in functions {
      for name in [function.name] + function.aliases {
        scalarsByName[name.lowercased(), default: []].append(scalars.count)
      }
      scalars.append(function)
    }
  }

  public mutating func add(_ functions: [AggregateFunction]) {
    for function in functions {
      for name in [function.name] + function.aliases {
        aggregatesByName[name.lowercased(), default: []].append(aggregates.count)
      }
      aggregates.append(function)
    }
  }

  public mutating func add(_ functions: [WindowFunction]) {
    for function in functions {
      windowsByName[function.name.lowercased(), default: []].append(windows.count)
      windows.append(function)
    }
  }

  public mutating func add(_ functions: [TableFunction]) {
    for function in functions {
      tablesByName[function.name.lowercased()] = tables.count
      tables.append(function)
    }
  }

  public func scalars(named name: String) -> [ScalarFunction] {
    (scalarsByName[name.lowercased()] ?? []).map { scalars[$0] }
  }

  /// False if some scalar function of this name may answer the same arguments differently.
  public func isDeterministic(_ name: String) -> Bool {
    scalars(named: name).allSatisfy(\.isDeterministic)
  }

  public func aggregates(named name: String) -> [AggregateFunction] {
    (aggregatesByName[name.lowercased()] ?? []).map { aggregates[$0] }
  }

  public func windows(named name: String) -> [WindowFunction] {
    (windowsByName[name.lowercased()] ?? []).map { windows[$0] }
  }

  public func table(named name: String) -> TableFunction? {
    tablesByName[name.lowercased()].map { tables[$0] }
  }

  /// Every name that can be called, lower case.
  public var names: [String] {
    Array(scalarsByName.keys) + Array(aggregatesByName.keys)
      + Array(windowsByName.keys) + Array(tablesByName.keys)
  }
}
