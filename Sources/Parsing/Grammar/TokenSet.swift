/// A set of token kinds.
struct TokenSet: Hashable, Sendable {
  /// Kinds fit into `wordCount` × 64 numbers.
  static let wordCount = 8
  private(set) var bits: [UInt64]

  init() { bits = [UInt64](repeating: 0, count: Self.wordCount) }

  init(_ kind: TokenKind) {
    self.init()
    insert(kind)
  }

  mutating func insert(_ kind: TokenKind) {
    bits[Int(kind.rawValue) >> 6] |= 1 << (UInt64(kind.rawValue) & 63)
  }

  mutating func remove(_ kind: TokenKind) {
    bits[Int(kind.rawValue) >> 6] &= ~(1 << (UInt64(kind.rawValue) & 63))
  }

  /// Adds the other set's kinds and says whether there were new ones.
  @discardableResult
  mutating func formUnion(_ other: TokenSet) -> Bool {
    var changed = false
    for index in 0..<Self.wordCount where bits[index] | other.bits[index] != bits[index] {
      bits[index] |= other.bits[index]
      changed = true
    }
    return changed
  }

  func contains(_ kind: TokenKind) -> Bool {
    bits[Int(kind.rawValue) >> 6] >> (UInt64(kind.rawValue) & 63) & 1 == 1
  }

  func intersects(_ other: TokenSet) -> Bool {
    (0..<Self.wordCount).contains { bits[$0] & other.bits[$0] != 0 }
  }

  var isEmpty: Bool { bits.allSatisfy { $0 == 0 } }
}
