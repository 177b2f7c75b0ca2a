import Base
import Parsing

/// The text of a simple query, statement by statement.
struct Script {
  /// One statement and where it stands.
  struct Statement {
    let text: String
    /// Characters before it in what the client has sent.
    var charactersBefore = 0

    /// The place of a byte of the statement, in characters from 1 of the whole text.
    func position(ofByte offset: Int) -> Int? {
      guard offset >= 0, offset <= text.utf8.count else { return nil }
      return charactersBefore + Script.characterCount(text.utf8.prefix(offset)) + 1
    }
  }

  private let bytes: [UInt8]
  private var position = 0
  private var charactersBefore = 0
  /// The statement that runs.
  private(set) var current: Statement?
  /// How many have been taken.
  private(set) var count = 0

  init(_ sql: String) { bytes = Array(sql.utf8) }

  /// Whether `next` will give another one.
  var hasMore: Bool {
    var copy = self
    return copy.next() != nil
  }

  /// The next statement; nil when only blanks and comments are left.
  mutating func next() -> Statement? {
    while position < bytes.count {
      let end: Int
      switch SQLParser.splitStatement(in: bytes, from: position) {
      case .complete(let after): end = after
      case .incomplete(.nothing): return nil
      case .incomplete: end = bytes.count
      }
      let slice = bytes[position..<end]
      let statement = Statement(
        text: String(decoding: slice, as: UTF8.self), charactersBefore: charactersBefore)
      charactersBefore += Self.characterCount(slice)
      position = end
      if Self.isEmpty(slice) { continue }
      count += 1
      current = statement
      return statement
    }
    return nil
  }

  /// Only a semicolon, blanks and comments.
  private static func isEmpty(_ slice: ArraySlice<UInt8>) -> Bool {
    let text = slice.last == UInt8(ascii: ";") ? slice.dropLast() : slice
    return SQLParser.splitStatement(in: Array(text)) == .incomplete(.nothing)
  }

  /// Code points, as PostgreSQL counts characters.
  static func characterCount(_ bytes: some Sequence<UInt8>) -> Int {
    bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
  }
}
