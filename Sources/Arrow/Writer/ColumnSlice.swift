import Base
import Vectors

/// Rows of a vector that follow one another.
struct ColumnSlice {
  let vector: Vector
  let start: Int
  let count: Int

  init(_ vector: Vector, start: Int, count: Int) {
    self.vector = vector
    self.start = start
    self.count = count
  }

  init(_ vector: Vector) { self.init(vector, start: 0, count: vector.count) }

  /// The same rows with values that lie one behind the other.
  var flat: ColumnSlice {
    if vector.encoding == .flat, vector.physical != .structure { return self }
    return ColumnSlice(vector.slice(from: start, count: count).flattened())
  }

  /// Where the first value of a flat slice lies.
  var base: UnsafeMutableRawPointer { vector.base + start * vector.physical.widthBytes }

  @inline(__always)
  func isNull(_ row: Int) -> Bool {
    guard let validity = vector.validity else { return false }
    return !validity.isValid(start &+ row)
  }

  /// Up to 64 bits of the mask from row `row`, the first lowest; bits behind the slice are 0.
  func validBits(from row: Int, count bitCount: Int) -> UInt64 {
    let wanted: UInt64 = bitCount == 64 ? ~0 : (1 &<< UInt64(bitCount)) &- 1
    guard let words = vector.validity?.pointer else { return wanted }
    let first = start &+ row
    let shift = UInt64(first & 63)
    var bits = words[first >> 6] >> shift
    // The next word exists only if the rows reach into it.
    if shift > 0, (first &+ bitCount &- 1) >> 6 > first >> 6 {
      bits |= words[first >> 6 &+ 1] &<< (64 &- shift)
    }
    return bits & wanted
  }
}

/// Packs bits into bytes, the first into the lowest bit of the first byte.
struct BitPacker {
  private var target: UnsafeMutableRawPointer
  private var word: UInt64 = 0
  private var filled = 0

  init(_ target: UnsafeMutableRawPointer) { self.target = target }

  /// Adds `count` bits, 1…64; those above must be 0.
  @inline(__always)
  mutating func append(_ bits: UInt64, count: Int) {
    word |= bits &<< UInt64(filled)
    let room = 64 &- filled
    guard count >= room else {
      filled &+= count
      return
    }
    target.storeBytes(of: word.littleEndian, as: UInt64.self)
    target += 8
    filled = count &- room
    word = filled == 0 ? 0 : bits &>> UInt64(room)
  }

  func finish() {
    if filled > 0 { target.storeBytes(of: word.littleEndian, as: UInt64.self) }
  }
}
