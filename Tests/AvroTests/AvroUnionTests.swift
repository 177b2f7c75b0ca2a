import Avro
import Base
import Testing
import Vectors

/// `{"v": long}` as a record of this full name.
private func record(_ name: String, _ type: String = "long") -> String {
  #"{"type": "record", "name": "\#(name)", "fields": [{"name": "v", "type": "\#(type)"}]}"#
}

private func schema(_ branches: [String]) -> String {
  let union = branches.joined(separator: ", ")
  return #"{"type": "record", "name": "r", "fields": [{"name": "u", "type": [\#(union)]}]}"#
}

/// Two rows: 7 in the first branch, 9 in the second one.
private func file(_ branches: [String]) -> [UInt8] {
  var out = AvroBytes()
  for (branch, value) in [(0, 7), (1, 9)] as [(Int64, Int64)] {
    out.number(branch)
    out.number(value)
  }
  return AvroBytes.file(schema(branches), [(2, out.bytes)])
}

private func shape(_ branches: [String]) throws(SQLError) -> AvroShape {
  try AvroShape(AvroSchemaReader.read(Array(schema(branches).utf8)))
}

private func names(_ shape: AvroShape) -> [String] {
  shape.columns[0].field.type.fields?.map(\.name) ?? []
}

private let seven = Value.structure([.structure([.integer(7)]), .null])
private let nine = Value.structure([.null, .structure([.integer(9)])])

@Suite("Avro unions of records")
struct AvroUnionTests {
  @Test(
    "of the same name in two namespaces stay apart",
    arguments: [["a.X", "b.X"], ["b.X", "X"], ["X", "b.X"], ["a.X", "b.Y"]])
  func namespaces(_ branches: [String]) throws {
    let union = branches.map { record($0) }
    #expect(Set(names(try shape(union))).count == 2)
    #expect(try readAll(file(union)) == [[seven], [nine]])
  }

  @Test("of two files are merged by their full names")
  func merged() throws {
    let (one, other) = ([record("a.X"), record("b.X")], [record("b.X"), record("a.X")])
    let both = try shape(one).merged(with: shape(other))
    #expect(names(both) == ["a.X", "b.X"])
    #expect(try readAll(file(one), shape: both) == [[seven], [nine]])
    let (first, second) = (
      Value.structure([.null, .structure([.integer(7)])]),
      Value.structure([.structure([.integer(9)]), .null])
    )
    #expect(try readAll(file(other), shape: both) == [[first], [second]])
    // A name that moved to another namespace is the same; two of them are not.
    let moved = try shape([record("a.X"), #""string""#]).merged(
      with: shape([record("c.X"), #""string""#]))
    #expect(names(moved) == ["X", "string"])
    let three = try shape(one).merged(with: shape([record("c.X"), record("a.X")]))
    #expect(names(three) == ["a.X", "b.X"])
    let more = try shape([record("a.X"), #""string""#]).merged(
      with: shape([record("a.X"), record("X")]))
    #expect(Set(names(more)).count == 3)
  }

  @Test("keep their values in columns of a table")
  func fitted() throws {
    let union = [record("A"), record("B")]
    let made = try shape(union)
    let type = made.columns[0].field.type
    #expect(
      try readAll(file(union), shape: made.fitted(to: [StructField("u", type)])) == [
        [seven], [nine],
      ])
    guard case .structure(let fields) = type else { return }
    let more = LogicalType.structure([fields[1], StructField("C", .text), fields[0]])
    #expect(
      try readAll(file(union), shape: made.fitted(to: [StructField("U", more)])) == [
        [.structure([.null, .null, .structure([.integer(7)])])],
        [.structure([.structure([.integer(9)]), .null, .null])],
      ])
    // What the table has no place for is refused.
    let less = made.fitted(to: [StructField("u", .structure([fields[0]]))])
    #expect(throws: SQLError.self) { try readAll(file(union), shape: less) }
    let none = made.fitted(to: [StructField("u", .structure([StructField("v", .int64)]))])
    #expect(none.columns[0].field.type == type)
  }
}

@Suite("Avro values in columns of a table")
struct AvroFittingTests {
  private static let map = #"{"type": "map", "values": "long"}"#

  @Test("maps keep their keys' type whatever the table has")
  func maps() throws {
    let schema = #"{"type": "record", "name": "r", "fields": [{"name": "m", "type": \#(Self.map)}]}"#
    var out = AvroBytes()
    out.number(5000)
    for key in 0..<5000 {
      out.text("key \(key)")
      out.number(Int64(key))
    }
    out.number(0)
    let bytes = AvroBytes.file(schema, [(1, out.bytes)])
    let made = try AvroShape(AvroSchemaReader.read(Array(schema.utf8)))
    let own = made.columns[0].field.type
    for type in [LogicalType.map(key: .int32, value: .int64), .map(key: .int64, value: .text)] {
      let fitted = made.fitted(to: [StructField("m", type)])
      #expect(fitted.columns[0].field.type == own)
      #expect(try readAll(bytes, shape: fitted) == readAll(bytes))
    }
    // A column that only the table has is of its type; a writer's map does not go into it.
    let other = try AvroShape(AvroSchemaReader.read(Array(
      #"{"type": "record", "name": "r", "fields": [{"name": "n", "type": "int"}]}"#.utf8)))
    let wrong = other.fitted(to: [StructField("m", .map(key: .int32, value: .int64))])
    #expect(throws: SQLError.self) { try readAll(bytes, shape: wrong) }
  }

  @Test("aliases and defaults below a column stay known")
  func aliases() throws {
    let reader = """
      {"type": "record", "name": "r", "fields": [{"name": "s", "type":
        {"type": "record", "name": "p", "fields": [
          {"name": "ra", "aliases": ["alpha"], "type": "double"},
          {"name": "n", "type": "int", "default": 5}]}}]}
      """
    let writer = """
      {"type": "record", "name": "r", "fields": [{"name": "s", "type":
        {"type": "record", "name": "p", "fields": [{"name": "alpha", "type": "double"}]}}]}
      """
    var out = AvroBytes()
    out.double(1.5)
    let bytes = AvroBytes.file(writer, [(1, out.bytes)])
    let made = try AvroShape(AvroSchemaReader.read(Array(reader.utf8)), keepingDefaults: true)
    let wanted = LogicalType.structure([
      StructField("n", .int32), StructField("x", .text), StructField("ra", .float64),
    ])
    let fitted = made.fitted(to: [StructField("s", wanted)])
    #expect(
      try readAll(bytes, shape: fitted) == [[.structure([.integer(5), .null, .float64(1.5)])]])
  }
}
