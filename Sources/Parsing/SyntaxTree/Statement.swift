import Base

/// One SQL statement as the user wrote it, names unresolved.
public enum Statement: Hashable, Sendable {
  case query(Query)
  case createTable(CreateTable)
  case dropTable(DropTable)
  case insert(Insert)
  case update(Update)
  case delete(Delete)
  case truncate([QualifiedName], SourceRange)
  case checkpoint
  case copy(Copy)
  case explain(Explain)
  case fragment(Fragment)
  case set(SetVariable)
  case show(ShowVariable)
  case transaction(TransactionCommand)
}

/// `[WITH …] body [ORDER BY …] [LIMIT …] [OFFSET …]`.
public struct Query: Hashable, Sendable {
  public var with: [CommonTable] = []
  public var body: QueryBody
  public var orderBy: [SortItem] = []
  /// From LIMIT, FETCH FIRST or, with no other limit, ADQL's TOP of the only SELECT.
  public var limit: Expression?
  public var offset: Expression?
  public var range: SourceRange

  public init(body: QueryBody, range: SourceRange) {
    self.body = body
    self.range = range
  }
}

public indirect enum QueryBody: Hashable, Sendable {
  case select(Select)
  case values(Values)
  /// A parenthesised query with its own ORDER BY and LIMIT.
  case nested(Query)
  case setOperation(SetOperation)
}

/// `first op₁ q₁ op₂ q₂ …`, left to right. INTERSECT binds tighter: a chain of it is one operand
/// among UNION and EXCEPT.
public struct SetOperation: Hashable, Sendable {
  public enum Operator: String, Hashable, Sendable { case union, intersect, except }

  public struct Link: Hashable, Sendable {
    public var symbol: Operator
    public var isAll: Bool
    public var operand: QueryBody
    /// Where the operator stands.
    public var range: SourceRange

    public init(symbol: Operator, isAll: Bool, operand: QueryBody, range: SourceRange) {
      self.symbol = symbol
      self.isAll = isAll
      self.operand = operand
      self.range = range
    }
  }

  public var first: QueryBody
  public var rest: [Link]
  public var range: SourceRange

  public init(first: QueryBody, rest: [Link], range: SourceRange) {
    self.first = first
    self.rest = rest
    self.range = range
  }
}

public struct CommonTable: Hashable, Sendable {
  public var name: Identifier
  public var columns: [Identifier]
  public var query: Query
  /// WITH RECURSIVE: the query may read the table itself.
  public var isRecursive = false

  public init(name: Identifier, columns: [Identifier], query: Query) {
    self.name = name
    self.columns = columns
    self.query = query
  }
}

public struct Select: Hashable, Sendable {
  public var isDistinct = false
  public var items: [SelectItem] = []
  /// The tables of FROM; several stand for their cross product. Empty without FROM.
  public var from: [TableReference] = []
  public var condition: Expression?
  public var groupBy: [Expression] = []
  public var having: Expression?
  /// `WINDOW name AS (…), …`.
  public var windows: [NamedWindow] = []
  public var range: SourceRange

  public init(range: SourceRange) { self.range = range }
}

public enum SelectItem: Hashable, Sendable {
  /// `*` or `qualifier.*`.
  case all(qualifier: QualifiedName?, SourceRange)
  case expression(Expression, alias: Identifier?)
}

/// Rows of expressions; all rows have the same width or the parser reports an error.
public struct Values: Hashable, Sendable {
  public var rows: [[Expression]]
  public var range: SourceRange

  public init(rows: [[Expression]], range: SourceRange) {
    self.rows = rows
    self.range = range
  }
}

public indirect enum TableReference: Hashable, Sendable {
  case table(QualifiedName, alias: TableAlias?)
  case file(FileReference, alias: TableAlias?)
  case function(TableCall, alias: TableAlias?)
  /// A row for each element of lists, which may be columns of the tables before it.
  case unnest(Unnest, alias: TableAlias?)
  case derived(Query, alias: TableAlias?, SourceRange)
  /// `LATERAL (SELECT …)`, which may use columns of what stands before it in FROM.
  case lateral(Query, alias: TableAlias?, SourceRange)
  case join(Join)
}

/// `UNNEST(list, …) [WITH ORDINALITY]`.
public struct Unnest: Hashable, Sendable {
  public var lists: [Expression]
  /// A last column counts the elements of a row's list from 1.
  public var hasOrdinality: Bool
  public var range: SourceRange

  public init(_ lists: [Expression], hasOrdinality: Bool, range: SourceRange) {
    self.lists = lists
    self.hasOrdinality = hasOrdinality
    self.range = range
  }
}

/// `f(a, b) WITH ORDINALITY` in FROM.
public struct TableCall: Hashable, Sendable {
  public var name: QualifiedName
  public var arguments: [Expression]
  /// A last column counts the rows from 1.
  public var hasOrdinality: Bool
  public var range: SourceRange

  public init(
    name: QualifiedName, arguments: [Expression], hasOrdinality: Bool = false, range: SourceRange
  ) {
    self.name = name
    self.arguments = arguments
    self.hasOrdinality = hasOrdinality
    self.range = range
  }
}

public struct TableAlias: Hashable, Sendable {
  public var name: Identifier
  public var columns: [Identifier]

  public init(name: Identifier, columns: [Identifier] = []) {
    self.name = name
    self.columns = columns
  }
}

public struct Join: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable { case inner, left, right, full, cross }

  public enum Condition: Hashable, Sendable {
    case none
    case on(Expression)
    case using([Identifier])
    case natural
  }

  public var kind: Kind
  public var left: TableReference
  public var right: TableReference
  public var condition: Condition
  public var range: SourceRange

  public init(
    kind: Kind, left: TableReference, right: TableReference, condition: Condition,
    range: SourceRange
  ) {
    self.kind = kind
    self.left = left
    self.right = right
    self.condition = condition
    self.range = range
  }
}

public struct SortItem: Hashable, Sendable {
  public enum Nulls: Hashable, Sendable { case first, last }

  public var expression: Expression
  public var isDescending: Bool
  /// As written; nil means PostgreSQL's default: NULLs sort above everything.
  public var nulls: Nulls?

  public init(expression: Expression, isDescending: Bool, nulls: Nulls?) {
    self.expression = expression
    self.isDescending = isDescending
    self.nulls = nulls
  }
}
