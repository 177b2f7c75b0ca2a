import Vectors

/// Compares values of two vectors of one type as grouping does: NaN equals NaN, a zero has no sign,
/// and NULL equals NULL.
struct ElementEquality {
  private let a: Vector
  private let b: Vector
  private let physical: PhysicalType
  private let children: [ElementEquality]

  init(_ a: Vector, _ b: Vector) {
    self.a = a.flattened()
    self.b = b.flattened()
    physical = a.type.physical
    precondition(physical == b.type.physical, "the binder brings both to one type")
    children = zip(self.a.children, self.b.children).map { ElementEquality($0, $1) }
  }

  /// Is the value at `place` of the first vector that at `other` of the second?
  func isEqual(_ place: Int, _ other: Int) -> Bool {
    if a.isNull(place) || b.isNull(other) { return a.isNull(place) && b.isNull(other) }
    switch physical {
    case .bool8, .int8: return same(UInt8.self, place, other)
    case .int16: return same(Int16.self, place, other)
    case .int32: return same(Int32.self, place, other)
    case .int64: return same(Int64.self, place, other)
    case .int128: return same(Int128.self, place, other)
    case .float32: return sameNumber(Float.self, place, other)
    case .float64: return sameNumber(Double.self, place, other)
    case .bytes: return a.bytes(at: place).elementsEqual(b.bytes(at: other))
    case .list: return sameList(place, other)
    case .structure: return children.allSatisfy { $0.isEqual(place, other) }
    }
  }

  @inline(__always)
  private func same<T: Equatable>(_ type: T.Type, _ place: Int, _ other: Int) -> Bool {
    a.values(as: type)[place] == b.values(as: type)[other]
  }

  @inline(__always)
  private func sameNumber<T: FloatingPoint>(_ type: T.Type, _ place: Int, _ other: Int) -> Bool {
    let (left, right) = (a.values(as: type)[place], b.values(as: type)[other])
    return left == right || (left != left && right != right)
  }

  private func sameList(_ place: Int, _ other: Int) -> Bool {
    let (left, right) = (a.values(as: View.self)[place], b.values(as: View.self)[other])
    return left.length == right.length
      && (0..<left.count).allSatisfy {
        children[0].isEqual(left.start + $0, right.start + $0)
      }
  }
}
