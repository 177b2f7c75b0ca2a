import Base
import Glibc
import Vectors

/// Columns of random values, the same in every run.
struct SampleColumns {
  let rowCount: Int
  private let random: SeededRandom

  init(rowCount: Int = Batch.capacity, seed: UInt64 = 1) {
    self.rowCount = rowCount
    random = SeededRandom(seed: seed)
  }

  /// Evenly spread over 0 ..< 1.
  private func fraction() -> Double { Double(random.next() >> 11) * 0x1p-53 }

  private func fixed<T>(_ type: LogicalType, _ value: (Int) -> T) -> Vector {
    let vector = Vector(type: type, count: rowCount)
    let target = vector.values(as: T.self)
    for row in 0..<rowCount { target[row] = value(row) }
    return vector
  }

  /// Doubles with all their digits.
  func doubles(below limit: Double = 1) -> Vector { fixed(.float64) { _ in fraction() * limit } }

  /// Doubles with three digits behind the point, as magnitudes have.
  func magnitudes() -> Vector {
    fixed(.float64) { _ in (fraction() * 20_000).rounded() / 1000 }
  }

  func integers(below limit: Int) -> Vector {
    fixed(.int64) { _ in Int64(random.next(below: limit)) }
  }

  func shortIntegers(below limit: Int) -> Vector {
    fixed(.int32) { _ in Int32(random.next(below: limit)) }
  }

  /// Ascending numbers with uneven gaps, as identifiers have.
  func identifiers() -> Vector {
    var last: Int64 = 1 << 40
    return fixed(.int64) { _ in
      last += Int64(random.next(below: 1000))
      return last
    }
  }

  /// Degrees, evenly on the sphere together with `latitudes`.
  func longitudes() -> Vector { doubles(below: 360) }

  func latitudes() -> Vector {
    fixed(.float64) { _ in asin(2 * fraction() - 1) * 180 / .pi }
  }

  /// Degrees within `radius` of `center`.
  func near(_ center: Double, radius: Double) -> Vector {
    fixed(.float64) { _ in center + (2 * fraction() - 1) * radius }
  }

  /// `distinctCount` different words of 6 to 13 bytes.
  func words(distinctCount: Int) -> Vector {
    let builder = VectorBuilder(type: .text)
    for _ in 0..<rowCount {
      let number = random.next(below: distinctCount)
      var word = "star-" + String(number, radix: 36)
      word.withUTF8 { _ = builder.append(bytes: UnsafeRawBufferPointer($0)) }
    }
    return builder.finish()
  }

  /// One row in `divisor` is NULL.
  func withNulls(_ vector: Vector, oneIn divisor: Int) -> Vector {
    let mask = ValidityMask(count: vector.count, allValid: true)
    for row in 0..<vector.count where random.next(below: divisor) == 0 { mask.setNull(row) }
    vector.validity = mask
    return vector
  }

  /// A byte a row, 1 for `percent` of them.
  func mask(percent: Int) -> [UInt8] {
    (0..<rowCount).map { _ in random.next(below: 100) < percent ? 1 : 0 }
  }

  func groups(below count: Int) -> [UInt32] {
    (0..<rowCount).map { _ in UInt32(random.next(below: count)) }
  }
}
