/// The words and symbols of all dialects with their numbers.
final class Vocabulary: Sendable {
  /// All symbols, also those that only error messages know.
  static let symbols = [
    "(", ")", ",", ".", ";", "*", "+", "-", "/", "%", "=", "<", ">", "[", "]", ":", "<>", "!=",
    "<=", ">=", "||", "::", "<<", ">>", "==", "=>", "&&", "!~*", "!~", "~*", "&", "|",
    "!", "^", "~", "?", "@", "#", "{", "}", "\\",
  ]

  /// The words in upper case; word `i` has kind `firstWord + i`.
  let words: [String]
  let firstWord: UInt16
  /// Kinds of single-byte symbols by their byte; 0 where there is none.
  let symbolKinds: [UInt16]
  /// Open addressing over the words' hashes: index of the word + 1, or 0.
  private let slots: [UInt16]
  private let spellings: [[UInt8]]

  init(words given: some Sequence<String>) {
    words = Array(Set(given.map { $0.uppercased() })).sorted()
    firstWord = TokenKind.firstSymbol + UInt16(Self.symbols.count)
    spellings = words.map { Array($0.lowercased().utf8) }
    var slots = [UInt16](repeating: 0, count: 2048)
    precondition(words.count < slots.count / 2, "enlarge the table of words")
    for (index, spelling) in spellings.enumerated() {
      var slot = spelling.reduce(Self.hashSeed, Self.hashed) % slots.count
      while slots[slot] != 0 { slot = (slot + 1) % slots.count }
      slots[slot] = UInt16(index + 1)
    }
    self.slots = slots
    var kinds = [UInt16](repeating: 0, count: 256)
    for (index, symbol) in Self.symbols.enumerated() where symbol.utf8.count == 1 {
      kinds[Int(Array(symbol.utf8)[0])] = TokenKind.firstSymbol + UInt16(index)
    }
    symbolKinds = kinds
  }

  var kindCount: Int { Int(firstWord) + words.count }

  func kind(ofSymbol symbol: String) -> TokenKind? {
    Self.symbols.firstIndex(of: symbol).map {
      TokenKind(rawValue: TokenKind.firstSymbol + UInt16($0))
    }
  }

  func kind(ofWord word: String) -> TokenKind? {
    let bytes = Array(word.lowercased().utf8)
    let kind = bytes.withUnsafeBufferPointer {
      self.kind(ofWord: $0, hash: bytes.reduce(Self.hashSeed, Self.hashed))
    }
    return kind == .identifier ? nil : kind
  }

  /// The kind of the word in `bytes`, any case; `.identifier` if it is not one of ours.
  func kind(ofWord bytes: UnsafeBufferPointer<UInt8>, hash: Int) -> TokenKind {
    var slot = hash % slots.count
    while slots[slot] != 0 {
      let index = Int(slots[slot]) - 1
      if matches(spellings[index], bytes) {
        return TokenKind(rawValue: firstWord + UInt16(index))
      }
      slot = (slot + 1) % slots.count
    }
    return .identifier
  }

  private func matches(_ spelling: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard spelling.count == bytes.count else { return false }
    for index in spelling.indices where spelling[index] != Self.lowered(bytes[index]) {
      return false
    }
    return true
  }

  func isWord(_ kind: TokenKind) -> Bool { kind.rawValue >= firstWord }

  /// How the kind is written: a word in upper case, a symbol, or nil for a class.
  func spelling(of kind: TokenKind) -> String? {
    if kind.rawValue >= firstWord { return words[Int(kind.rawValue - firstWord)] }
    guard kind.rawValue >= TokenKind.firstSymbol else { return nil }
    return Self.symbols[Int(kind.rawValue - TokenKind.firstSymbol)]
  }

  static let hashSeed = 5381

  @inline(__always)
  static func hashed(_ hash: Int, _ byte: UInt8) -> Int {
    (hash &* 33 ^ Int(lowered(byte))) & 0xFFFF_FFFF
  }

  @inline(__always)
  static func lowered(_ byte: UInt8) -> UInt8 {
    byte &- 65 < 26 ? byte | 0x20 : byte
  }
}
