import Avro
import Base
import Testing
import Vectors

private let acceptedSchemas: [(schema: String, type: String)] = [
  (#""int""#, "integer"), (#"["null", "long"]"#, "bigint"), (#"{"type": "bytes"}"#, "bytea"),
  (#"{"type": "int", "logicalType": "date"}"#, "date"),
  (#"{"type": "long", "logicalType": "timestamp-micros"}"#, "timestamp"),
  (#"{"type": "long", "logicalType": "date"}"#, "bigint"),
  (#"{"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}"#, "decimal(9,2)"),
  (#"{"type": "bytes", "logicalType": "decimal", "precision": 99}"#, "bytea"),
  (#"{"type": "map", "values": "float"}"#, "map(text,real)"),
  (#"["int", "string", "null"]"#, #"struct("int" integer,"string" text)"#),
  (
    #"{"type": "record", "name": "a.b", "fields": [{"name": "x", "type": {"type": "fixed", "name": "f", "size": 2}}, {"name": "y", "type": "a.f"}]}"#,
    #"struct("x" bytea,"y" bytea)"#
  ),
]

private let refusedSchemas: [(schema: String, reason: String)] = [
  ("", "ends too early"), ("{", "name in quotes"), (#""what""#, "unknown type"), ("[]", "without types"),
  (#"["int", "int"]"#, "two branches"), (#"["int", ["null"]]"#, "directly within"),
  (#"{"type": "array"}"#, "items"), (#"{"type": "record", "name": "r"}"#, "without fields"),
  (#"{"type": "fixed", "name": "f", "size": -1}"#, "size"), ("12", "a type is"),
  (#"{"type": "record", "name": "r", "fields": [{"name": "n", "type": ["null", "r"]}]}"#, "contains itself"),
  (String(repeating: #"{"type":"array","items":"#, count: 60) + #""int""# + String(repeating: "}", count: 60), "nested deeper"),
  (String(repeating: "[", count: 200), "nested too deeply"), (#""int" x"#, "behind the end"),
]

@Suite("Avro schemas")
struct AvroSchemaTests {
  static func typeName(_ schema: String) throws(SQLError) -> String {
    try AvroShape(AvroSchemaReader.read(Array(schema.utf8))).type.description
  }

  @Test("have types", arguments: acceptedSchemas.indices)
  func types(index: Int) throws {
    #expect(try Self.typeName(acceptedSchemas[index].schema) == acceptedSchemas[index].type)
  }

  @Test("that are wrong are refused", arguments: refusedSchemas.indices)
  func refusal(index: Int) {
    do throws(SQLError) {
      _ = try Self.typeName(refusedSchemas[index].schema)
      Issue.record("\(refusedSchemas[index].schema) was read")
    } catch {
      #expect(error.message.contains(refusedSchemas[index].reason), "\(error.message)")
    }
  }

  @Test("types that name each other many times over are refused")
  func explosion() {
    var fields = #"{"name": "x", "type": "int"}"#
    for level in 0..<30 {
      let inner = #"{"type": "record", "name": "r\#(level)", "fields": [\#(fields)]}"#
      fields = #"{"name": "a", "type": \#(inner)}, {"name": "b", "type": "r\#(level)"}"#
    }
    #expect(throws: SQLError.self) {
      try Self.typeName(#"{"type": "record", "name": "top", "fields": [\#(fields)]}"#)
    }
  }

  @Test("types that are deep only where they are named are refused, too")
  func depthByReference() {
    func nested(_ type: String, _ name: String) -> String {
      var text = type
      for level in 0..<20 {
        let field = #"{"name": "a", "type": \#(text)}"#
        text = #"{"type": "record", "name": "\#(name)\#(level)", "fields": [\#(field)]}"#
      }
      return text
    }
    let fields = [
      nested(#""long""#, "A"), nested(#""A19""#, "B"), nested(#""B19""#, "C"),
    ]
    for count in 1...3 {
      let list = fields.prefix(count).enumerated()
        .map { #"{"name": "f\#($0)", "type": \#($1)}"# }.joined(separator: ",")
      let schema = #"{"type": "record", "name": "top", "fields": [\#(list)]}"#
      let name = try? Self.typeName(schema)
      #expect((name != nil) == (count < 3))
      #expect(name.map { LogicalType(text: $0) != nil } ?? true)
    }
  }

  @Test("what is deepest is a type that tables have")
  func deepest() throws {
    var schema = #""int""#
    for _ in 0..<31 { schema = #"{"type": "map", "values": \#(schema)}"# }
    let name = try Self.typeName(schema)
    #expect(LogicalType(text: name)?.depth == 63)
    schema = #"{"type": "map", "values": {"type": "map", "values": \#(schema)}}"#
    #expect(throws: SQLError.self) { try Self.typeName(schema) }
  }
}
