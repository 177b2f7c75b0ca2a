import FunctionKit

/// Every built-in function, one line a family.
public enum BuiltInFunctions {
  public static let all: FunctionSet = {
    var set = FunctionSet()
    set.add(Operators.functions)
    set.add(Decimals.functions)
    set.add(Comparisons.functions)
    set.add(Counts.functions)
    set.add(Sums.functions)
    set.add(Extremes.functions)
    return set
  }()
}
