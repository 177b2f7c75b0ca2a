import Base
import FunctionKit
import Vectors

/// The operators `~ !~ ~* !~*`: does a text contain a match of a regular expression?
enum RegularExpressions {
  static let functions: [ScalarFunction] = [
    match("~", "True if the text contains a match of the regular expression.", "'NGC 1976'", "t"),
    match(
      "!~", "True if the text contains no match of the regular expression.", "'NGC 1976'", "f",
      isNegated: true),
    match(
      "~*", "As ~, without regard to case.", "'ngc 1976'", "t", ignoringCase: true),
    match(
      "!~*", "As !~, without regard to case.", "'ngc 1976'", "f", ignoringCase: true,
      isNegated: true),
  ]

  private static func match(
    _ name: String, _ summary: String, _ text: String, _ answer: String,
    ignoringCase: Bool = false, isNegated: Bool = false
  ) -> ScalarFunction {
    ScalarFunction(
      name, takes: Quantity("text", .text), Quantity("pattern", .text),
      returns: Quantity("answer", .boolean), summary: summary,
      source: "PCRE2, pcre2pattern(3)",
      examples: [Example("\(text) \(name) '^NGC [0-9]+$'", gives: answer)],
      kernel: Kernel.vectors {
        (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
        try answers(
          arguments, count, type, context, ignoringCase: ignoringCase, isNegated: isNegated)
      }.onDictionaryValues())
  }

  /// Compiling a pattern takes as long as so many steps of a loop.
  private static let stepsOfCompilation = 4096

  private static func answers(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext,
    ignoringCase: Bool, isNegated: Bool
  ) throws(SQLError) -> Vector {
    let flat = arguments.map { $0.flattened() }
    let validity = Kernel.commonValidity(flat, count: count)
    let result = Vector(type: type, count: count, validity: validity)
    let out = result.values(as: Bool.self)
    let (texts, patterns) = (ByteColumn(flat[0]), ByteColumn(flat[1]))
    var compiled: RegularExpression?
    var watch = KernelWatch(context)
    for row in 0..<count {
      guard validity?.isValid(row) ?? true else {
        out[row] = false
        continue
      }
      do throws(SQLError) {
        if compiled == nil || !arguments[1].isConstant {
          compiled = try RegularExpression(patterns.bytes(row), ignoringCase: ignoringCase)
          try watch.step(Self.stepsOfCompilation)
        }
        let text = texts.bytes(row)
        out[row] = try compiled?.matches(text, &watch) != isNegated
        try watch.step(min(text.count, 4096))
      } catch {
        throw error.at(context.range)
      }
    }
    return result
  }
}
