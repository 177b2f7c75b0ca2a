import FunctionKit

/// Every built-in function, one line a family.
public enum BuiltInFunctions {
  public static let all: FunctionSet = {
    var set = FunctionSet()
    set.add(Operators.functions)
    set.add(Bits.functions)
    set.add(Decimals.functions)
    set.add(Comparisons.functions)
    set.add(Conditionals.functions)
    set.add(Maths.functions)
    set.add(Trigonometry.functions)
    set.add(Strings.functions)
    set.add(Matching.functions)
    set.add(Quoting.functions)
    set.add(Dates.functions)
    set.add(Lists.functions)
    set.add(Arrays.functions)
    set.add(Shapes.functions)
    set.add(Regions.functions)
    set.add(Cells.functions)
    set.add(Astrometry.functions)
    set.add(ObjectReferences.functions)
    set.add(SessionFunctions.functions)
    set.add(Definitions.functions)
    set.add(Privileges.functions)
    set.add(Sizes.functions)
    set.add(Counts.functions)
    set.add(Sums.functions)
    set.add(Extremes.functions)
    set.add(Moments.functions)
    set.add(Quantiles.functions)
    set.add(Collections.functions)
    set.add(Windows.functions)
    set.add(Series.tables)
    return set
  }()
}
