import Testing
import Vectors

@Suite("Constants")
struct ConstantTests {
  static let inner = LogicalType.structure([StructField("a", .int32), StructField("p", .point)])
  static let type = LogicalType.structure([
    StructField("s", inner), StructField("l", .list(inner)), StructField("t", .text),
  ])
  static let value = Value.structure([
    .structure([.integer(1), .structure([.float64(2), .float64(3)])]),
    .list([.structure([.integer(4), .null])]), .null,
  ])

  @Test("of nested structures have the value in any number of rows", arguments: [0, 1, 64, 1024])
  func rows(count: Int) {
    let made = Vector.constant(Self.value, type: Self.type, count: 3)
    let indices = SelectionVector([UInt16](repeating: 2, count: count))
    let vectors = [
      made.resizedConstant(count), made.gathered(by: indices), made.gathered(by: indices).flattened(),
      made.flattened().gathered(by: indices), made.flattenedDeeply().gathered(by: indices),
    ]
    for vector in vectors {
      #expect(vector.count == count)
      for row in 0..<count { #expect(vector.value(at: row) == Self.value) }
    }
  }

  @Test("of every field are constants, too")
  func encodings() {
    let made = Vector.constant(Self.value, type: Self.type, count: 3)
    #expect(made.children[0].children[1].children[1].isConstant)
    #expect(made.children[2].isConstantNull)
    #expect(made.slice(from: 1, count: 2).value(at: 1) == Self.value)
  }
}
