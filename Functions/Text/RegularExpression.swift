import Base
import CPCRE2
import FunctionKit

/// A compiled regular expression, PCRE2's: Perl's syntax, to which PostgreSQL's is close.
///
/// As in PostgreSQL a dot also matches a line break, and `$` only the end of the text.
///
/// PCRE2 limits the steps from one start of a match, and there are as many starts as bytes. So a text
/// is searched in windows of starts with a checkpoint between them, each start with few steps. Where
/// they do not suffice, starts are tried one by one with more and more, until they, too, or all that
/// one text may take are used up. A step takes some nanoseconds.
final class RegularExpression {
  private static let windowBytes = 4096
  /// Steps from one start; the first number is tried for a whole window.
  private static let stepLimits: [UInt32] = [4000, 100_000, 2_000_000]
  /// Steps of the starts that are tried one by one, over one text: less than a second.
  private static let mostSteps = 100_000_000
  private static let heapLimitKiB: UInt32 = 16 << 10
  private static let largestPatternBytes = 1 << 16
  private static let stackBytes = 1 << 20

  private let code: OpaquePointer
  private let data: OpaquePointer
  private let context: OpaquePointer
  private let stack: OpaquePointer?

  init(_ pattern: UnsafeRawBufferPointer, ignoringCase: Bool) throws(SQLError) {
    guard pattern.count <= Self.largestPatternBytes else {
      throw SQLError(.programLimitExceeded, "a regular expression is longer than 64 KiB")
    }
    var options =
      PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY
      | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT
    if ignoringCase { options |= PCRE2_CASELESS }
    var (error, place) = (Int32(0), 0)
    let text = pattern.assumingMemoryBound(to: UInt8.self)
    let empty: [UInt8] = [0]
    let compiled = empty.withUnsafeBufferPointer { empty in
      pcre2_compile_8(
        text.baseAddress ?? empty.baseAddress, pattern.count, options, &error, &place, nil)
    }
    guard let compiled else { throw Self.invalid(pattern, error, place) }
    code = compiled
    // Without the compiler, where it is not there, the interpreter does it.
    _ = pcre2_jit_compile_8(compiled, UInt32(PCRE2_JIT_COMPLETE))
    guard let data = pcre2_match_data_create_from_pattern_8(compiled, nil),
      let context = pcre2_match_context_create_8(nil)
    else {
      pcre2_code_free_8(compiled)
      throw SQLError(.outOfMemory, "no memory for a regular expression")
    }
    self.data = data
    self.context = context
    pcre2_set_heap_limit_8(context, Self.heapLimitKiB)
    stack = pcre2_jit_stack_create_8(32 << 10, Self.stackBytes, nil)
    if let stack { pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack)) }
  }

  deinit {
    pcre2_match_context_free_8(context)
    pcre2_match_data_free_8(data)
    if let stack { pcre2_jit_stack_free_8(stack) }
    pcre2_code_free_8(code)
  }

  /// Is there a match anywhere in the text?
  func matches(
    _ text: UnsafeRawBufferPointer, _ watch: inout KernelWatch
  ) throws(SQLError) -> Bool {
    var start = 0
    var stepsLeft = Self.mostSteps
    while true {
      let last = Self.boundary(in: text, from: start + Self.windowBytes) - 1
      switch search(text, start...last, steps: Self.stepLimits[0]) {
      case .match: return true
      case .noMatch: break
      case .tooManySteps:
        if try searchSlowly(text, start...last, &stepsLeft, &watch) { return true }
      }
      // The end of the text is a start, too.
      if last >= text.count { return false }
      try watch.step(last - start + 1)
      start = last + 1
    }
  }

  private enum Answer { case match, noMatch, tooManySteps }

  /// Is there a match that begins in `starts`?
  private func search(
    _ text: UnsafeRawBufferPointer, _ starts: ClosedRange<Int>, steps: UInt32
  ) -> Answer {
    pcre2_set_match_limit_8(context, steps)
    pcre2_set_depth_limit_8(context, steps)
    pcre2_set_offset_limit_8(context, min(starts.upperBound, text.count))
    let empty: UInt8 = 0
    let result = withUnsafePointer(to: empty) { empty in
      pcre2_match_8(
        code, text.assumingMemoryBound(to: UInt8.self).baseAddress ?? empty, text.count,
        starts.lowerBound, 0, data, context)
    }
    if result >= 0 { return .match }
    return result == PCRE2_ERROR_NOMATCH ? .noMatch : .tooManySteps
  }

  /// One start after the other, each with as many steps as it needs.
  private func searchSlowly(
    _ text: UnsafeRawBufferPointer, _ starts: ClosedRange<Int>, _ stepsLeft: inout Int,
    _ watch: inout KernelWatch
  ) throws(SQLError) -> Bool {
    var start = starts.lowerBound
    while start <= min(starts.upperBound, text.count) {
      let next = Self.boundary(in: text, from: start + 1)
      var answer = Answer.tooManySteps
      for steps in Self.stepLimits where answer == .tooManySteps {
        answer = search(text, start...(next - 1), steps: steps)
        guard steps > Self.stepLimits[0] else { continue }
        stepsLeft -= Int(steps)
        try watch.checkpoint()
      }
      try watch.step(64)
      if answer == .match { return true }
      guard answer == .noMatch, stepsLeft > 0 else { throw Self.tooLong }
      start = next
    }
    return false
  }

  /// The first byte from `place` on that is not within a character.
  private static func boundary(in text: UnsafeRawBufferPointer, from place: Int) -> Int {
    var place = place
    while place < text.count, text[place] & 0xC0 == 0x80 { place += 1 }
    return place
  }

  private static let tooLong = SQLError(
    .programLimitExceeded, "a regular expression searches too long in one text",
    hint: "Repetitions within repetitions, such as (a+)+, try very many ways.")

  private static func invalid(
    _ pattern: UnsafeRawBufferPointer, _ error: Int32, _ place: Int
  ) -> SQLError {
    var message = [UInt8](repeating: 0, count: 256)
    let length = pcre2_get_error_message_8(error, &message, message.count)
    let text = String(decoding: message.prefix(max(0, Int(length))), as: UTF8.self)
    let shown = String(decoding: pattern.prefix(80), as: UTF8.self)
    return SQLError(
      .invalidRegularExpression, "not a regular expression: \"\(shown)\", \(text), byte \(place)")
  }
}
