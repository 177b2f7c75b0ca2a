import Base

public struct CreateTable: Hashable, Sendable {
  public var name: QualifiedName
  public var ifNotExists = false
  /// Empty for `CREATE TABLE … AS`, unless names are listed before AS.
  public var columns: [ColumnDefinition] = []
  public var query: Query?
  public var clustering: Clustering?
  public var range: SourceRange

  /// `CLUSTER BY SKY(ra, dec)`, `CLUSTER BY (a, b)` or `CLUSTER BY NONE`.
  public enum Clustering: Hashable, Sendable {
    case unclustered
    case sky(lon: Identifier, lat: Identifier)
    case columns([Identifier])
  }

  public init(name: QualifiedName, range: SourceRange) {
    self.name = name
    self.range = range
  }
}

public struct ColumnDefinition: Hashable, Sendable {
  public var name: Identifier
  /// Nil only in `CREATE TABLE t (a, b) AS …`.
  public var type: TypeName?
  public var isNotNull = false
  /// `UNIT 'mag'`, `UCD 'phot.mag'`, `UTYPE '…'`, `DESCRIPTION '…'` (or COMMENT), in any order.
  public var unit: String?
  public var ucd: String?
  public var utype: String?
  public var description: String?

  public init(name: Identifier, type: TypeName?) {
    self.name = name
    self.type = type
  }
}

/// A type as written: `double precision`, `varchar(10)`, `float[]`, `decimal(10, 2)`.
public struct TypeName: Hashable, Sendable {
  /// Lower case, words of a multi-word name joined by one blank: "double precision",
  /// "timestamp with time zone".
  public var name: String
  public var arguments: [Int]
  /// How many `[]` follow.
  public var arrayDepth: Int
  public var range: SourceRange

  public init(name: String, arguments: [Int] = [], arrayDepth: Int = 0, range: SourceRange) {
    self.name = name
    self.arguments = arguments
    self.arrayDepth = arrayDepth
    self.range = range
  }
}

public struct DropTable: Hashable, Sendable {
  public var names: [QualifiedName]
  public var ifExists: Bool
  public var range: SourceRange

  public init(names: [QualifiedName], ifExists: Bool, range: SourceRange) {
    self.names = names
    self.ifExists = ifExists
    self.range = range
  }
}

public struct Insert: Hashable, Sendable {
  public var table: QualifiedName
  public var columns: [Identifier]
  public var query: Query
  public var range: SourceRange

  public init(table: QualifiedName, columns: [Identifier], query: Query, range: SourceRange) {
    self.table = table
    self.columns = columns
    self.query = query
    self.range = range
  }
}

/// `UPDATE t [AS alias] SET a = expression, … [WHERE condition]`.
public struct Update: Hashable, Sendable {
  public struct Assignment: Hashable, Sendable {
    public var column: Identifier
    /// Nil: DEFAULT.
    public var value: Expression?
  }

  public var table: QualifiedName
  public var alias: Identifier?
  public var assignments: [Assignment]
  public var condition: Expression?
  public var range: SourceRange
}

/// `DELETE FROM t [AS alias] [WHERE condition]`.
public struct Delete: Hashable, Sendable {
  public var table: QualifiedName
  public var alias: Identifier?
  public var condition: Expression?
  public var range: SourceRange

  public init(
    table: QualifiedName, alias: Identifier?, condition: Expression?, range: SourceRange
  ) {
    self.table = table
    self.alias = alias
    self.condition = condition
    self.range = range
  }
}

/// `COPY t [(columns)] FROM 'file' [(options)]`, `COPY t TO 'file'`, `COPY (query) TO 'file'`.
public struct Copy: Hashable, Sendable {
  public enum Subject: Hashable, Sendable {
    case table(QualifiedName, columns: [Identifier])
    case query(Query)
  }

  public enum Target: Hashable, Sendable {
    case file(String, SourceRange)
    case standardStream
  }

  public var subject: Subject
  public var isFrom: Bool
  public var target: Target
  public var options: [FileOption]
  public var range: SourceRange

  public init(
    subject: Subject, isFrom: Bool, target: Target, options: [FileOption], range: SourceRange
  ) {
    self.subject = subject
    self.isFrom = isFrom
    self.target = target
    self.options = options
    self.range = range
  }
}

public struct Explain: Hashable, Sendable {
  public var isAnalyze: Bool
  /// `EXPLAIN (FRAGMENTS n)`: the query cut into so many statements.
  public var fragmentCount: String?
  public var statement: Query
  public var range: SourceRange

  public init(
    isAnalyze: Bool, fragmentCount: String? = nil, statement: Query, range: SourceRange
  ) {
    self.isAnalyze = isAnalyze
    self.fragmentCount = fragmentCount
    self.statement = statement
    self.range = range
  }
}

/// `FRAGMENT number OF count AT 'snapshot' query`: what one of the parts of a query has so far.
public struct Fragment: Hashable, Sendable {
  /// Digits, from 1 on.
  public var number: String
  public var count: String
  public var snapshot: String
  public var query: Query
  public var range: SourceRange

  public init(number: String, count: String, snapshot: String, query: Query, range: SourceRange) {
    self.number = number
    self.count = count
    self.snapshot = snapshot
    self.query = query
    self.range = range
  }
}

/// `SET name = value`, `SET name TO value`; nil value: DEFAULT (also `RESET name`).
public struct SetVariable: Hashable, Sendable {
  public var name: Identifier
  public var value: Literal?
  public var range: SourceRange

  public init(name: Identifier, value: Literal?, range: SourceRange) {
    self.name = name
    self.value = value
    self.range = range
  }
}

/// `SHOW name` or, with nil, `SHOW ALL`.
public struct ShowVariable: Hashable, Sendable {
  public var name: Identifier?
  public var range: SourceRange

  public init(name: Identifier?, range: SourceRange) {
    self.name = name
    self.range = range
  }
}
