/// Sines of angles in degrees as polynomials, so that every machine and every path, scalar or
/// vectorised, gets the same bits; the C library's differ between versions.
///
/// The coefficients are minimax fits of sin(x°)/x in x², made with the Remez exchange in 60-digit
/// arithmetic (`Tests/SkyTests/oracle/sine.py`).
@usableFromInline
enum Sine {
  /// Sine of `x` degrees, |x| <= 90; error below 3 ulp (measured 2.7). Odd, exactly 0 at 0 and 1
  /// at 90.
  @inlinable @inline(__always)
  static func ofDegrees(_ x: Double) -> Double {
    let t = x * x
    var sum = 3.520145584173806e-45
    sum = sum * t - 3.2465321082357806e-39
    sum = sum * t + 2.2393530016935308e-33
    sum = sum * t - 1.1468201048811355e-27
    sum = sum * t + 4.141267415178486e-22
    sum = sum * t - 9.78838486158418e-17
    sum = sum * t + 1.3496016231632278e-11
    sum = sum * t - 8.86096155701298e-07
    // The low part of π/180 rides along with the small terms: without it the first product alone
    // would cost half an ulp more.
    return x * 0.017453292519943295 + x * (sum * t + 2.9036823284085e-19)
  }

  /// Sine for |x| <= 45 degrees; relative error 4e-18 before rounding.
  @inlinable @inline(__always)
  static func ofDegreesTo45(_ x: Double) -> Double {
    let t = x * x
    var sum = 2.2163722387173323e-33
    sum = sum * t - 1.146755972630654e-27
    sum = sum * t + 4.141266526856574e-22
    sum = sum * t - 9.788384855269597e-17
    sum = sum * t + 1.349601623161096e-11
    sum = sum * t - 8.860961557012952e-07
    return x * 0.017453292519943295 + x * (sum * t + 2.3706327384510524e-19)
  }

  /// Sine for |x| <= 24.2 degrees, half the colatitude of a polar cap; relative error 3e-18
  /// before rounding.
  @inlinable @inline(__always)
  static func ofDegreesTo24(_ x: Double) -> Double {
    let t = x * x
    var sum = -1.1428872979266779e-27
    sum = sum * t + 4.141241480747973e-22
    sum = sum * t - 9.788384782731224e-17
    sum = sum * t + 1.3496016231524029e-11
    sum = sum * t - 8.860961557012926e-07
    return x * 0.017453292519943295 + x * (sum * t + 2.5022260657038675e-19)
  }

  /// Sine for |x| <= 90 degrees with a relative error up to `roughError`: for filters that let an
  /// exact test decide what is close.
  @inlinable @inline(__always)
  static func roughlyOfDegrees(_ x: Double) -> Double {
    let t = x * x
    var sum = -1.0926306628809585e-27
    sum = sum * t + 4.1362559139379397e-22
    sum = sum * t - 9.788169265257974e-17
    sum = sum * t + 1.3496012000167815e-11
    sum = sum * t - 8.860961526261335e-07
    sum = sum * t + 0.017453292519574153
    return x * sum
  }

  /// Bound of the relative error of `roughlyOfDegrees`.
  @usableFromInline static let roughError = 2.2e-11
}
