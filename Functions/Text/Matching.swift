import Base
import FunctionKit
import Vectors

/// LIKE, ILIKE and the IVOA's text tests. The binder lowers `a LIKE b ESCAPE c` to `like(a, b, c)`.
enum Matching {
  static let functions: [ScalarFunction] =
    like("like", "'NGC 1976'", "'NGC%'", "t", ignoringCase: false)
    + like("ilike", "'ngc 1976'", "'NGC%'", "t", ignoringCase: true) + ivo

  private static func like(
    _ name: String, _ text: String, _ pattern: String, _ answer: String, ignoringCase: Bool
  ) -> [ScalarFunction] {
    let kernel = Kernel.vectors {
      (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
      try match(arguments, count, type, context, ignoringCase)
    }.onDictionaryValues()
    let summary = "True if the whole text matches; % is any text, _ one character"
    return [
      ScalarFunction(
        name, takes: Quantity("text", .text), Quantity("pattern", .text),
        returns: Quantity("answer", .boolean), summary: summary + ", \\ the escape.",
        examples: [Example("\(text) \(name) \(pattern)", gives: answer)], kernel: kernel),
      ScalarFunction(
        name, takes: Quantity("text", .text), Quantity("pattern", .text), Quantity("escape", .text),
        returns: Quantity("answer", .boolean),
        summary: summary + "; an empty escape means none.",
        examples: [Example("'50%' \(name) '50!%' ESCAPE '!'", gives: "t")], kernel: kernel),
    ]
  }

  private static func match(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext,
    _ ignoringCase: Bool
  ) throws(SQLError) -> Vector {
    if arguments.contains(where: \.isConstantNull) { return Vector.nulls(type, count: count) }
    let flat = arguments.map { $0.flattened() }
    let validity = Kernel.commonValidity(flat, count: count)
    let result = Vector(type: type, count: count, validity: validity)
    let out = result.values(as: Bool.self)
    let texts = ByteColumn(flat[0])
    if arguments.dropFirst().allSatisfy(\.isConstant) {
      if count == 0 { return result }
      try compile(flat, 0, context, ignoringCase)
        .evaluate(texts, count: count, validity: validity, into: out)
      return result
    }
    for row in 0..<count where validity?.isValid(row) ?? true {
      out[row] = try compile(flat, row, context, ignoringCase).matches(texts.bytes(row))
    }
    return result
  }

  private static func compile(
    _ flat: [Vector], _ row: Int, _ context: FunctionContext, _ ignoringCase: Bool
  ) throws(SQLError) -> LikePattern {
    let pattern = String(decoding: flat[1].bytes(at: row), as: UTF8.self)
    let escape = flat.count > 2 ? String(decoding: flat[2].bytes(at: row), as: UTF8.self) : "\\"
    do throws(SQLError) {
      return try LikePattern(pattern, escape: escape, ignoringCase: ignoringCase)
    } catch {
      throw error.at(context.range)
    }
  }

  // MARK: IVOA

  private static func integerTest(
    _ name: String, _ a: String, _ b: String, _ summary: String, _ example: Example,
    _ test: @escaping @Sendable (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
  ) -> ScalarFunction {
    ScalarFunction(
      name, takes: Quantity(a, .text), Quantity(b, .text),
      returns: Quantity("answer", LogicalType.int32), summary: summary,
      source: "IVOA catalogue of UDFs", examples: [example],
      kernel: Kernel.measureText { (a, b) -> Int32 in test(a, b) ? 1 : 0 }.onDictionaryValues())
  }

  private static let ivo: [ScalarFunction] = [
    integerTest(
      "ivo_nocasematch", "value", "pattern",
      "Gives 1 if the text matches a LIKE pattern without regard to case, else 0.",
      Example("ivo_nocasematch('Galaxy', 'gal%')", gives: "1")
    ) { (value, pattern) -> Bool in
      let text = String(decoding: pattern, as: UTF8.self)
      return (try? LikePattern(text, escape: "", ignoringCase: true))?.matches(value) ?? false
    },
    integerTest(
      "ivo_hasword", "text", "words",
      "Gives 1 if all the words appear in the text as whole words, else 0; case does not matter.",
      Example("ivo_hasword('A star in a galaxy', 'galaxy')", gives: "1")
    ) { (text, words) -> Bool in
      let present = Set(Matching.words(text))
      let wanted = Matching.words(words)
      return !wanted.isEmpty && wanted.allSatisfy { present.contains($0) }
    },
    integerTest(
      "ivo_hashlist_has", "list", "item",
      "Gives 1 if the item is in a list separated by #, else 0; case does not matter.",
      Example("ivo_hashlist_has('opt#ir', 'IR')", gives: "1")
    ) { (list, item) -> Bool in
      let wanted = String(decoding: item, as: UTF8.self).lowercased()
      return String(decoding: list, as: UTF8.self).lowercased()
        .split(separator: "#", omittingEmptySubsequences: false).contains { $0 == wanted }
    },
  ]

  private static func words(_ text: UnsafeRawBufferPointer) -> [Substring] {
    String(decoding: text, as: UTF8.self).lowercased().split { !$0.isLetter && !$0.isNumber }
  }
}
