import Base
import CPCRE2

/// A compiled regular expression, PCRE2's: Perl's syntax, to which PostgreSQL's is close.
///
/// As in PostgreSQL a dot also matches a line break, and `$` only the end of the text. How long a
/// match may search is limited, so that no pattern holds a worker for long.
final class RegularExpression {
  /// Steps of one match; about a tenth of a second.
  private static let matchLimit: UInt32 = 10_000_000
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
      | PCRE2_NEVER_BACKSLASH_C
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
    pcre2_set_match_limit_8(context, Self.matchLimit)
    pcre2_set_depth_limit_8(context, Self.matchLimit)
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
  func matches(_ text: UnsafeRawBufferPointer) throws(SQLError) -> Bool {
    let empty: UInt8 = 0
    let result = withUnsafePointer(to: empty) { empty in
      pcre2_match_8(
        code, text.assumingMemoryBound(to: UInt8.self).baseAddress ?? empty, text.count, 0, 0, data,
        context)
    }
    if result >= 0 { return true }
    if result == PCRE2_ERROR_NOMATCH { return false }
    throw SQLError(
      .programLimitExceeded, "a regular expression searches too long in one text",
      hint: "Repetitions within repetitions, such as (a+)+, try very many ways.")
  }

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
