import Vectors

/// Which types turn into which by themselves, and what that costs. Widening numbers is free of loss
/// but for int64 to floating point, which SQL allows all the same.
public enum Coercion {
  private static func rank(_ type: LogicalType) -> Int? {
    switch type {
    case .int8: 0
    case .int16: 1
    case .int32: 2
    case .int64: 3
    case .decimal: 4
    case .float32: 5
    case .float64: 6
    default: nil
    }
  }

  /// The cost of using a `from` where a `to` is wanted; 0 for the same type, nil if impossible
  /// without a cast.
  public static func cost(from: LogicalType, to: LogicalType) -> Int? {
    if from == to { return 0 }
    if from == .null { return 1 }
    if let a = rank(from), let b = rank(to) {
      if case .decimal = from, case .decimal = to { return 1 }
      // A wide integer goes to double rather than to float32, which keeps 7 digits only.
      if to == .float32, a >= 2, a <= 4 { return b > a ? 20 : nil }
      return b > a ? (b - a) * 2 : nil
    }
    switch (from, to) {
    case (.date, .timestamp): return 2
    case (.list(let a), .list(let b)): return cost(from: a, to: b)
    case (.structure(let a), .structure(let b)) where a.count == b.count:
      var total = 0
      for (x, y) in zip(a, b) {
        guard let cost = cost(from: x.type, to: y.type) else { return nil }
        total += cost
      }
      return total
    default: return nil
    }
  }

  /// The type both sides of a comparison, UNION or CASE take: the cheaper widening of one to the
  /// other, or nil.
  public static func common(_ a: LogicalType, _ b: LogicalType) -> LogicalType? {
    if a == b { return a }
    if case .decimal(let p1, let s1) = a, case .decimal(let p2, let s2) = b {
      let scale = max(s1, s2)
      return .decimal(precision: min(38, max(p1 - s1, p2 - s2) + scale), scale: scale)
    }
    if let wide = rank(a), let other = rank(b), wide == 5 || other == 5, min(wide, other) >= 2,
      min(wide, other) <= 4
    {
      return .float64
    }
    if cost(from: a, to: b) != nil { return b }
    if cost(from: b, to: a) != nil { return a }
    return nil
  }
}
