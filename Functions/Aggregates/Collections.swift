import Base
import FunctionKit
import Vectors

/// Aggregates that keep values as they are: first, array_agg, string_agg; and the boolean ones.
enum Collections {
  static let functions: [AggregateFunction] = [
    AggregateFunction(
      "any_value", aliases: ["first"], takes: Quantity("x", .any),
      returns: Quantity("value", .sameAs(0)),
      summary: "Gives the first value that is not NULL, in storage order.",
      examples: [Example("SELECT any_value(x) FROM (VALUES (7), (7)) AS t(x)", gives: "7")],
      state: { (_) -> any AggregateState in CollectionState(.first) }),
    AggregateFunction(
      "array_agg", aliases: ["list"], takes: Quantity("x", .any),
      returns: Quantity("list", .listOf(0)),
      summary: "Gives a list of all values in order, NULLs included.",
      examples: [
        Example("SELECT array_agg(x) FROM (VALUES (1), (NULL), (3)) AS t(x)", gives: "{1,NULL,3}")
      ],
      state: { (_) -> any AggregateState in CollectionState(.list) }),
    AggregateFunction(
      "string_agg", aliases: ["ivo_string_agg"], takes: Quantity("text", .text),
      Quantity("separator", .text), returns: Quantity("text", .text),
      summary: "Joins all texts that are not NULL, in order, with a separator between them.",
      source: "IVOA catalogue of UDFs",
      examples: [
        Example("SELECT string_agg(x, '+') FROM (VALUES ('a'), ('b')) AS t(x)", gives: "a+b")
      ],
      state: { (_) -> any AggregateState in CollectionState(.joined) }),
    logical("bool_and", "true if x is true in all rows", "f", identity: 1),
    logical("bool_or", "true if x is true in any row", "t", identity: 0),
  ]

  private static func logical(
    _ name: String, _ word: String, _ answer: String, identity: UInt8
  ) -> AggregateFunction {
    AggregateFunction(
      name, aliases: name == "bool_and" ? ["every"] : [], takes: Quantity("x", .boolean),
      returns: Quantity("answer", .boolean), summary: "Gives \(word) where it is not NULL.",
      examples: [
        Example("SELECT \(name)(x) FROM (VALUES (true), (false)) AS t(x)", gives: answer)
      ],
      state: { (_) -> any AggregateState in
        ExtremeState<IntegerOrder<UInt8>>(wantsMaximum: identity == 0)
      })
  }
}

/// Values one by one with their groups. Not for hot paths: what is collected is shown or stored.
final class CollectionState: AggregateState {
  enum Kind: Sendable { case first, list, joined }

  private let kind: Kind
  private var values: [[[Value]]] = []
  private var heldBytes = 0

  init(_ kind: Kind) { self.kind = kind }

  func resize(groupCount: Int) {
    if groupCount > values.count {
      values += [[[Value]]](repeating: [], count: groupCount - values.count)
    }
  }

  func update(_ inputs: [Vector], groups: UnsafePointer<UInt32>, count: Int) throws(SQLError) {
    for row in 0..<count { add(inputs, row, Int(groups[row])) }
  }

  func update(_ inputs: [Vector], from start: Int, count: Int, group: Int) throws(SQLError) {
    for row in start..<start + count { add(inputs, row, group) }
  }

  private func add(_ inputs: [Vector], _ row: Int, _ group: Int) {
    if kind != .list, inputs[0].isNull(row) { return }
    if kind == .first, !values[group].isEmpty { return }
    values[group].append(
      inputs.map { $0.encoding == .sequence ? $0.flattened().value(at: row) : $0.value(at: row) })
    heldBytes += 64
    if case .text(let text)? = values[group].last?.first { heldBytes += text.utf8.count }
  }

  func merge(
    _ other: any AggregateState, mapping: UnsafePointer<UInt32>, groups: Range<Int>
  ) throws(SQLError) {
    guard let other = other as? CollectionState else { throw StateMismatch.error }
    for group in groups {
      let target = Int(mapping[group])
      if kind == .first, !values[target].isEmpty { continue }
      values[target] += other.values[group]
    }
    if groups.lowerBound == 0 { heldBytes += other.heldBytes }
  }

  func finish(_ range: Range<Int>, as type: LogicalType) throws(SQLError) -> Vector {
    let builder = VectorBuilder(type: type)
    for group in range { builder.append(answer(values[group])) }
    return builder.finish()
  }

  private func answer(_ rows: [[Value]]) -> Value {
    if rows.isEmpty { return .null }
    switch kind {
    case .first: return rows[0][0]
    case .list: return .list(rows.map { $0[0] })
    case .joined:
      var text = ""
      for (index, row) in rows.enumerated() {
        if index > 0, case .text(let separator) = row[1] { text += separator }
        if case .text(let part) = row[0] { text += part }
      }
      return .text(text)
    }
  }

  var sizeBytes: Int { heldBytes + values.count * 8 }

  func serialise(groupCount: Int, into out: inout ByteWriter) {
    for group in 0..<groupCount {
      out.appendLittleEndian(UInt32(truncatingIfNeeded: values[group].count))
      for row in values[group] { ValueCodec.append(.structure(row), to: &out) }
    }
  }

  func deserialise(groupCount: Int, from bytes: inout ByteReader) throws(SQLError) {
    values = []
    heldBytes = 0
    for _ in 0..<groupCount {
      let count = Int(try bytes.readLittleEndian(UInt32.self))
      var rows: [[Value]] = []
      for _ in 0..<count {
        guard case .structure(let row) = try ValueCodec.read(&bytes), !row.isEmpty else {
          throw bytes.corrupt("a row of values expected")
        }
        rows.append(row)
      }
      heldBytes += count * 64
      values.append(rows)
    }
  }
}
