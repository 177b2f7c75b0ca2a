import Base

/// Which rows hold a value: one bit a row in 64-bit words, 1 for a value, 0 for NULL.
///
/// A vector without NULLs has no mask at all. Bits behind the last row are unspecified. The one who
/// makes a mask may change it until it is shared.
public struct ValidityMask: @unchecked Sendable {
  @usableFromInline let words: UnsafeMutablePointer<UInt64>
  private let owner: Buffer

  /// A mask with room for `count` rows, all valid or all NULL.
  public init(count: Int, allValid: Bool) {
    let wordCount = Self.wordCount(count)
    owner = Buffer(sizeBytes: wordCount * 8)
    words = owner.base.bindMemory(to: UInt64.self, capacity: wordCount)
    words.update(repeating: allValid ? ~0 : 0, count: wordCount)
  }

  private init(words: UnsafeMutablePointer<UInt64>, owner: Buffer) {
    self.words = words
    self.owner = owner
  }

  @inlinable public static func wordCount(_ rowCount: Int) -> Int { (rowCount + 63) >> 6 }

  @inlinable
  public func isValid(_ row: Int) -> Bool { words[row >> 6] >> UInt64(row & 63) & 1 != 0 }

  @inlinable
  public func setNull(_ row: Int) { words[row >> 6] &= ~(1 << UInt64(row & 63)) }

  @inlinable
  public func setValid(_ row: Int) { words[row >> 6] |= 1 << UInt64(row & 63) }

  @inlinable
  public func set(_ row: Int, isValid: Bool) {
    let bit: UInt64 = 1 << UInt64(row & 63)
    words[row >> 6] = isValid ? words[row >> 6] | bit : words[row >> 6] & ~bit
  }

  /// The words themselves, for kernels.
  @inlinable public var pointer: UnsafeMutablePointer<UInt64> { words }

  public func nullCount(_ count: Int) -> Int {
    var valid = 0
    let full = count >> 6
    for i in 0..<full { valid &+= words[i].nonzeroBitCount }
    if count & 63 != 0 {
      valid &+= (words[full] & ((1 << UInt64(count & 63)) - 1)).nonzeroBitCount
    }
    return count - valid
  }

  /// The mask of rows from `offset`, which must be a multiple of 64; shares the words.
  public func sharing(from offset: Int) -> ValidityMask {
    precondition(offset & 63 == 0)
    return ValidityMask(words: words + offset >> 6, owner: owner)
  }

  /// The mask of `count` rows from any `offset`.
  public func slice(from offset: Int, count: Int) -> ValidityMask {
    if offset & 63 == 0 { return sharing(from: offset) }
    let result = ValidityMask(count: count, allValid: false)
    let shift = UInt64(offset & 63)
    let first = offset >> 6
    let last = (offset + count - 1) >> 6
    for i in 0..<Self.wordCount(count) {
      let low = words[first + i] >> shift
      let high = first + i + 1 <= last ? words[first + i + 1] << (64 - shift) : 0
      result.words[i] = low | high
    }
    return result
  }

  /// Rows valid in both; nil (all valid) only when both are.
  public static func and(_ a: ValidityMask?, _ b: ValidityMask?, count: Int) -> ValidityMask? {
    guard let a else { return b }
    guard let b else { return a }
    let result = ValidityMask(count: count, allValid: false)
    for i in 0..<wordCount(count) { result.words[i] = a.words[i] & b.words[i] }
    return result
  }

  public func copy(count: Int) -> ValidityMask {
    let result = ValidityMask(count: count, allValid: false)
    result.words.update(from: words, count: Self.wordCount(count))
    return result
  }

  /// Eight bytes of 0 or 1 from the lowest eight bits, the first bit in the first byte.
  @inline(__always)
  private static func spread(_ bits: UInt64) -> UInt64 {
    // Byte i keeps bit i only; whatever is left in a byte carries into its highest bit.
    let picked = ((bits & 0xFF) &* 0x0101_0101_0101_0101) & 0x8040_2010_0804_0201
    return ((picked &+ 0x7F7F_7F7F_7F7F_7F7F) >> 7) & 0x0101_0101_0101_0101
  }

  /// Writes one byte a row: `whenValid` (0 or 1) for a value, the other one for NULL.
  public func writeBytes(
    to out: UnsafeMutablePointer<UInt8>, count: Int, whenValid: UInt8
  ) {
    let flip: UInt64 = whenValid == 1 ? 0 : 0x0101_0101_0101_0101
    let raw = UnsafeMutableRawPointer(out)
    let bytes = UnsafeRawPointer(words).assumingMemoryBound(to: UInt8.self)
    for eight in 0..<count >> 3 {
      raw.storeBytes(of: Self.spread(UInt64(bytes[eight])) ^ flip, toByteOffset: eight << 3, as: UInt64.self)
    }
    for row in count & ~7..<count { out[row] = isValid(row) ? whenValid : 1 ^ whenValid }
  }

  /// Makes the bytes (0 or 1) of rows that are NULL 0.
  public func clearBytes(in out: UnsafeMutablePointer<UInt8>, count: Int) {
    let raw = UnsafeMutableRawPointer(out)
    let bytes = UnsafeRawPointer(words).assumingMemoryBound(to: UInt8.self)
    for eight in 0..<count >> 3 {
      let old = raw.loadUnaligned(fromByteOffset: eight << 3, as: UInt64.self)
      raw.storeBytes(of: old & Self.spread(UInt64(bytes[eight])), toByteOffset: eight << 3, as: UInt64.self)
    }
    for row in count & ~7..<count where !isValid(row) { out[row] = 0 }
  }

  /// A mask from one byte a row, nonzero for valid; nil if all are valid.
  public static func fromBytes(_ bytes: UnsafePointer<UInt8>, count: Int) -> ValidityMask? {
    let result = ValidityMask(count: count, allValid: false)
    var nulls = 0
    var row = 0
    for word in 0..<wordCount(count) {
      var bits: UInt64 = 0
      let here = min(64, count - row)
      for bit in 0..<here {
        bits |= UInt64(bytes[row &+ bit] != 0 ? 1 : 0) << UInt64(bit)
      }
      nulls &+= here &- bits.nonzeroBitCount
      result.words[word] = bits
      row &+= here
    }
    return nulls == 0 ? nil : result
  }
}
