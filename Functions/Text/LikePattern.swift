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
  private enum Plan: Sendable { case exact, prefix, suffix, contains, general }

  /// One a byte of the pattern: the byte itself, or one of these two.
  private static let anyCharacter: UInt16 = 256
  private static let anyText: UInt16 = 257

  private let plan: Plan
  /// The only literal of the plans but `general`; the leading one of that.
  private let literal: [UInt8]
  private let codes: [UInt16]
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
    codes = try Self.codes(
      ignoresCase ? pattern.lowercased() : pattern,
      escape: (ignoresCase ? escape.lowercased() : escape).unicodeScalars.first)
    self.ignoresCase = ignoresCase
    (plan, literal) = Self.plan(codes)
  }

  private static func plan(_ codes: [UInt16]) -> (Plan, [UInt8]) {
    let startsAnywhere = codes.first == anyText
    let endsAnywhere = codes.last == anyText
    let middle = codes.dropFirst(startsAnywhere ? 1 : 0).dropLast(
      endsAnywhere && codes.count > 1 ? 1 : 0)
    if let wild = middle.firstIndex(where: { $0 > 255 }) {
      let leading = startsAnywhere ? [] : codes[..<wild].map { UInt8(truncatingIfNeeded: $0) }
      return (.general, leading)
    }
    let text = middle.map { UInt8(truncatingIfNeeded: $0) }
    switch (startsAnywhere, endsAnywhere) {
    case (false, false): return (.exact, text)
    case (false, true): return (.prefix, text)
    case (true, false): return (.suffix, text)
    case (true, true): return (text.isEmpty ? .prefix : .contains, text)
    }
  }

  /// The text that all matches begin with, when case matters: for pruning by ranges.
  public var requiredPrefix: [UInt8] {
    switch plan {
    case .exact, .prefix, .general: ignoresCase ? [] : literal
    case .suffix, .contains: []
    }
  }

  private static func codes(
    _ pattern: String, escape: Unicode.Scalar?
  ) throws(SQLError) -> [UInt16] {
    var codes: [UInt16] = []
    var isEscaped = false
    for scalar in pattern.unicodeScalars {
      if !isEscaped, scalar == escape {
        isEscaped = true
        continue
      }
      if !isEscaped, scalar == "%" {
        if codes.last != anyText { codes.append(anyText) }
      } else if !isEscaped, scalar == "_" {
        codes.append(anyCharacter)
      } else {
        codes += String(scalar).utf8.map { UInt16($0) }
      }
      isEscaped = false
    }
    if isEscaped {
      throw SQLError(
        .invalidParameterValue, "LIKE pattern must not end with the escape character")
    }
    return codes
  }

  /// Sets `out[row]` for the rows that are not NULL in `validity`.
  func evaluate(
    _ column: ByteColumn, count: Int, validity: ValidityMask?, into out: UnsafeMutablePointer<Bool>
  ) {
    for row in 0..<count where validity?.isValid(row) ?? true {
      out[row] = matches(column.bytes(row))
    }
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

  @inline(__always)
  private func matchesExactly(_ text: UnsafeRawBufferPointer) -> Bool {
    let length = literal.count
    switch plan {
    case .exact: return text.count == length && isLiteral(text, at: 0)
    case .prefix: return text.count >= length && isLiteral(text, at: 0)
    case .suffix: return text.count >= length && isLiteral(text, at: text.count &- length)
    case .contains:
      return literal.withUnsafeBytes { TextSearch.offset(of: $0, in: text, from: 0) != nil }
    case .general:
      guard text.count >= length, isLiteral(text, at: 0) else { return false }
      return codes.withUnsafeBufferPointer { Self.matches(text, $0) }
    }
  }

  /// True if the literal stands at `offset`, where it has room.
  @inline(__always)
  private func isLiteral(_ text: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    guard let start = text.baseAddress else { return true }
    return literal.withUnsafeBytes { bytes in
      guard let wanted = bytes.baseAddress else { return true }
      return memcmp(start + offset, wanted, bytes.count) == 0
    }
  }

  /// Goes through text and codes once; after a mismatch the last `%` takes one character more.
  private static func matches(
    _ text: UnsafeRawBufferPointer, _ codes: UnsafeBufferPointer<UInt16>
  ) -> Bool {
    var position = 0
    var code = 0
    var retryCode = -1
    var retryPosition = 0
    while true {
      if code < codes.count {
        let wanted = codes[code]
        if wanted == anyText {
          code &+= 1
          retryCode = code
          retryPosition = position
          continue
        }
        if position < text.count, wanted == anyCharacter || wanted == UInt16(text[position]) {
          position =
            wanted == anyCharacter
            ? TextSearch.nextCharacter(in: text, after: position) : position &+ 1
          code &+= 1
          continue
        }
      } else if position == text.count {
        return true
      }
      guard retryCode >= 0, retryPosition < text.count else { return false }
      retryPosition = TextSearch.nextCharacter(in: text, after: retryPosition)
      position = retryPosition
      code = retryCode
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
