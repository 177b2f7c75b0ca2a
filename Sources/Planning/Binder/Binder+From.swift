import Base
import Catalog
import FunctionKit
import Functions
import Parsing
import Plans
import Vectors

extension Binder {
  mutating func bindFrom(
    _ references: [TableReference]
  ) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    // The list becomes joins, the first table deepest.
    let joins = max(0, references.count - 1)
    if let last = references.last { try enter(last.range, levels: joins) }
    defer { leave(levels: joins) }
    var result: (plan: LogicalPlan, scope: Scope) = (.singleRow, Scope())
    for (index, written) in references.enumerated() {
      let reference = written.overColumns
      if case .unnest(let unnest, let alias) = reference, index > 0 {
        let before = result.scope
        try addRelations(1, reference.range)
        result = try bindUnnest(unnest, alias, over: result)
        let own = Scope(relations: Array(result.scope.relations.suffix(1)))
        try checkAliases(before, own, reference)
        continue
      }
      if case .lateral(let query, let alias, let range) = reference, index > 0 {
        let joined = try bindLateral(result, query, alias, range, isLeft: false, on: nil)
        try checkAliases(result.scope, joined.right, reference)
        result = (joined.plan, result.scope.joined(with: joined.right))
        continue
      }
      let next = try bindReference(reference)
      try checkAliases(result.scope, next.scope, reference)
      if index == 0 {
        result = next
      } else {
        result = (
          .join(
            JoinPlan(kind: .inner, left: result.plan, right: next.plan, keys: [], residual: [])),
          result.scope.joined(with: next.scope)
        )
      }
    }
    return result
  }

  private mutating func bindReference(
    _ reference: TableReference
  ) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    try addRelations(1, reference.range)
    switch reference.overColumns {
    case .table(let name, let alias):
      return try bindTable(name, alias)
    case .derived(let query, let alias, let range), .lateral(let query, let alias, let range):
      let plan = try bindQuery(query)
      return try relation(plan, name: alias?.name.text ?? "", alias: alias, range: range)
    case .function(let call, let alias):
      return try bindTableFunction(call, alias)
    case .file(let file, let alias):
      return try bindFile(file, alias)
    case .unnest(let unnest, let alias):
      return try bindUnnest(unnest, alias, over: (.singleRow, Scope()))
    case .join(let join):
      return try bindJoin(join)
    }
  }

  private func bindFile(
    _ file: FileReference, _ alias: TableAlias?
  ) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    guard let fileColumns = environment.fileColumns else {
      throw SQLError(.featureNotSupported, "files in FROM are not available here", at: file.range)
    }
    let source = try FileSource(file.path, file.options)
    let plan = LogicalPlan.file(FileRead(source, columns: try fileColumns(source, file)))
    return try relation(plan, name: fileStem(file.path), alias: alias, range: file.range)
  }

  private func fileStem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.split(separator: ".").first.map(String.init) ?? name
  }

  /// A relation over a finished plan, with the alias's name and column names if given.
  private func relation(
    _ plan: LogicalPlan, name: String, schema: String? = nil, alias: TableAlias?,
    range: SourceRange, hidden: Set<Int> = []
  ) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    var columns = plan.columns.enumerated().map {
      Scope.Column(column: $1, index: $0, isHidden: hidden.contains($0))
    }
    if let names = alias?.columns {
      let visible = columns.indices.filter { !columns[$0].isHidden }
      guard names.count <= visible.count else {
        throw SQLError(
          .invalidColumnReference,
          "\(names.count) column names given for \(visible.count) columns", at: range)
      }
      for (position, name) in zip(visible, names) { columns[position].column.name = name.text }
    }
    let relation = Scope.Relation(
      name: alias?.name.text ?? name, schema: alias == nil ? schema : nil, columns: columns)
    return (plan, Scope(relations: [relation]))
  }

  private mutating func bindTable(
    _ name: QualifiedName, _ alias: TableAlias?
  ) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    let range = name.range
    if name.parts.count == 1 {
      let folded = name.last.text.lowercased()
      if let common = commonTables.last(where: { $0.name.lowercased() == folded }) {
        try mention(common, range)
      if case .workingTable(let number, _) = common.plan { recursionMentions[number] += 1 }
        let plan = lifted(common.plan, from: common.outerCount)
        return try relation(plan, name: common.name, alias: alias, range: range)
      }
    }
    guard name.parts.count <= 2 else {
      throw SQLError(
        .featureNotSupported, "a table name has at most a schema: \"\(name.text)\"", at: range)
    }
    let schema = name.parts.count == 2 ? name.parts[0].text : nil
    guard
      let table = try environment.catalog.table(
        named: name.last.text, schema: schema, isDelimited: name.last.isDelimited, at: range)
    else { throw environment.catalog.undefined(name.text, at: range) }
    let scan = TableScan(
      schema: table.schema, name: table.name, tableColumns: table.columns.map(PlanColumn.init),
      projection: Array(table.columns.indices))
    let hidden = Set(table.columns.indices.filter { table.columns[$0].isHidden })
    return try relation(
      .scan(scan), name: table.name, schema: table.schema, alias: alias, range: range,
      hidden: hidden)
  }

  mutating func bindTableFunction(
    _ call: TableCall, _ alias: TableAlias?
  ) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    let (name, arguments, range) = (call.name, call.arguments, call.range)
    guard let function = environment.functions.table(named: name.last.text) else {
      throw SQLError(
        .undefinedFunction, "table function does not exist: \"\(name.text)\"", at: name.range,
        hint: Suggestion.hint(
          for: name.text, among: environment.functions.tables.map(\.name)))
    }
    let least = function.parameters.count - function.optionalCount
    guard (least...function.parameters.count).contains(arguments.count) else {
      throw SQLError(
        .undefinedFunction, "function does not take \(arguments.count) arguments: \(name.text)",
        at: range, hint: "There is \(function.signature).")
    }
    var values: [Value] = []
    for (argument, parameter) in zip(arguments, function.parameters) {
      guard case .exactly(let type) = parameter.type else { continue }
      values.append(try bindConstant(argument, as: type, clause: "a table function's argument"))
    }
    var columns = function.columns.map { PlanColumn($0.name, $0.type) }
    // The only column of a function goes by the alias, too.
    if let alias, columns.count == 1 { columns[0].name = alias.name.text }
    var plan = LogicalPlan.tableFunction(
      name: function.name, arguments: values, columns: columns)
    if call.hasOrdinality { plan = Self.numbered(plan) }
    return try relation(plan, name: function.name, alias: alias, range: range)
  }

  /// WITH ORDINALITY: the rows counted from 1.
  private static func numbered(_ plan: LogicalPlan) -> LogicalPlan {
    let call = WindowCall(
      name: "row_number", isAggregate: false, argumentTypes: [], arguments: [], frame: .standard,
      type: .int64)
    return .window(
      plan, WindowPlan(partitions: [], order: [], calls: [call]),
      columns: plan.columns + [PlanColumn("ordinality", .int64)])
  }

  /// A subquery in FROM that may use columns of `left`; `condition` is that of ON.
  mutating func bindLateral(
    _ left: (plan: LogicalPlan, scope: Scope), _ query: Query, _ alias: TableAlias?,
    _ range: SourceRange, isLeft: Bool, on condition: Expression?
  ) throws(SQLError) -> (plan: LogicalPlan, right: Scope) {
    try addRelations(1, range)
    let inner = try bindBelow(query, in: left.scope)
    let right = try relation(
      inner.plan, name: alias?.name.text ?? "", alias: alias, range: range
    ).scope
    var terms: [ScalarExpression] = []
    if let condition {
      let saved = (aggregates, clause)
      (aggregates, clause) = (nil, "JOIN")
      defer { (aggregates, clause) = saved }
      terms = try bindCondition(condition, in: left.scope.joined(with: right)).conjuncts
    }
    let call = SubqueryCall(
      kind: .row, plan: inner.plan, captured: inner.captured,
      types: inner.plan.columns.map(\.type), range: range)
    let plan = try measured(call, left.plan) { (joiner, plan) throws(SQLError) in
      try joiner.lateral(call, to: plan, isLeft: isLeft, terms)
    }
    return (plan, right)
  }

  func checkAliases(
    _ left: Scope, _ right: Scope, _ reference: TableReference
  ) throws(SQLError) {
    for relation in right.relations where !relation.name.isEmpty {
      if left.relations.contains(where: {
        $0.name.lowercased() == relation.name.lowercased() && $0.schema == relation.schema
      }) {
        throw SQLError(
          .duplicateAlias, "table name is used twice in FROM: \"\(relation.name)\"",
          at: reference.range, hint: "Give one of them an alias.")
      }
    }
  }
}

extension TableReference {
  /// A series whose bounds may be columns is a list that is unnested.
  var overColumns: TableReference {
    guard case .function(let call, let alias) = self, !call.arguments.allSatisfy(SeriesCalls.isPlain),
      let list = SeriesCalls.list(call.name, call.arguments, call.range)
    else { return self }
    let unnest = Unnest([list], hasOrdinality: call.hasOrdinality, range: call.range)
    let own = alias ?? TableAlias(name: call.name.last)
    return .unnest(unnest, alias: own)
  }

  var range: SourceRange {
    switch self {
    case .table(let name, _): name.range
    case .file(let file, _): file.range
    case .unnest(let unnest, _): unnest.range
    case .function(let call, _): call.range
    case .derived(_, _, let range), .lateral(_, _, let range): range
    case .join(let join): join.range
    }
  }
}
