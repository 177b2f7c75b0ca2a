import Base
import FunctionKit
import Vectors

/// Names and values as they are written in SQL, and lists as text.
enum Quoting {
  static let functions: [ScalarFunction] = [
    ScalarFunction(
      "quote_ident", takes: Quantity("name", .text), returns: Quantity("sql", .text),
      summary: "Writes a name as SQL reads it: in quotes if it must be.",
      examples: [
        Example("quote_ident('gaia')", gives: "gaia"),
        Example("quote_ident('Proper motion')", gives: "\"Proper motion\""),
      ],
      kernel: map(identifier)),
    ScalarFunction(
      "quote_literal", takes: Quantity("text", .text), returns: Quantity("sql", .text),
      summary: "Writes a text as a literal of SQL.",
      examples: [Example("quote_literal('Barnard''s star')", gives: "'Barnard''s star'")],
      kernel: map(literal)),
    toText(
      "array_to_string", [list, separator], example: "array_to_string(ARRAY[1, 2], '-')", "1-2"),
    toText(
      "array_to_string", [list, separator, Quantity("null_text", .text)],
      example: "array_to_string(ARRAY[1, NULL], '-', '?')", "1-?"),
    ScalarFunction(
      "string_to_array", takes: Quantity("text", .text), separator,
      returns: Quantity("parts", .list(.text)),
      summary: "Gives the parts of a text between separators; no parts of an empty text.",
      examples: [Example("string_to_array('a,b', ',')", gives: "{a,b}")],
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, _) throws(SQLError) -> Vector in
        Vector.of(
          (0..<count).map { row in
            guard case .text(let text) = arguments[0].value(at: row),
              case .text(let separator) = arguments[1].value(at: row)
            else { return .null }
            return .list(parts(text, separator).map { .text($0) })
          }, type: type)
      }),
  ]

  private static let list = Quantity("list", .anyList)
  private static let separator = Quantity("separator", .text)

  private static func parts(_ text: String, _ separator: String) -> [String] {
    if text.isEmpty { return [] }
    if separator.isEmpty { return [text] }
    var copy = text
    return copy.withUTF8 { bytes in
      var separator = separator
      return separator.withUTF8 { mark in
        Characters.split(UnsafeRawBufferPointer(bytes), by: UnsafeRawBufferPointer(mark))
          .map { String(decoding: $0, as: UTF8.self) }
      }
    }
  }

  private static func toText(
    _ name: String, _ parameters: [Quantity], example: String, _ answer: String
  ) -> ScalarFunction {
    var function = ScalarFunction(
      name, returns: Quantity("text", .text),
      summary: "Writes the elements of a list in a row; NULLs only with a text for them.",
      examples: [Example(example, gives: answer)],
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, _) throws(SQLError) -> Vector in
        guard case .list(let element) = arguments[0].type else {
          return Vector.nulls(type, count: count)
        }
        return Vector.of(
          try (0..<count).map { (row) throws(SQLError) -> Value in
            let values = arguments.map { $0.value(at: row) }
            guard case .list(let elements) = values[0], !values.contains(where: \.isNull) else {
              return .null
            }
            let null = values.count > 2 ? values[2].asText : nil
            let texts = try elements.map { (value) throws(SQLError) in
              value.isNull ? null : try ValueText.text(of: value, type: element)
            }.compactMap { $0 }
            return .text(texts.joined(separator: values[1].asText))
          }, type: type)
      })
    function.parameters = parameters
    return function
  }

  private static func map(_ body: @escaping @Sendable (String) -> String) -> Kernel {
    .vectors { (arguments: [Vector], count: Int, type: LogicalType, _) throws(SQLError) -> Vector in
      Vector.of(
        (0..<count).map { row in
          guard case .text(let text) = arguments[0].value(at: row) else { return .null }
          return .text(body(text))
        }, type: type)
    }
  }

  /// A name as SQL reads it.
  @Sendable static func identifier(_ name: String) -> String {
    SQLName.quoted(name)
  }

  /// A text as a literal of SQL.
  @Sendable static func literal(_ text: String) -> String { text.quoted(by: "'") }
}
