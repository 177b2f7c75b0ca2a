import Base
import FunctionKit
import Glibc
import Vectors

/// A LIKE pattern made ready: `%` stands for any text, `_` for one character, and the character behind
/// the escape character for itself.
///
/// Patterns without `_` and with `%` at the ends only need one comparison or search. Without regard
/// to case, ASCII letters are folded; text or patterns beyond ASCII are lower-cased by Unicode's
/// rules.
public struct LikePattern: Sendable {
  private enum Token: Sendable, Equatable {
    case literal([UInt8])
    case anyText
    case anyCharacter
  }

  private enum Plan: Sendable {
    case exact([UInt8])
    case prefix([UInt8])
    case suffix([UInt8])
    case contains([UInt8])
    case general([Token])
  }

  private let plan: Plan
  private let ignoresCase: Bool

  /// `escape` is one character, or empty for none. Fails for a longer escape and for an escape
  /// character at the end.
  public init(
    _ pattern: String, escape: String = "\\", ignoringCase ignoresCase: Bool = false
  ) throws(SQLError) {
    guard escape.unicodeScalars.count <= 1 else {
      throw SQLError(
        .invalidParameterValue, "the escape must be one character: \"\(escape)\"")
    }
    let tokens = try Self.tokens(
      ignoresCase ? pattern.lowercased() : pattern,
      escape: (ignoresCase ? escape.lowercased() : escape).unicodeScalars.first)
    self.ignoresCase = ignoresCase
    plan = Self.plan(tokens)
  }

  private static func plan(_ tokens: [Token]) -> Plan {
    let startsAnywhere = tokens.first == .anyText
    let endsAnywhere = tokens.last == .anyText
    let middle = tokens.filter { $0 != .anyText }
    let anyTextCount = tokens.count - middle.count
    guard middle.count <= 1, anyTextCount == (startsAnywhere ? 1 : 0) + (endsAnywhere ? 1 : 0)
      || middle.isEmpty
    else { return .general(tokens) }
    guard let only = middle.first else { return startsAnywhere ? .prefix([]) : .exact([]) }
    guard case .literal(let text) = only else { return .general(tokens) }
    switch (startsAnywhere, endsAnywhere) {
    case (false, false): return .exact(text)
    case (false, true): return .prefix(text)
    case (true, false): return .suffix(text)
    case (true, true): return .contains(text)
    }
  }

  /// The text that all matches begin with, when case matters: for pruning by ranges.
  public var requiredPrefix: [UInt8] {
    if ignoresCase { return [] }
    switch plan {
    case .exact(let text), .prefix(let text): return text
    case .general(let tokens):
      if case .literal(let text)? = tokens.first { return text }
      return []
    default: return []
    }
  }

  private static func tokens(
    _ pattern: String, escape: Unicode.Scalar?
  ) throws(SQLError) -> [Token] {
    var tokens: [Token] = []
    var literal: [UInt8] = []
    var isEscaped = false
    func flush() {
      if !literal.isEmpty { tokens.append(.literal(literal)) }
      literal = []
    }
    for scalar in pattern.unicodeScalars {
      if isEscaped {
        literal += Array(String(scalar).utf8)
        isEscaped = false
      } else if scalar == escape {
        isEscaped = true
      } else if scalar == "%" {
        flush()
        if tokens.last != .anyText { tokens.append(.anyText) }
      } else if scalar == "_" {
        flush()
        tokens.append(.anyCharacter)
      } else {
        literal += Array(String(scalar).utf8)
      }
    }
    if isEscaped {
      throw SQLError(
        .invalidParameterValue, "LIKE pattern must not end with the escape character")
    }
    flush()
    return tokens
  }

  /// True if the whole text matches.
  public func matches(_ text: UnsafeRawBufferPointer) -> Bool {
    if !ignoresCase { return matchesExactly(text) }
    if text.allSatisfy({ $0 < 0x80 }) {
      return withUnsafeTemporaryAllocation(byteCount: max(1, text.count), alignment: 1) { scratch in
        for (index, byte) in text.enumerated() {
          let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
          scratch[index] = isUpper ? byte | 0x20 : byte
        }
        return matchesExactly(UnsafeRawBufferPointer(rebasing: scratch[..<text.count]))
      }
    }
    var folded = String(decoding: text, as: UTF8.self).lowercased()
    return folded.withUTF8 { matchesExactly(UnsafeRawBufferPointer($0)) }
  }

  private func matchesExactly(_ text: UnsafeRawBufferPointer) -> Bool {
    switch plan {
    case .exact(let wanted):
      return text.count == wanted.count && Self.equal(text, 0, wanted)
    case .prefix(let wanted): return text.count >= wanted.count && Self.equal(text, 0, wanted)
    case .suffix(let wanted):
      return text.count >= wanted.count && Self.equal(text, text.count - wanted.count, wanted)
    case .contains(let wanted):
      return wanted.withUnsafeBytes { TextSearch.offset(of: $0, in: text, from: 0) != nil }
    case .general(let tokens): return Self.matchesGenerally(text, tokens)
    }
  }

  @inline(__always)
  private static func equal(
    _ text: UnsafeRawBufferPointer, _ offset: Int, _ wanted: [UInt8]
  ) -> Bool {
    guard !wanted.isEmpty, let start = text.baseAddress else { return true }
    return wanted.withUnsafeBytes { bytes in
      bytes.baseAddress.map { memcmp(start + offset, $0, wanted.count) == 0 } ?? true
    }
  }

  /// Goes through text and tokens once; after a mismatch the last `%` takes one character more.
  private static func matchesGenerally(
    _ text: UnsafeRawBufferPointer, _ tokens: [Token]
  ) -> Bool {
    var position = 0
    var token = 0
    var retryToken = -1
    var retryPosition = 0
    while true {
      if token == tokens.count, position == text.count { return true }
      if token < tokens.count {
        switch tokens[token] {
        case .anyText:
          retryToken = token
          retryPosition = position
          token += 1
          continue
        case .literal(let wanted):
          if text.count - position >= wanted.count, equal(text, position, wanted) {
            position += wanted.count
            token += 1
            continue
          }
        case .anyCharacter:
          if position < text.count {
            position = TextSearch.nextCharacter(in: text, after: position)
            token += 1
            continue
          }
        }
      }
      guard retryToken >= 0, retryPosition < text.count else { return false }
      retryPosition = TextSearch.nextCharacter(in: text, after: retryPosition)
      position = retryPosition
      token = retryToken + 1
    }
  }
}

/// Finding bytes and characters in UTF-8.
enum TextSearch {
  /// The byte offset of `wanted` at or behind `start`.
  static func offset(
    of wanted: UnsafeRawBufferPointer, in text: UnsafeRawBufferPointer, from start: Int
  ) -> Int? {
    guard wanted.count > 0 else { return start }
    guard let base = text.baseAddress, let needle = wanted.baseAddress, start < text.count,
      let found = find(base + start, text.count - start, needle, wanted.count)
    else { return nil }
    return found - base
  }

  /// The offset of the character behind the one at `position`.
  @inline(__always)
  static func nextCharacter(in text: UnsafeRawBufferPointer, after position: Int) -> Int {
    var next = position &+ 1
    while next < text.count, text[next] & 0xC0 == 0x80 { next &+= 1 }
    return next
  }

  /// Searches by the first byte with memchr, then compares.
  private static func find(
    _ start: UnsafeRawPointer, _ count: Int, _ wanted: UnsafeRawPointer, _ length: Int
  ) -> UnsafeRawPointer? {
    let first = Int32(wanted.load(as: UInt8.self))
    var position = start
    var left = count - length + 1
    while left > 0 {
      guard let found = memchr(position, first, left).map({ UnsafeRawPointer($0) }) else {
        return nil
      }
      if memcmp(found, wanted, length) == 0 { return found }
      left -= found - position + 1
      position = found + 1
    }
    return nil
  }
}
