import Base
import Parsing
import Plans
import Vectors

/// Fields of structures, elements and slices of lists.
extension Binder {
  /// A column, or fields of one: `candidate.ra`, `a.candidate.ra`. A column of a table comes first,
  /// then the longest name that is a column.
  mutating func bindName(
    _ name: QualifiedName, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    do throws(SQLError) {
      return try bindColumn(name, in: scope)
    } catch {
      for count in stride(from: name.parts.count - 1, to: 0, by: -1) {
        let prefix = QualifiedName(Array(name.parts[..<count]))
        guard var bound = try? bindColumn(prefix, in: scope), bound.type.fields != nil else {
          continue
        }
        for part in name.parts[count...] { bound = try field(part, of: bound) }
        return bound
      }
      if let value = try sessionValue(name) { return value }
      throw error
    }
  }

  /// A field of a structure; of a list of structures, the list of its elements' fields.
  func field(_ name: Identifier, of base: BoundExpression) throws(SQLError) -> BoundExpression {
    guard let fields = base.type.fields else {
      throw SQLError(
        .datatypeMismatch, "\(base.type) has no fields: \"\(name.text)\"", at: name.range)
    }
    let folded = name.text.lowercased()
    var matches = fields.indices.filter { fields[$0].name == name.text }
    if matches.isEmpty || !name.isDelimited {
      matches = fields.indices.filter { fields[$0].name.lowercased() == folded }
    }
    if matches.count > 1 {
      let names = matches.map { "\"\(fields[$0].name)\"" }.joined(separator: " or ")
      throw SQLError(
        .ambiguousColumn, "field is ambiguous: \"\(name.text)\"", at: name.range,
        hint: "It could be \(names).")
    }
    guard let index = matches.first, let type = base.type.fieldType(index) else {
      throw SQLError(
        .undefinedColumn, "field does not exist: \"\(name.text)\"", at: name.range,
        hint: Suggestion.hint(for: name.text, among: fields.map(\.name)))
    }
    return BoundExpression(
      .field(base.expression, index, type), column: PlanColumn(fields[index].name, type),
      range: base.range.union(name.range))
  }

  /// The functions that make structures; their types say more than overloads can.
  static let structureMakers: Set<String> = ["struct_value", "row", "named_struct"]

  mutating func bindStructure(
    _ call: FunctionCall, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    let isNamed = call.name.last.text.lowercased() == "named_struct"
    guard !call.arguments.isEmpty, !isNamed || call.arguments.count % 2 == 0 else {
      throw SQLError(
        .undefinedFunction, "\(call.name.text) needs a value for each field", at: call.range,
        hint: "As in named_struct('ra', 10.5, 'dec', 20) or row(10.5, 20).")
    }
    var fields: [StructField] = []
    var values: [ScalarExpression] = []
    for index in stride(from: 0, to: call.arguments.count, by: isNamed ? 2 : 1) {
      var name = "f\(index + 1)"
      if isNamed {
        guard case .literal(.string(let text), _) = call.arguments[index] else {
          throw SQLError(
            .datatypeMismatch, "the name of a field is text in quotes",
            at: call.arguments[index].range)
        }
        name = text
      }
      let bound = try bind(call.arguments[isNamed ? index + 1 : index], in: scope)
      let isText = bound.isUntyped || bound.type == .null
      values.append(isText ? try coerce(bound, to: .text) : bound.expression)
      fields.append(StructField(name, values[values.count - 1].type))
    }
    guard LogicalType.structure(fields).depth <= LogicalType.maximumDepth else {
      throw SQLError(
        .statementTooComplex, "types are nested deeper than \(LogicalType.maximumDepth)",
        at: call.range)
    }
    let node = ScalarExpression.call(
      FunctionCallExpression(
        name: "struct_value", argumentTypes: fields.map(\.type), arguments: values,
        type: .structure(fields), range: call.range))
    return BoundExpression(
      ConstantFolding.foldCall(node, functions: environment.functions), range: call.range)
  }

  /// `list[i]`, or `structure['field']`.
  mutating func bindSubscript(
    _ base: Expression, _ index: Expression, _ range: SourceRange, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    let bound = try bind(base, in: scope)
    if case .literal(.string(let name), let place) = index, bound.type.fields != nil {
      var result = try field(Identifier(name, isDelimited: true, range: place), of: bound)
      result.range = range
      return result
    }
    return try call("list_element", [bound, try bind(index, in: scope)], range)
  }

  /// `list[from:to]`.
  mutating func bindSlice(
    _ base: Expression, _ from: Expression?, _ to: Expression?, _ range: SourceRange,
    in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    let list = try bind(base, in: scope)
    func bound(
      _ expression: Expression?, _ standard: Int64, _ binder: inout Binder
    ) throws(SQLError) -> BoundExpression {
      guard let expression else {
        return BoundExpression(.literal(.integer(standard), .int64), range: range)
      }
      return try binder.bind(expression, in: scope)
    }
    let first = try bound(from, 1, &self)
    let last = try bound(to, .max, &self)
    return try call("list_slice", [list, first, last], range)
  }
}
