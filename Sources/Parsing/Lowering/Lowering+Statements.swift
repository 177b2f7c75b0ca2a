import Base

/// What `Grammar/Statements.peg.swift` matches, queries apart.
extension Lowering {
  /// The table a statement is about.
  private func tableName(_ node: Int) -> QualifiedName {
    firstChild(node, of: .qualifiedName).map(qualifiedName) ?? qualifiedName(node)
  }

  mutating func createTable(_ node: Int) throws(SQLError) -> CreateTable {
    var table = CreateTable(name: tableName(node), range: range(node))
    for child in children(node) {
      switch kind(child) {
      case .ifNotExists: table.ifNotExists = true
      case .columnDefinition: table.columns.append(try columnDefinition(child))
      case .query: table.query = try query(child)
      case .clusterBy:
        guard table.clustering == nil else {
          throw SQLError(.syntaxError, "CLUSTER BY is given twice", at: range(child))
        }
        table.clustering = try clustering(child)
      default: break
      }
    }
    if table.query == nil, let untyped = table.columns.first(where: { $0.type == nil }) {
      throw SQLError(
        .syntaxError, "column has no type: \"\(untyped.name.text)\"", at: untyped.name.range,
        hint: "Write for example: \(untyped.name.text) double precision.")
    }
    return table
  }

  private func columnDefinition(_ node: Int) throws(SQLError) -> ColumnDefinition {
    guard let name = firstChild(node, of: .name) else { throw unexpected(node) }
    var column = ColumnDefinition(name: identifier(name), type: nil)
    for child in children(node) {
      switch kind(child) {
      case .typeName: column.type = try typeName(child)
      case .notNull: column.isNotNull = true
      case .unit: column.unit = unquoted(lastToken(child))
      case .ucd: column.ucd = unquoted(lastToken(child))
      case .utype: column.utype = unquoted(lastToken(child))
      case .description: column.description = unquoted(lastToken(child))
      default: break
      }
    }
    return column
  }

  private func clustering(_ node: Int) throws(SQLError) -> CreateTable.Clustering {
    guard let child = firstChild(node) else { throw unexpected(node) }
    if kind(child) == .unclustered { return .unclustered }
    let names = columns(child)
    guard kind(child) == .sky else { return .columns(names) }
    guard names.count == 2 else { throw unexpected(child) }
    return .sky(lon: names[0], lat: names[1])
  }

  func dropTable(_ node: Int) -> DropTable {
    DropTable(
      names: children(node).filter { kind($0) == .qualifiedName }.map(qualifiedName),
      ifExists: has(.ifExists, in: node), range: range(node))
  }

  mutating func insert(_ node: Int) throws(SQLError) -> Insert {
    Insert(
      table: tableName(node), columns: firstChild(node, of: .columns).map(columns) ?? [],
      query: try nestedQuery(node), range: range(node))
  }

  mutating func update(_ node: Int) throws(SQLError) -> Update {
    var update = Update(
      table: tableName(node), alias: firstChild(node, of: .alias).map(lastName), assignments: [],
      condition: nil, range: range(node))
    for child in children(node) {
      switch kind(child) {
      case .where: update.condition = try onlyExpression(child)
      case .assignment:
        guard let column = firstChild(child, of: .name) else { throw unexpected(child) }
        let value = try firstChild(child, of: .expression).map { (value) throws(SQLError) in
          try expression(value)
        }
        update.assignments.append(.init(column: identifier(column), value: value))
      default: break
      }
    }
    return update
  }

  mutating func delete(_ node: Int) throws(SQLError) -> Delete {
    let condition = try firstChild(node, of: .where).map { (child) throws(SQLError) in
      try onlyExpression(child)
    }
    return Delete(
      table: tableName(node), alias: firstChild(node, of: .alias).map(lastName),
      condition: condition, range: range(node))
  }

  mutating func explain(_ node: Int) throws(SQLError) -> Explain {
    Explain(
      isAnalyze: has(.analyze, in: node),
      fragmentCount: firstChild(node, of: .fragments).map { text(lastToken($0)) },
      statement: try nestedQuery(node), range: range(node))
  }

  mutating func fragment(_ node: Int) throws(SQLError) -> Fragment {
    // FRAGMENT number OF count AT 'snapshot'
    let first = Int(nodes[node].start)
    return Fragment(
      number: text(tokens[first + 1]), count: text(tokens[first + 3]),
      snapshot: unquoted(tokens[first + 5]), query: try nestedQuery(node), range: range(node))
  }

  // MARK: Settings

  func lastName(_ node: Int) -> Identifier { identifier(lastToken(node)) }

  func set(_ node: Int) -> SetVariable {
    SetVariable(
      name: firstChild(node).map(identifier) ?? lastName(node),
      value: firstChild(node, of: .setting).map(setting), range: range(node))
  }

  /// A value in SET or COPY: a literal, or a word as a string.
  private func setting(_ node: Int) -> Literal {
    let token = lastToken(node)
    let isNegative = firstChild(node, of: .sign).map { text(firstToken($0)) == "-" } ?? false
    let sign = isNegative ? "-" : ""
    switch token.kind {
    case .integer: return .integer(sign + text(token))
    case .decimal: return .decimal(sign + text(token))
    case .string: return .string(unquoted(token))
    default: break
    }
    if has(.true, in: node) { return .boolean(true) }
    if has(.false, in: node) { return .boolean(false) }
    return .string(identifier(token).text)
  }

  // MARK: COPY

  mutating func copy(_ node: Int) throws(SQLError) -> Copy {
    let subject: Copy.Subject
    if let subquery = firstChild(node, of: .subquery) {
      subject = .query(try nestedQuery(subquery))
    } else {
      let columns = firstChild(node, of: .columns).map(columns) ?? []
      subject = .table(tableName(node), columns: columns)
    }
    var target = Copy.Target.standardStream
    for child in children(node) {
      if kind(child) == .fileName { target = .file(unquoted(firstToken(child)), range(child)) }
    }
    return Copy(
      subject: subject, isFrom: has(.copyFrom, in: node), target: target,
      options: fileOptions(in: node), range: range(node))
  }

  /// The options among the parts of a node, in both ways of writing them.
  func fileOptions(in node: Int) -> [FileOption] {
    children(node).compactMap { child in
      switch kind(child) {
      case .fileOption: fileOption(child)
      case .legacyOption: legacyOption(child)
      default: nil
      }
    }
  }

  private func fileOption(_ node: Int) -> FileOption {
    var name = identifier(node)
    if !name.isDelimited { name.text = name.text.lowercased() }
    var value: FileOption.Setting?
    if let list = firstChild(node, of: .settingList) {
      value = .list(children(list).map(setting))
    } else if let single = firstChild(node, of: .setting) {
      value = .literal(setting(single))
    }
    return FileOption(name: name, setting: value, range: range(node))
  }

  /// `CSV`, `HEADER` or `DELIMITER ','` as the option in parentheses that says the same.
  private func legacyOption(_ node: Int) -> FileOption {
    let word = firstToken(node)
    func named(_ name: String, _ value: Literal?) -> FileOption {
      FileOption(
        name: Identifier(name, range: word.range), setting: value.map { .literal($0) },
        range: range(node))
    }
    if has(.csv, in: node) { return named("format", .string("csv")) }
    if has(.binary, in: node) { return named("format", .string("binary")) }
    if has(.header, in: node) { return named("header", nil) }
    return named(text(word).lowercased(), .string(unquoted(lastToken(node))))
  }
}
